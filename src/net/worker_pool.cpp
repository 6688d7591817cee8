#include "net/worker_pool.h"

#include <algorithm>
#include <system_error>

#include <pthread.h>

namespace skein::net {

WorkerPool::WorkerPool(std::string name, size_t max_threads, std::chrono::milliseconds idle_timeout)
    : name_(name.substr(0, 15)),
      max_threads_(std::max<size_t>(max_threads, 1)),
      idle_timeout_(idle_timeout) {}

WorkerPool::~WorkerPool() {
  Workers finished;
  {
    std::unique_lock lock(mu_);
    stopping_ = true;
    for (auto& worker : idle_) worker->wake.notify_one();
    all_ended_.wait(lock, [&] { return workers_.empty(); });
    finished.swap(finished_);
  }
  JoinFinished(std::move(finished));
}

void WorkerPool::JoinFinished(Workers finished) {
  for (Worker& worker : finished) worker.thread.join();
}

void WorkerPool::Submit(Task task, size_t max_threads) {
  Workers finished;
  {
    std::lock_guard lock(mu_);
    finished.swap(finished_);
    if (!idle_.empty()) {
      Workers::iterator worker = idle_.back();
      idle_.pop_back();
      worker->task = std::move(task);
      worker->wake.notify_one();
    } else if (workers_.size() >= std::min(max_threads_, std::max<size_t>(max_threads, 1))) {
      queue_.push_back(std::move(task));
    } else {
      workers_.emplace_back();
      Workers::iterator self = std::prev(workers_.end());
      self->task = std::move(task);
      try {
        self->thread = std::thread([this, self] { Run(self); });
      } catch (const std::system_error&) {
        // The machine gives no more threads: the task waits for one of those that are there.
        queue_.push_back(std::move(self->task));
        workers_.erase(self);
      }
    }
  }
  JoinFinished(std::move(finished));
}

size_t WorkerPool::threads() const {
  std::lock_guard lock(mu_);
  return workers_.size();
}

void WorkerPool::Run(Workers::iterator self) {
  pthread_setname_np(pthread_self(), name_.c_str());
  std::unique_lock lock(mu_);
  for (;;) {
    Task task = std::move(self->task);
    self->task = nullptr;
    if (!task && !queue_.empty()) {
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    if (task) {
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
      continue;
    }
    if (stopping_) break;
    idle_.push_back(self);
    self->wake.wait_for(lock, idle_timeout_, [&] { return self->task || stopping_; });
    if (self->task) continue;
    // Submit takes a worker off the list when it gives it a task, so without one we are still on
    // it.
    std::erase(idle_, self);
    if (!stopping_) break;
  }
  // std::thread cannot join itself: the next Submit or the destructor does.
  finished_.splice(finished_.end(), workers_, self);
  if (workers_.empty()) all_ended_.notify_all();
}

}  // namespace skein::net
