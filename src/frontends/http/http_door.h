#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/connection_server.h"
#include "net/tls_context.h"
#include "security/login_policy.h"
#include "session/services.h"

namespace skein::frontends::http {

struct Limits {
  /// Of a request's body.
  size_t max_message_bytes = size_t{256} << 20;
  /// Of a request line with its header fields.
  size_t max_header_bytes = size_t{64} << 10;
  /// From the first byte of a request to the end of its header; also the longest silence within a
  /// body.
  std::chrono::milliseconds header_timeout{30'000};
  /// The whole body.
  std::chrono::milliseconds body_timeout{600'000};
  /// A client that takes no byte of its answer for so long is given up.
  std::chrono::milliseconds write_timeout{300'000};
  /// How long a keep-alive connection stays with its thread before it is parked.
  std::chrono::milliseconds linger{50};
  /// A named session that nobody uses for so long ends.
  std::chrono::milliseconds session_idle{1'800'000};
  /// How long a request waits while another one uses its session.
  std::chrono::milliseconds session_wait{30'000};
  size_t max_sessions = 1'000;
};

enum class TlsMode {
  kOff,
  kOptional,  ///< a client that begins with a TLS handshake gets TLS, others plain HTTP
  kRequired,  ///< plain HTTP is refused
};

/// What the door is made of.
struct Dependencies {
  std::shared_ptr<session::Services> services;
  std::shared_ptr<security::LoginPolicy> policy =
      std::make_shared<security::LoginPolicy>(security::AuthMode::kAuto, nullptr, nullptr);
  /// Null unless tls_mode is kOptional or kRequired.
  std::shared_ptr<const net::TlsContext> tls;
  TlsMode tls_mode = TlsMode::kOff;
  /// The text of /metrics.
  std::function<std::string()> render_metrics;
  /// What /ready says.
  std::function<bool()> ready;
  /// What gRPC's health service says of a service of that name; nullopt: there is none.
  std::function<std::optional<bool>(std::string_view service)> serves;
  /// Name and address of every door, for `/`. May be empty.
  std::function<std::vector<std::pair<std::string, std::string>>()> doors;
  std::string version;
  std::string duckdb_version;
  /// Shown at `/` to clients on this machine only.
  std::string data_dirs;
  std::string docs_url;
  /// What Access-Control-Allow-Origin says. Empty: none is sent, and a request that a browser makes
  /// for a page (it names an Origin) is refused, else any web page could ask the server on its
  /// reader's own machine.
  std::string cors_origin;
  Limits limits;
};

struct DoorState;

/// The HTTP door: makes a connection for each client, and keeps what they share (the named
/// sessions).
///
/// Lifecycle: made before its ConnectionServer and destroyed after it; named sessions end with it.
/// Thread-safe.
class HttpDoor {
 public:
  explicit HttpDoor(Dependencies dependencies);
  ~HttpDoor();
  HttpDoor(const HttpDoor&) = delete;
  HttpDoor& operator=(const HttpDoor&) = delete;

  /// Quick, as net::ConnectionFactory asks.
  std::unique_ptr<net::Connection> Connect(std::unique_ptr<net::Stream> stream) const;
  /// For ConnectionServer::Start. Holds the door by reference.
  net::ConnectionFactory factory() const;
  /// What a client over the limit of connections is told (ConnectionServer::Options::over_limit).
  static std::string OverLimit();

  /// To be called when `ready` or `serves` say something else: tells the clients that watch.
  void StateChanged() const;

  /// Named sessions that are open.
  size_t sessions() const;

 private:
  std::shared_ptr<DoorState> state_;
};

}  // namespace skein::frontends::http
