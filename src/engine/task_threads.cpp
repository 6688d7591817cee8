#include "engine/task_threads.h"

#include "duckdb/main/database.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include <pthread.h>

#include "engine/freed_memory.h"

namespace skein::engine {

TaskThreads::TaskThreads(duckdb::DatabaseInstance& database, size_t count) : database_(database) {
  threads_.reserve(count);
  for (size_t i = 0; i < count; ++i) threads_.emplace_back([this] { Run(); });
}

TaskThreads::~TaskThreads() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    working_ = false;
  }
  wanted_.notify_all();
  duckdb::TaskScheduler::GetScheduler(database_).Signal(threads_.size());
  for (std::thread& thread : threads_) thread.join();
}

TaskThreads::Engagement TaskThreads::Engage() {
  if (threads_.empty()) return {};
  std::lock_guard lock(mu_);
  if (engaged_++ == 0) {
    working_ = true;
    wanted_.notify_all();
  }
  return Engagement(this);
}

void TaskThreads::Release() {
  std::lock_guard lock(mu_);
  if (--engaged_ > 0) return;
  working_ = false;
  duckdb::TaskScheduler::GetScheduler(database_).Signal(threads_.size());
}

void TaskThreads::Run() {
  pthread_setname_np(pthread_self(), "engine");
  auto& scheduler = duckdb::TaskScheduler::GetScheduler(database_);
  while (true) {
    {
      std::unique_lock lock(mu_);
      auto called = [&] { return engaged_ > 0 || stopping_; };
      if (!tidy_ && !wanted_.wait_for(lock, kIdle, called) && !std::exchange(tidy_, true)) {
        lock.unlock();
        ReturnFreedMemory();
        lock.lock();
      }
      wanted_.wait(lock, called);
      if (stopping_) return;
      tidy_ = false;
    }
    scheduler.ExecuteForever(&working_);
  }
}

}  // namespace skein::engine
