#include "frontends/http/health_connection.h"

namespace skein::frontends::http {
namespace {

/// All that is ever sent fits into the kernel's buffer, unless the client does not read.
constexpr std::chrono::seconds kWriteTimeout{1};

}  // namespace

HealthConnection::HealthConnection(DoorState* state, net::Stream* stream, std::string_view received)
    : state_(state), stream_(stream), health_(state->dependencies.serves) {
  broken_ = !health_.Receive(received);
  std::lock_guard lock(state_->health.mu);
  state_->health.connections.insert(this);
}

HealthConnection::~HealthConnection() {
  std::lock_guard lock(state_->health.mu);
  state_->health.connections.erase(this);
}

Status HealthConnection::SendLocked() {
  std::string output = health_.TakeOutput();
  if (output.empty()) return Status::OK();
  return stream_->Write(output, Clock::now() + kWriteTimeout);
}

net::Next HealthConnection::Serve() {
  char buffer[4096];
  for (;;) {
    std::lock_guard lock(mu_);
    if (!SendLocked().ok() || broken_ || health_.finished()) return net::Next::kClose;
    auto readable = stream_->WaitReadable(Clock::now());
    if (!readable.ok()) return net::Next::kClose;
    if (!*readable) return net::Next::kPark;
    auto got = stream_->Read(buffer, sizeof(buffer), Clock::now() + kWriteTimeout);
    if (!got.ok()) return net::Next::kClose;
    if (*got == 0) {
      health_.Stop();
      (void)SendLocked();
      return net::Next::kClose;
    }
    broken_ = !health_.Receive({buffer, *got});
  }
}

void HealthConnection::StateChanged() {
  std::lock_guard lock(mu_);
  health_.StateChanged();
  if (!SendLocked().ok()) stream_->Abort();
}

}  // namespace skein::frontends::http
