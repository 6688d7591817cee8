// Input: a byte that says in what pieces the rest comes, and the data of a binary COPY. What is
// read must not depend on the pieces.
#include <cstdint>
#include <string_view>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "common/utf8.h"
#include "property.h"
#include "results/copy_decoder.h"

namespace {

using namespace skein;           // NOLINT(google-build-using-namespace)
using namespace skein::results;  // NOLINT(google-build-using-namespace)

struct Outcome {
  Status status;
  std::shared_ptr<arrow::RecordBatch> batch;
};

Outcome Read(std::string_view data, size_t piece) {
  std::vector<CopyTarget> targets;
  for (const char* type :
       {"INTEGER", "VARCHAR", "DECIMAL(10,2)", "DATE", "TIMESTAMP", "UUID", "INTERVAL", "BIT",
        "INTEGER[]", "VARCHAR[][]", "HUGEINT", "BOOLEAN", "TIME WITH TIME ZONE", "BLOB"}) {
    targets.push_back({type, *ParseDuckDbType(type), false});
  }
  CopyLayout layout;
  layout.format = CopyFormat::kBinary;
  auto decoder = CopyDecoder::Make({.table = "t", .columns = targets, .layout = layout});
  PROPERTY(decoder.ok());
  Status status;
  for (size_t at = 0; at < data.size() && status.ok(); at += piece)
    status = (*decoder)->Feed(data.substr(at, piece));
  if (status.ok()) status = (*decoder)->Finish();
  if (!status.ok()) {
    PROPERTY(IsValidUtf8(status.message()));
    return {status, nullptr};
  }
  auto rows = (*decoder)->Take();
  PROPERTY(rows.ok());
  PROPERTY(rows->batch->ValidateFull().ok());
  return {status, rows->batch};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Outcome whole = Read(bytes, bytes.size() + 1);
  Outcome cut = Read(bytes, size_t{data[0]} % 32 + 1);
  PROPERTY(whole.status.ToString() == cut.status.ToString());
  PROPERTY(whole.status.context() == cut.status.context());
  if (whole.status.ok()) PROPERTY(whole.batch->Equals(*cut.batch));
  return 0;
}
