#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "common/status.h"

namespace arrow {
class RecordBatch;
}

namespace skein::results {

/// What all kept results together may hold. Thread-safe.
class StoreBudget {
 public:
  StoreBudget(int64_t memory, int64_t disk) : memory_limit_(memory), disk_limit_(disk) {}

  /// False when there is no room; what was taken is given back.
  bool TakeMemory(int64_t bytes) { return Take(&memory_, memory_limit_, bytes); }
  bool TakeDisk(int64_t bytes) { return Take(&disk_, disk_limit_, bytes); }
  bool HasMemory(int64_t bytes) const { return memory_ + bytes <= memory_limit_; }
  void AddDisk(int64_t bytes) { disk_ += bytes; }
  void GiveMemory(int64_t bytes) { memory_ -= bytes; }
  void GiveDisk(int64_t bytes) { disk_ -= bytes; }

  int64_t memory() const { return memory_; }
  int64_t disk() const { return disk_; }

 private:
  static bool Take(std::atomic<int64_t>* used, int64_t limit, int64_t bytes) {
    if (used->fetch_add(bytes) + bytes <= limit) return true;
    *used -= bytes;
    return false;
  }
  const int64_t memory_limit_;
  const int64_t disk_limit_;
  std::atomic<int64_t> memory_{0};
  std::atomic<int64_t> disk_{0};
};

class BatchStore;

/// A batch that is kept: in memory, or in its store's file. Gives its room back when it goes;
/// must be gone before the budget, not before the store. Any number of threads may load it at once.
class StoredBatch {
 public:
  ~StoredBatch();
  StoredBatch(const StoredBatch&) = delete;
  StoredBatch& operator=(const StoredBatch&) = delete;

  Result<std::shared_ptr<arrow::RecordBatch>> Load() const;
  int64_t rows() const { return rows_; }

 private:
  friend class BatchStore;
  StoredBatch() = default;

  std::shared_ptr<StoreBudget> budget_;
  std::shared_ptr<arrow::RecordBatch> batch_;  ///< null: it is in the file
  std::shared_ptr<int> file_;
  int64_t offset_ = 0;
  int64_t size_ = 0;
  int64_t rows_ = 0;
};

/// Where one result's batches are kept: in memory while the budget has room, then in a file of
/// `directory` that is gone from its folder already, so that it goes with the process whatever
/// happens. Thread-safe.
class BatchStore {
 public:
  BatchStore(std::shared_ptr<StoreBudget> budget, std::string directory)
      : budget_(std::move(budget)), directory_(std::move(directory)) {}

  /// nullptr: there is no room, neither in memory nor, with `disk`, in the file.
  Result<std::shared_ptr<const StoredBatch>> Keep(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                  bool disk);

 private:
  Status Write(const arrow::RecordBatch& batch, StoredBatch* stored);

  const std::shared_ptr<StoreBudget> budget_;
  const std::string directory_;
  std::mutex mu_;
  std::shared_ptr<int> file_;  // guarded by mu_
  int64_t end_ = 0;            // guarded by mu_
};

}  // namespace skein::results
