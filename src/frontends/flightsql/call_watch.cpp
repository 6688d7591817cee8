#include "frontends/flightsql/call_watch.h"

#include <mutex>

#include <arrow/flight/server.h>

namespace skein::frontends::flightsql {
namespace {
constexpr std::chrono::milliseconds kInterval{100};
}

struct CallWatch::State {
  Timer* timer;
  const arrow::flight::ServerCallContext* context;
  std::function<void()> on_gone;

  std::mutex mu;
  bool stopped = false;  // guarded by mu
  Timer::Id id = 0;      // guarded by mu
};

CallWatch::CallWatch(Timer* timer, const arrow::flight::ServerCallContext* context,
                     std::function<void()> on_gone)
    : state_(std::make_shared<State>()) {
  state_->timer = timer;
  state_->context = context;
  state_->on_gone = std::move(on_gone);
  std::lock_guard lock(state_->mu);
  Arm(state_);
}

CallWatch::~CallWatch() {
  Timer::Id id;
  {
    std::lock_guard lock(state_->mu);
    state_->stopped = true;
    id = state_->id;
  }
  state_->timer->Remove(id);
}

// The state's lock is held. Lock order: the state's, then the timer's own.
void CallWatch::Arm(const std::shared_ptr<State>& state) {
  state->id = state->timer->At(Clock::now() + kInterval, [state] {
    std::lock_guard lock(state->mu);
    if (state->stopped) return;
    if (state->context->is_cancelled()) {
      state->stopped = true;
      state->on_gone();
    } else {
      Arm(state);
    }
  });
}

}  // namespace skein::frontends::flightsql
