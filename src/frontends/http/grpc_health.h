#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace skein::frontends::http {

/// What HTTP/2 clients send first. No request of HTTP/1 begins like it.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The server's half of one HTTP/2 connection on which gRPC's health service is asked
/// (grpc.health.v1.Health: Check and Watch), and nothing else.
///
/// A codec: bytes in, bytes out, no socket; HTTP/2 itself is nghttp2's. Other methods are answered
/// UNIMPLEMENTED, requests that are not gRPC's with 415. A client may have kMaxStreams calls open,
/// and a call may send kMaxMessage bytes. Not thread-safe.
class GrpcHealth {
 public:
  static constexpr uint32_t kMaxStreams = 100;
  static constexpr size_t kMaxMessage = 4096;

  /// Whether the service of that name serves; nullopt: there is none. "" is the whole server.
  using Lookup = std::function<std::optional<bool>(std::string_view service)>;

  explicit GrpcHealth(Lookup lookup);
  ~GrpcHealth();

  /// Takes what the client sent, its preface first. False: the connection is over, as what came is
  /// not HTTP/2 or too much of it; what TakeOutput still gives says so to the client.
  bool Receive(std::string_view bytes);
  /// Tells the watchers of services whose state is another one now.
  void StateChanged();
  /// Ends the watchers' calls (UNAVAILABLE) and says that the connection ends.
  void Stop();
  /// What is to be sent to the client.
  std::string TakeOutput();
  /// Both sides have said all: the connection can be closed.
  bool finished() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace skein::frontends::http
