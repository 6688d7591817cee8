#pragma once

#include <functional>
#include <memory>

#include "common/timer.h"

namespace arrow::flight {
class ServerCallContext;
}

namespace skein::frontends::flightsql {

/// Looks now and then, for as long as it lives, whether the caller went away, and then calls
/// `on_gone` once.
///
/// gRPC tells of it only when asked, and the thread that serves the call may be waiting inside the
/// engine. `on_gone` runs on the timer's thread and must be short. When the destructor returns it
/// is not running and never will.
class CallWatch {
 public:
  CallWatch(Timer* timer, const arrow::flight::ServerCallContext* context,
            std::function<void()> on_gone);
  ~CallWatch();
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

 private:
  struct State;
  static void Arm(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace skein::frontends::flightsql
