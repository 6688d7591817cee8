#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/status.h"
#include "results/batch_store.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace skein::session {

/// Rows that were read once and may be asked for again, by their number: the first kMemory bytes in
/// memory, the rest in a file that is gone from its folder already. Not thread-safe.
class RowStore {
 public:
  static constexpr int64_t kMemory = int64_t{16} << 20;

  explicit RowStore(std::string directory);

  Status Append(const std::shared_ptr<arrow::RecordBatch>& batch);
  int64_t rows() const { return rows_; }
  /// At least one and at most `limit` rows from number `first` (from 0) on. Precondition: first <
  /// rows(), limit > 0.
  Result<std::shared_ptr<arrow::RecordBatch>> Read(int64_t first, int64_t limit);

 private:
  struct Part {
    int64_t first = 0;
    std::shared_ptr<const results::StoredBatch> batch;
  };

  results::BatchStore store_;
  std::vector<Part> parts_;
  int64_t rows_ = 0;
  /// The part that was read last: rows are asked for one after the other.
  size_t loaded_part_ = 0;
  std::shared_ptr<arrow::RecordBatch> loaded_;
};

}  // namespace skein::session
