#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "common/status.h"

namespace skein::frontends::flightsql {

/// Threads that run queries which nobody waits for in a call. Whoever starts one sees to it that it
/// can be ended before Join. Thread-safe.
class BackgroundRuns {
 public:
  static constexpr size_t kMaxRuns = 256;

  ~BackgroundRuns() { Join(); }

  /// 53400 when too many run already, 57P01 after Join.
  Status Start(std::function<void()> run);
  /// Waits for those that have ended.
  void Reap();
  /// Waits for all of them; nothing is started any more.
  void Join();

 private:
  struct Run {
    std::thread thread;
    bool done = false;
  };
  std::list<Run> TakeDoneLocked(bool all);

  std::mutex mu_;
  std::list<Run> runs_;   // guarded by mu_
  bool stopped_ = false;  // guarded by mu_
};

}  // namespace skein::frontends::flightsql
