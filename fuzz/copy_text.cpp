// Input: a byte that chooses the layout, a byte that says in what pieces the rest comes, and the
// data. What is read must not depend on the pieces, and what was read must come out of the encoder
// as data that reads the same.
#include <cstdint>
#include <string>
#include <string_view>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "common/utf8.h"
#include "property.h"
#include "results/copy_decoder.h"
#include "results/copy_encoder.h"

namespace {

using namespace skein;           // NOLINT(google-build-using-namespace)
using namespace skein::results;  // NOLINT(google-build-using-namespace)

struct Outcome {
  Status status;
  std::shared_ptr<arrow::RecordBatch> batch;
  std::vector<int64_t> lines;
};

Outcome Read(const CopyLayout& layout, std::string_view data, size_t piece) {
  std::vector<CopyTarget> targets = {{"a", *ParseDuckDbType("VARCHAR"), false},
                                     {"b", *ParseDuckDbType("VARCHAR"), true}};
  auto decoder = CopyDecoder::Make({.table = "t", .columns = targets, .layout = layout});
  PROPERTY(decoder.ok());
  Status status;
  for (size_t at = 0; at < data.size() && status.ok(); at += piece)
    status = (*decoder)->Feed(data.substr(at, piece));
  if (status.ok()) status = (*decoder)->Finish();
  if (!status.ok()) {
    PROPERTY(IsValidUtf8(status.message()));
    PROPERTY(status.context().substr(0, 12) == "COPY t, line");
    return {status, nullptr, {}};
  }
  auto rows = (*decoder)->Take();
  PROPERTY(rows.ok());
  PROPERTY(rows->batch->ValidateFull().ok());
  PROPERTY(rows->lines.size() == static_cast<size_t>(rows->batch->num_rows()));
  return {status, rows->batch, rows->lines};
}

CopyLayout LayoutNumber(uint8_t choice, CopyDirection direction) {
  CopyLayout::Request request;
  bool from = direction == CopyDirection::kFrom;
  if (choice & 1) {
    request.format = CopyFormat::kCsv;
    if (choice & 2) request.escape = "\\";
    if (choice & 4) request.quote = "'";
    if ((choice & 32) && from) request.force_not_null.all = true;
  }
  if (choice & 8) request.delimiter = "|";
  if (choice & 16) request.null_text = "NIL";
  if ((choice & 64) && from) request.default_text = "DEF";
  if (choice & 128) request.header = CopyHeader::kWrite;
  auto layout = CopyLayout::Make(direction, request);
  PROPERTY(layout.ok());
  return *layout;
}

std::string Write(const arrow::RecordBatch& batch, const CopyLayout& layout) {
  auto encoder = CopyEncoder::Make(*batch.schema(), layout, {});
  PROPERTY(encoder.ok());
  std::string messages;
  (*encoder)->Begin(&messages);
  for (int64_t at = 0; at < batch.num_rows();) {
    int64_t rows = 0;
    PROPERTY((*encoder)->Append(batch, at, 100, &messages, &rows).ok() && rows > 0);
    at += rows;
  }
  (*encoder)->End(&messages);
  std::string data;
  for (size_t at = 0; at < messages.size();) {
    size_t length = 0;
    for (size_t i = 1; i <= 4; ++i)
      length = length << 8 | static_cast<unsigned char>(messages[at + i]);
    data += messages.substr(at + 5, length - 4);
    at += 1 + length;
  }
  return data;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  CopyLayout layout = LayoutNumber(data[0], CopyDirection::kFrom);
  Outcome whole = Read(layout, bytes, bytes.size() + 1);
  Outcome cut = Read(layout, bytes, size_t{data[1]} % 32 + 1);
  PROPERTY(whole.status.ToString() == cut.status.ToString());
  PROPERTY(whole.status.context() == cut.status.context());
  if (!whole.status.ok()) return 0;
  PROPERTY(whole.batch->Equals(*cut.batch) && whole.lines == cut.lines);
  // Defaults have no value to write.
  if (layout.default_text) return 0;
  std::string again = Write(*whole.batch, LayoutNumber(data[0], CopyDirection::kTo));
  Outcome read_again = Read(LayoutNumber(data[0] & ~32u, CopyDirection::kFrom), again, 1000);
  PROPERTY(read_again.status.ok());
  PROPERTY(whole.batch->Equals(*read_again.batch));
  return 0;
}
