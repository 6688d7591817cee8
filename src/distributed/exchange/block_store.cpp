#include "distributed/exchange/block_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace skein::distributed {

namespace {

Status DiskError(const std::string& what, const std::string& dir) {
  Status status = errno == ENOSPC || errno == EDQUOT
                      ? Status(StatusCode::kResourceExhausted, "53100",
                               "the disk of " + dir + " is full: " + what)
                      : errors::IoError(what + " in " + dir + ": " + std::strerror(errno));
  return std::move(status).WithOrigin(Origin::kServer);
}

}  // namespace

BlockStore::BlockStore(size_t memory_limit, std::string spill_dir)
    : memory_limit_(memory_limit), spill_dir_(std::move(spill_dir)) {}

BlockStore::~BlockStore() {
  if (file_ >= 0) close(file_);
}

class BlockStore::OutputImpl : public BlockStore::Output {
 public:
  OutputImpl(BlockStore* store, uint32_t stage, uint32_t task, uint32_t partitions)
      : store_(store),
        stage_(stage),
        task_(task),
        partitions_(std::make_shared<Partitions>(partitions)) {}

  ~OutputImpl() override {
    if (partitions_) store_->Release(*partitions_);
  }

  bool takes_rows() const override { return true; }

  Status Append(uint32_t partition, Block block) override {
    SKEIN_ASSIGN_OR_RETURN(Stored stored, store_->Keep(std::move(block)));
    if (stored.on_disk) spilled_ += stored.block.size;
    std::lock_guard lock(mu_);
    (*partitions_)[partition].push_back(std::move(stored));
    return Status::OK();
  }

  void Commit() override {
    std::lock_guard lock(store_->mu_);
    store_->stages_[stage_][task_] = std::move(partitions_);
  }

  uint64_t spilled_bytes() const override { return spilled_; }

 private:
  BlockStore* store_;
  uint32_t stage_;
  uint32_t task_;
  std::atomic<uint64_t> spilled_{0};
  std::mutex mu_;
  std::shared_ptr<Partitions> partitions_;  // its vectors are guarded by mu_
};

class BlockStore::ReaderImpl : public BlockReader {
 public:
  ReaderImpl(const BlockStore* store, std::vector<Stored> blocks)
      : store_(store), blocks_(std::move(blocks)) {}

  Result<bool> Next(Block* block) override {
    size_t index = next_.fetch_add(1);
    if (index >= blocks_.size()) return false;
    SKEIN_ASSIGN_OR_RETURN(*block, store_->Load(blocks_[index]));
    return true;
  }

  size_t size() const override { return blocks_.size(); }

 private:
  const BlockStore* store_;
  std::vector<Stored> blocks_;
  std::atomic<size_t> next_{0};
};

std::unique_ptr<BlockStore::Output> BlockStore::OpenOutput(uint32_t stage, uint32_t task,
                                                           uint32_t partitions) {
  return std::make_unique<OutputImpl>(this, stage, task, partitions);
}

Result<BlockStore::Stored> BlockStore::Keep(Block block) {
  if (in_memory_.fetch_add(block.size) + block.size <= memory_limit_)
    return Stored{std::move(block), 0, false};
  in_memory_.fetch_sub(block.size);
  if (block.unwritten) block = block.unwritten->Write();
  {
    std::lock_guard lock(mu_);
    if (file_ < 0) {
      file_ = open(spill_dir_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
      if (file_ < 0) return DiskError("exchanged data cannot be put aside", spill_dir_);
    }
  }
  uint64_t offset = file_end_.fetch_add(block.size);
  for (size_t done = 0; done < block.size;) {
    ssize_t n =
        pwrite(file_, block.data + done, block.size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return DiskError("exchanged data cannot be written", spill_dir_);
    done += static_cast<size_t>(n);
  }
  spilled_.fetch_add(block.size);
  block.owner.reset();
  block.data = nullptr;
  return Stored{std::move(block), offset, true};
}

Result<Block> BlockStore::Load(const Stored& stored) const {
  if (!stored.on_disk) return stored.block;
  auto bytes = std::make_shared<std::string>(stored.block.size, '\0');
  for (size_t done = 0; done < bytes->size();) {
    ssize_t n = pread(file_, bytes->data() + done, bytes->size() - done,
                      static_cast<off_t>(stored.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return DiskError("exchanged data cannot be read again", spill_dir_);
    done += static_cast<size_t>(n);
  }
  return Block{bytes, bytes->data(), bytes->size(), stored.block.rows};
}

void BlockStore::Release(const Partitions& partitions) {
  size_t bytes = 0;
  for (const auto& partition : partitions) {
    for (const Stored& stored : partition) {
      if (!stored.on_disk) bytes += stored.block.size;
    }
  }
  in_memory_.fetch_sub(bytes);
}

std::vector<BlockStore::Stored> BlockStore::Select(uint32_t stage, ReadMode mode, uint32_t task,
                                                   uint32_t tasks, const Share* share) {
  Share reads{0, 1, 0, 1};
  if (mode == ReadMode::kPartition) reads = share ? *share : Share{task, task + 1, 0, 1};
  std::vector<Stored> selected;
  std::lock_guard lock(mu_);
  for (const auto& [writer, partitions] : stages_[stage]) {
    if (mode == ReadMode::kOwn && writer % tasks != task) continue;
    if (mode == ReadMode::kTask && writer != task) continue;
    if (writer % reads.slices != reads.slice) continue;
    const size_t end = mode == ReadMode::kEvery
                           ? partitions->size()
                           : std::min<size_t>(reads.end_partition, partitions->size());
    for (size_t i = reads.first_partition; i < end; ++i) {
      const auto& blocks = (*partitions)[i];
      selected.insert(selected.end(), blocks.begin(), blocks.end());
    }
  }
  return selected;
}

std::unique_ptr<BlockReader> BlockStore::OpenReader(uint32_t stage, ReadMode mode, uint32_t task,
                                                    uint32_t tasks, const Share* share) {
  return std::make_unique<ReaderImpl>(this, Select(stage, mode, task, tasks, share));
}

uint64_t BlockStore::CountRows(uint32_t stage, ReadMode mode, uint32_t task, uint32_t tasks,
                               const Share* share) {
  uint64_t rows = 0;
  for (const Stored& stored : Select(stage, mode, task, tasks, share)) rows += stored.block.rows;
  return rows;
}

void BlockStore::Drop(uint32_t stage) {
  StagePartitions dropped;
  {
    std::lock_guard lock(mu_);
    auto found = stages_.find(stage);
    if (found == stages_.end()) return;
    dropped = std::move(found->second);
    stages_.erase(found);
  }
  for (const auto& [task, partitions] : dropped) Release(*partitions);
}

}  // namespace skein::distributed
