#include "frontends/http/peer_watch.h"

namespace skein::frontends::http {

PeerWatch::PeerWatch(Timer* timer, const net::Stream* stream, session::Session* session)
    : timer_(timer), stream_(stream), session_(session) {
  Arm();
}

PeerWatch::~PeerWatch() {
  Timer::Id next;
  {
    std::lock_guard lock(mu_);
    ended_ = true;
    next = next_;
  }
  timer_->Remove(next);
}

void PeerWatch::Arm() {
  std::lock_guard lock(mu_);
  if (ended_) return;
  next_ = timer_->At(Clock::now() + std::chrono::milliseconds(100), [this] {
    if (stream_->PeerGone()) session_->CancelCurrent(errors::ConnectionLost("the client is gone"));
    Arm();
  });
}

}  // namespace skein::frontends::http
