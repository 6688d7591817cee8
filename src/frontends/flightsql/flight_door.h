#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "common/cancellation.h"
#include "common/status.h"
#include "frontends/flightsql/result_options.h"
#include "security/jwt.h"
#include "security/login_policy.h"
#include "session/services.h"

namespace skein::frontends::flightsql {

/// The Flight SQL door: listens for gRPC and turns Flight SQL into session calls.
///
/// Lifecycle: Start; StopAccepting refuses new statements while results are still fetched; Drain
/// ends the server; destroy (which drains at once if Drain was not called). Thread-safe, but Drain
/// is called once.
class FlightDoor {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    uint16_t port = 0;  ///< 0: any free one
    /// PEM texts; empty: not encrypted.
    std::string tls_certificate;
    std::string tls_key;
    /// Clients must then show a certificate that one of these authorities signed; PEM.
    std::string tls_client_ca;
    /// Without a certificate, Start is then an error.
    bool require_tls = false;
    std::shared_ptr<security::LoginPolicy> policy =
        std::make_shared<security::LoginPolicy>(security::AuthMode::kAuto, nullptr, nullptr);
    /// Null: no tokens of other issuers.
    std::shared_ptr<security::JwtVerifier> jwt;
    std::chrono::milliseconds token_idle_timeout{std::chrono::hours(1)};
    std::chrono::milliseconds session_idle_timeout{std::chrono::minutes(30)};
    ResultOptions results;
    size_t max_sessions = 1000;
  };

  /// Listens when it returns.
  static Result<std::unique_ptr<FlightDoor>> Start(Options options,
                                                   std::shared_ptr<session::Services> services);
  ~FlightDoor();

  int port() const;
  /// New statements are refused (57P01); what was described can be fetched, transactions can be
  /// ended.
  void StopAccepting();
  /// Waits for running calls; what runs at `deadline` is cancelled. Then closes all sessions.
  void Drain(Clock::time_point deadline);
  size_t open_sessions() const;

 private:
  class Impl;
  explicit FlightDoor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace skein::frontends::flightsql
