#include "engine/task_threads.h"

#include "duckdb/main/database.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include <pthread.h>

#include "engine/freed_memory.h"

namespace skein::engine {

TaskThreads::TaskThreads(duckdb::DatabaseInstance& database, size_t count) : database_(database) {
  if (count == 0) return;
  threads_.reserve(count + 1);
  for (size_t i = 0; i < count; ++i) threads_.emplace_back([this] { Run(); });
  threads_.emplace_back([this] { Tend(); });
}

TaskThreads::~TaskThreads() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    working_ = false;
  }
  wanted_.notify_all();
  used_.notify_all();
  if (!threads_.empty()) duckdb::TaskScheduler::GetScheduler(database_).Signal(threads_.size() - 1);
  for (std::thread& thread : threads_) thread.join();
}

TaskThreads::Engagement TaskThreads::Engage() {
  if (threads_.empty()) return {};
  std::lock_guard lock(mu_);
  ++engaged_;
  if (!working_) {
    working_ = true;
    wanted_.notify_all();
  }
  if (!tended_) {
    tended_ = true;
    used_.notify_one();
  }
  return Engagement(this);
}

void TaskThreads::Release() {
  std::lock_guard lock(mu_);
  if (--engaged_ == 0) released_ = Clock::now();
}

void TaskThreads::Run() {
  pthread_setname_np(pthread_self(), "engine");
  auto& scheduler = duckdb::TaskScheduler::GetScheduler(database_);
  while (true) {
    {
      std::unique_lock lock(mu_);
      wanted_.wait(lock, [&] { return working_ || stopping_; });
      if (stopping_) return;
    }
    scheduler.ExecuteForever(&working_);
  }
}

void TaskThreads::Tend() {
  pthread_setname_np(pthread_self(), "engine-idle");
  auto& scheduler = duckdb::TaskScheduler::GetScheduler(database_);
  std::unique_lock lock(mu_);
  auto sleep_until = [&](Clock::time_point time) {
    used_.wait_until(lock, time, [&] { return stopping_; });
  };
  while (true) {
    used_.wait(lock, [&] { return tended_ || stopping_; });
    if (stopping_) return;
    const auto now = Clock::now();
    if (engaged_ > 0) {
      sleep_until(now + kLinger);
    } else if (now < released_ + kLinger) {
      sleep_until(released_ + kLinger);
    } else if (working_) {
      working_ = false;
      scheduler.Signal(threads_.size() - 1);
    } else if (now < released_ + kIdle) {
      sleep_until(released_ + kIdle);
    } else {
      tended_ = false;
      lock.unlock();
      ReturnFreedMemory();
      lock.lock();
    }
  }
}

}  // namespace skein::engine
