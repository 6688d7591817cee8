#include "engine/batch_queue.h"

#include <utility>

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

namespace skein::engine {

bool BatchQueue::Admit(uint64_t position, Wake wake) {
  std::lock_guard lock(mu_);
  bool in_turn = position <= turn_;
  bool room = in_turn ? ready_bytes_ < limit_ : ahead_bytes_ < limit_;
  if (!room) (in_turn ? waiting_for_room_ : waiting_for_turn_).push_back(std::move(wake));
  return room;
}

void BatchQueue::Park(Wake wake) {
  std::lock_guard lock(mu_);
  waiting_for_room_.push_back(std::move(wake));
}

void BatchQueue::Push(uint64_t position, std::shared_ptr<arrow::RecordBatch> batch) {
  size_t bytes = static_cast<size_t>(arrow::util::TotalBufferSize(*batch));
  std::lock_guard lock(mu_);
  touched_ = true;
  if (position <= turn_) {
    ready_bytes_ += bytes;
    ready_.push_back({std::move(batch), bytes});
    changed_.notify_one();
  } else {
    ahead_bytes_ += bytes;
    ahead_[position].push_back({std::move(batch), bytes});
  }
}

bool BatchQueue::TakeTurns() {
  bool moved = false;
  while (!ahead_.empty() && ahead_.begin()->first <= turn_) {
    for (Piece& piece : ahead_.begin()->second) {
      ahead_bytes_ -= piece.bytes;
      ready_bytes_ += piece.bytes;
      ready_.push_back(std::move(piece));
    }
    ahead_.erase(ahead_.begin());
    moved = true;
  }
  return moved;
}

void BatchQueue::Advance(uint64_t position) {
  std::vector<Wake> wakes;
  {
    std::lock_guard lock(mu_);
    if (position <= turn_) return;
    turn_ = position;
    if (TakeTurns()) changed_.notify_one();
    wakes = std::exchange(waiting_for_turn_, {});
  }
  for (const Wake& wake : wakes) wake();
}

void BatchQueue::Finish() {
  std::lock_guard lock(mu_);
  turn_ = UINT64_MAX;
  TakeTurns();
  finished_ = true;
  changed_.notify_one();
}

bool BatchQueue::untouched() const {
  std::lock_guard lock(mu_);
  return !touched_;
}

std::shared_ptr<arrow::RecordBatch> BatchQueue::Pop() {
  std::shared_ptr<arrow::RecordBatch> batch;
  std::vector<Wake> wakes;
  {
    std::lock_guard lock(mu_);
    if (!ready_.empty()) {
      batch = std::move(ready_.front().batch);
      ready_bytes_ -= ready_.front().bytes;
      ready_.pop_front();
    }
    // Half empty, so that writers are not woken for each batch.
    if (ready_bytes_ <= limit_ / 2) wakes = std::exchange(waiting_for_room_, {});
  }
  for (const Wake& wake : wakes) wake();
  return batch;
}

void BatchQueue::Wait(std::chrono::microseconds timeout) {
  std::unique_lock lock(mu_);
  changed_.wait_for(lock, timeout, [&] { return finished_ || !ready_.empty(); });
}

}  // namespace skein::engine
