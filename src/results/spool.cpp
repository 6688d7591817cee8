#include "results/spool.h"

#include <deque>
#include <limits>

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include "results/batch_store.h"

namespace skein::results {
namespace {

/// Batches that were kept, in their order, each until it is read; then how their source ended.
class SpooledStream : public BatchStream {
 public:
  explicit SpooledStream(std::shared_ptr<arrow::Schema> schema) : schema_(std::move(schema)) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (!kept_.empty()) {
      auto batch = kept_.front()->Load();
      if (!batch.ok()) {
        kept_.clear();
        end_ = batch.status();
        return end_;
      }
      kept_.pop_front();
      return batch;
    }
    if (!end_.ok()) return end_;
    return std::shared_ptr<arrow::RecordBatch>();
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::deque<std::shared_ptr<const StoredBatch>> kept_;
  Status end_;
};

}  // namespace

Result<std::unique_ptr<BatchStream>> Spool(std::unique_ptr<BatchStream> stream,
                                           const std::string& directory, int64_t max_bytes) {
  auto spooled = std::make_unique<SpooledStream>(stream->schema());
  BatchStore store(std::make_shared<StoreBudget>(kSpoolMemory, std::numeric_limits<int64_t>::max()),
                   directory);
  int64_t bytes = 0;
  while (true) {
    auto batch = stream->Next();
    if (!batch.ok()) {
      spooled->end_ = batch.status();
      break;
    }
    if (!*batch) break;
    bytes += arrow::util::TotalBufferSize(**batch);
    if (bytes > max_bytes) {
      spooled->end_ = Status(StatusCode::kResourceExhausted, "53400",
                             "the result is larger than what may be put aside for another "
                             "statement of the session")
                          .WithHint(
                              "Read it to its end before the next statement, use another "
                              "connection, or give the server more max_spool_size.");
      break;
    }
    SKEIN_ASSIGN_OR_RETURN(auto kept, store.Keep(*batch, true));
    spooled->kept_.push_back(std::move(kept));
  }
  return std::unique_ptr<BatchStream>(std::move(spooled));
}

}  // namespace skein::results
