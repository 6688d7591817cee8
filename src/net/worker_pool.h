#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace skein::net {

/// Threads for work that may block: as many as there is work to run at once, up to a limit, and few
/// when there is little.
///
/// A task goes straight to the thread that became idle last (its caches are warm), to a new thread
/// when none is idle, and waits in order of arrival when the limit is reached. A thread idle for
/// `idle_timeout` ends.
///
/// Lifecycle: the destructor runs what is queued, then joins every thread. Thread-safe.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  /// `name` (at most 15 bytes) is what the threads are called in ps and gdb.
  WorkerPool(std::string name, size_t max_threads, std::chrono::milliseconds idle_timeout);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Does not block. The task must not throw. `max_threads` lowers the limit for this task: it
  /// makes no new thread when there are as many.
  void Submit(Task task, size_t max_threads = SIZE_MAX);

  size_t threads() const;

 private:
  struct Worker {
    std::thread thread;
    std::condition_variable wake;
    Task task;  // guarded by mu_; given by Submit to an idle worker
  };
  using Workers = std::list<Worker>;

  void Run(Workers::iterator self);
  void JoinFinished(Workers finished);

  const std::string name_;
  const size_t max_threads_;
  const std::chrono::milliseconds idle_timeout_;

  mutable std::mutex mu_;
  Workers workers_;                      // guarded by mu_
  Workers finished_;                     // guarded by mu_; ended or about to, to be joined
  std::vector<Workers::iterator> idle_;  // guarded by mu_; the last one became idle last
  std::deque<Task> queue_;               // guarded by mu_; empty unless the limit is reached
  bool stopping_ = false;                // guarded by mu_
  std::condition_variable all_ended_;
};

}  // namespace skein::net
