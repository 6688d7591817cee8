#pragma once

#include <memory>
#include <mutex>

#include "common/timer.h"
#include "net/stream.h"
#include "session/session.h"

namespace skein::frontends::http {

/// While it lives, a client that goes away ends what `session` runs: nobody else would notice while
/// nothing is written. Looks a few times a second, on the timer's thread.
class PeerWatch {
 public:
  /// All three outlive it.
  PeerWatch(Timer* timer, const net::Stream* stream, session::Session* session);
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

 private:
  void Arm();

  Timer* timer_;
  const net::Stream* stream_;
  session::Session* session_;
  std::mutex mu_;
  Timer::Id next_ = 0;  // guarded by mu_
  bool ended_ = false;  // guarded by mu_
};

}  // namespace skein::frontends::http
