#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace duckdb {
class DatabaseInstance;
}

namespace skein::engine {

/// The threads that work beside the one which asked, for statements that last.
///
/// DuckDB's own threads wake up for every task of every statement: for a small one that costs more
/// than the statement, which the asking thread has done by then. So DuckDB is told that all threads
/// are ours (`external_threads`), and these sleep until somebody engages them.
///
/// A thread that leaves DuckDB's loop gives back what its allocators have free, page by page, which
/// the next statement pays for. So they stay in it for kLinger after the last engagement; when
/// nobody has engaged them for kIdle, all freed memory of the process goes. One more thread sees to
/// both. Thread-safe; must be gone before the database.
class TaskThreads {
 public:
  /// How long a statement runs on the asking thread alone.
  static constexpr std::chrono::microseconds kPatience{200};
  static constexpr std::chrono::seconds kLinger{1};
  static constexpr std::chrono::seconds kIdle{5};

  TaskThreads(duckdb::DatabaseInstance& database, size_t count);
  ~TaskThreads();

  /// While one of these lives, the threads run DuckDB's tasks, whoever's they are.
  class Engagement {
   public:
    Engagement() = default;
    explicit Engagement(TaskThreads* threads) : threads_(threads) {}
    Engagement(Engagement&& other) noexcept : threads_(std::exchange(other.threads_, nullptr)) {}
    Engagement& operator=(Engagement&& other) noexcept {
      std::swap(threads_, other.threads_);
      return *this;
    }
    ~Engagement() {
      if (threads_) threads_->Release();
    }
    explicit operator bool() const { return threads_; }

   private:
    TaskThreads* threads_ = nullptr;
  };
  [[nodiscard]] Engagement Engage();

  /// A statement begins: every few thousand times this says to engage the threads at once. DuckDB
  /// counts the tasks it has announced to its threads, also those that the asking thread took; only
  /// they count down.
  bool DueToCatchUp() { return statements_.fetch_add(1, std::memory_order_relaxed) % 4096 == 4095; }

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  void Tend();
  void Release();

  duckdb::DatabaseInstance& database_;
  std::atomic<uint64_t> statements_{0};
  std::atomic<bool> working_{false};  // changed with mu_ held
  std::mutex mu_;
  std::condition_variable wanted_;  ///< the threads wait for work
  std::condition_variable used_;    ///< who tends waits for something to tend
  size_t engaged_ = 0;              // guarded by mu_
  Clock::time_point released_;      // guarded by mu_; by the last who engaged
  bool tended_ = false;             // guarded by mu_; who tends will look at released_
  bool stopping_ = false;           // guarded by mu_
  std::vector<std::thread> threads_;
};

}  // namespace skein::engine
