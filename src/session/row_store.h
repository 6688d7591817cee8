#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/status.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace skein::session {

/// Rows that were read once and may be asked for again, by their number: the first kMemory bytes in
/// memory, the rest in a file that is gone from its folder already. Not thread-safe.
class RowStore {
 public:
  static constexpr size_t kMemory = size_t{16} << 20;

  explicit RowStore(std::string directory) : directory_(std::move(directory)) {}
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  Status Append(std::shared_ptr<arrow::RecordBatch> batch);
  int64_t rows() const { return rows_; }
  /// At least one and at most `limit` rows from number `first` (from 0) on. Precondition: first <
  /// rows(), limit > 0.
  Result<std::shared_ptr<arrow::RecordBatch>> Read(int64_t first, int64_t limit);

 private:
  struct Part {
    int64_t first = 0;
    std::shared_ptr<arrow::RecordBatch> batch;  ///< null when it is in the file
    int64_t offset = 0;
    int64_t size = 0;
  };
  Status Write(const arrow::RecordBatch& batch, Part* part);
  Result<std::shared_ptr<arrow::RecordBatch>> Load(const Part& part);

  std::string directory_;
  std::vector<Part> parts_;
  int64_t rows_ = 0;
  size_t in_memory_ = 0;
  int file_ = -1;
  int64_t file_size_ = 0;
  /// The part of the file that was read last: rows are asked for one after the other.
  size_t loaded_part_ = 0;
  std::shared_ptr<arrow::RecordBatch> loaded_;
};

}  // namespace skein::session
