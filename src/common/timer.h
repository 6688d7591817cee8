#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "common/cancellation.h"

namespace skein {

/// One thread that calls things at a time: statement timeouts, idle sessions, ticket expiry.
///
/// Lifecycle: the thread starts with the object and ends with it; what is still scheduled then is
/// dropped. Callbacks run on the timer's thread, outside its lock, one after the other: they must
/// be short (Cancel a token, set a flag). Thread-safe.
class Timer {
 public:
  using Id = uint64_t;

  Timer();
  ~Timer();

  /// Never returns 0.
  Id At(Clock::time_point when, std::function<void()> callback);
  /// When this returns the callback is not running and will not run; unknown or past ids, and 0,
  /// are fine.
  void Remove(Id id);

 private:
  void Run();

  std::mutex mu_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, std::pair<Id, std::function<void()>>>
      entries_;                           // guarded by mu_
  std::map<Id, Clock::time_point> when_;  // guarded by mu_
  Id next_id_ = 1;                        // guarded by mu_
  Id running_ = 0;                        // guarded by mu_
  bool stop_ = false;                     // guarded by mu_
  /// Until when the thread sleeps; the past while it is awake. It is not woken for what comes
  /// later: most entries are removed before their time, and waking it costs more than they do.
  Clock::time_point wakes_at_ = Clock::time_point::min();  // guarded by mu_
  std::thread thread_;
};

}  // namespace skein
