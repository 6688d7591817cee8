#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace arrow {
class RecordBatch;
}

namespace skein::engine {

/// Record batches on their way from the engine's threads to the one reader of a result, in the
/// result's order, bounded in bytes.
///
/// A writer asks for room before it makes rows and is told to wait, without holding a thread, when
/// there is none; it is woken once the reader has taken enough. Results whose order matters give
/// each piece a position (DuckDB's batch index); pieces ahead of their turn are held back, with a
/// bound of their own, so that the piece whose turn it is can always go on. Results without order
/// use position 0 throughout.
///
/// Thread-safe: many writers, one reader. Wakes are called without the lock.
class BatchQueue {
 public:
  using Wake = std::function<void()>;

  /// At most about `limit_bytes` in turn, and as much again ahead of it, plus one batch a writer.
  explicit BatchQueue(size_t limit_bytes) : limit_(limit_bytes) {}

  /// Writer: true when rows of `position` may come now; else `wake` is kept and called later.
  bool Admit(uint64_t position, Wake wake);
  /// Writer: waits for the reader to have seen what is there.
  void Park(Wake wake);
  void Push(uint64_t position, std::shared_ptr<arrow::RecordBatch> batch);
  /// Writer: nothing below `position` will come any more.
  void Advance(uint64_t position);
  /// No rows at all will come any more.
  void Finish();
  /// Nothing was pushed yet: the first rows should not wait for a full batch.
  bool untouched() const;

  /// Reader: work of the writers that the calling thread does from now on it does as the reader.
  void ReadHere() { reader_ = std::this_thread::get_id(); }
  bool read_here() const { return reader_ == std::this_thread::get_id(); }
  /// Reader: the next batch, or null when none is there in turn. Wakes writers when there is room.
  std::shared_ptr<arrow::RecordBatch> Pop();
  /// Reader: waits until Pop would give a batch or Finish was called, at most `timeout`.
  void Wait(std::chrono::microseconds timeout);

 private:
  struct Piece {
    std::shared_ptr<arrow::RecordBatch> batch;
    size_t bytes;
  };
  /// Moves pieces whose turn has come; true when there are some. Under mu_.
  bool TakeTurns();

  const size_t limit_;
  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::deque<Piece> ready_;
  size_t ready_bytes_ = 0;
  std::map<uint64_t, std::vector<Piece>> ahead_;
  size_t ahead_bytes_ = 0;
  uint64_t turn_ = 0;
  bool finished_ = false;
  bool touched_ = false;
  std::vector<Wake> waiting_for_room_;
  std::vector<Wake> waiting_for_turn_;
  std::atomic<std::thread::id> reader_;
};

}  // namespace skein::engine
