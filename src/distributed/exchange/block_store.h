#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/status.h"
#include "distributed/task.h"

namespace skein::distributed {

/// The exchanged data of one query within one process: blocks by stage, task and partition, in
/// memory up to a limit, beyond it in a file that has no name.
///
/// Lifecycle: tasks write through OpenOutput and Commit; when all tasks of a stage have committed
/// it can be read any number of times; Drop when no more readers come. Thread-safe. Readers and
/// outputs must be gone before the store.
class BlockStore {
 public:
  /// `spill_dir` must exist when the limit is passed.
  BlockStore(size_t memory_limit, std::string spill_dir);
  ~BlockStore();
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;

  class Output : public TaskOutputs {
   public:
    /// Makes what was appended visible; without it, it is forgotten.
    virtual void Commit() = 0;
    /// Of what was appended, what is in the file.
    virtual uint64_t spilled_bytes() const = 0;
  };
  std::unique_ptr<Output> OpenOutput(uint32_t stage, uint32_t task, uint32_t partitions);

  /// What task `task` of `tasks` reads of `stage`; with kTask, what the task `task` of it wrote.
  /// `share`: with kPartition, instead of the partition `task`.
  std::unique_ptr<BlockReader> OpenReader(uint32_t stage, ReadMode mode, uint32_t task,
                                          uint32_t tasks, const Share* share = nullptr);
  uint64_t CountRows(uint32_t stage, ReadMode mode, uint32_t task, uint32_t tasks,
                     const Share* share = nullptr);

  void Drop(uint32_t stage);

  uint64_t spilled_bytes() const { return spilled_.load(); }

 private:
  class OutputImpl;
  class ReaderImpl;
  struct Stored {
    Block block;
    uint64_t offset = 0;  // in the file
    bool on_disk = false;
  };
  using Partitions = std::vector<std::vector<Stored>>;
  using StagePartitions = std::map<uint32_t, std::shared_ptr<Partitions>>;  // by task

  Result<Stored> Keep(Block block);
  Result<Block> Load(const Stored& stored) const;
  void Release(const Partitions& partitions);
  std::vector<Stored> Select(uint32_t stage, ReadMode mode, uint32_t task, uint32_t tasks,
                             const Share* share);

  const size_t memory_limit_;
  const std::string spill_dir_;
  std::atomic<size_t> in_memory_{0};
  std::atomic<uint64_t> spilled_{0};
  std::atomic<uint64_t> file_end_{0};
  std::mutex mu_;
  int file_ = -1;                               // opened under mu_, then constant
  std::map<uint32_t, StagePartitions> stages_;  // guarded by mu_
};

}  // namespace skein::distributed
