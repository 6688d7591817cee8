#include "common/timer.h"

namespace skein {

Timer::Timer() : thread_([this] { Run(); }) {}

Timer::~Timer() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Timer::Id Timer::At(Clock::time_point when, std::function<void()> callback) {
  std::lock_guard lock(mu_);
  Id id = next_id_++;
  entries_.emplace(when, std::pair(id, std::move(callback)));
  when_.emplace(id, when);
  if (when < wakes_at_) changed_.notify_all();
  return id;
}

void Timer::Remove(Id id) {
  if (id == 0) return;
  std::unique_lock lock(mu_);
  if (auto it = when_.find(id); it != when_.end()) {
    auto [begin, end] = entries_.equal_range(it->second);
    for (auto entry = begin; entry != end; ++entry) {
      if (entry->second.first == id) {
        entries_.erase(entry);
        break;
      }
    }
    when_.erase(it);
    return;
  }
  // A callback that removes itself would wait for itself.
  if (std::this_thread::get_id() == thread_.get_id()) return;
  changed_.wait(lock, [&] { return running_ != id; });
}

void Timer::Run() {
  std::unique_lock lock(mu_);
  while (!stop_) {
    if (entries_.empty()) {
      wakes_at_ = Clock::time_point::max();
      changed_.wait(lock);
      wakes_at_ = Clock::time_point::min();
      continue;
    }
    auto first = entries_.begin();
    if (first->first > Clock::now()) {
      wakes_at_ = first->first;
      changed_.wait_until(lock, Clock::time_point(wakes_at_));
      wakes_at_ = Clock::time_point::min();
      continue;
    }
    auto [id, callback] = std::move(first->second);
    entries_.erase(first);
    when_.erase(id);
    running_ = id;
    lock.unlock();
    callback();
    callback = nullptr;
    lock.lock();
    running_ = 0;
    changed_.notify_all();
  }
}

}  // namespace skein
