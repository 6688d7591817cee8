#pragma once

#include <mutex>
#include <string_view>

#include "frontends/http/door_state.h"
#include "frontends/http/grpc_health.h"
#include "net/connection_server.h"

namespace skein::frontends::http {

/// The part of a connection of the HTTP door that begins when its client turns out to speak HTTP/2:
/// it asks for gRPC's health service, without a password, as at /ready.
///
/// Serve runs on one thread at a time and never lingers; StateChanged comes from another one, also
/// while the connection is parked, and writes to the client itself.
class HealthConnection {
 public:
  /// `received`: what was read of the client already. The others outlive it.
  HealthConnection(DoorState* state, net::Stream* stream, std::string_view received);
  ~HealthConnection();
  HealthConnection(const HealthConnection&) = delete;
  HealthConnection& operator=(const HealthConnection&) = delete;

  net::Next Serve();
  /// Tells the client when it watches. Blocks for a second at most, with a client that does not
  /// read; its connection is then aborted.
  void StateChanged();

 private:
  Status SendLocked();

  DoorState* const state_;
  net::Stream* const stream_;

  std::mutex mu_;      // taken after HealthWatchers::mu
  GrpcHealth health_;  // guarded by mu_, and so is writing to the stream
  bool broken_ = false;
};

}  // namespace skein::frontends::http
