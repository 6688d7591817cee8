#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "net/connection_server.h"

namespace skein::net {

// What an epoll event is about: the two high bits of its 64 say, the rest is a descriptor or a
// client's id.
enum class EventSource : uint64_t { kClient = 0, kListener = 1, kRejected = 2, kWake = 3 };
inline constexpr int kEventSourceShift = 62;
inline constexpr uint64_t kTagValueMask = (uint64_t{1} << kEventSourceShift) - 1;

inline uint64_t EventTag(EventSource source, uint64_t value) {
  return (static_cast<uint64_t>(source) << kEventSourceShift) | value;
}

struct ConnectionServer::Client {
  uint64_t id = 0;
  Stream* stream = nullptr;  // owned by the connection
  bool parked = true;        // guarded by the server's mu_
  std::atomic<bool> told_shutdown{false};

  // Held while the connection is told something (which must not block), so that Remove cannot
  // destroy it meanwhile. Nobody takes mu_ under it.
  std::mutex connection_mu;
  std::unique_ptr<Connection> connection;  // set until Remove; Serve runs outside the lock
};

}  // namespace skein::net
