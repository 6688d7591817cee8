#pragma once

#include <memory>
#include <string>

#include "common/timer.h"
#include "frontends/pgwire/cancel_registry.h"
#include "net/connection_server.h"
#include "net/tls_context.h"
#include "security/login_policy.h"
#include "session/services.h"

namespace skein::frontends::pgwire {

/// The PostgreSQL door: frontend/backend protocol 3.0 to 3.2 (PostgreSQL's documentation, chapter
/// "Frontend/Backend Protocol") over net's connections.
///
/// Lifecycle: Start listens; Drain stops it; the destructor joins everything. Thread-safe.
class PgDoor {
 public:
  struct Options {
    net::ConnectionServer::Options listen;
    std::shared_ptr<security::LoginPolicy> policy;
    std::shared_ptr<const net::TlsContext> tls;  ///< null: SSLRequest is answered with N
    bool tls_required = false;
    size_t max_message_bytes = size_t{256} << 20;
    std::chrono::milliseconds idle_timeout{0};  ///< 0: none
    std::string version;                        ///< the program's, for server_version
  };

  static Result<std::unique_ptr<PgDoor>> Start(Options options,
                                               std::shared_ptr<session::Services> services);
  ~PgDoor();

  uint16_t port() const { return server_->port(); }
  void StopAccepting() { server_->StopAccepting(); }
  void Drain(Deadline deadline, Status why) { server_->Drain(deadline, std::move(why)); }

 private:
  friend class PgConnection;
  PgDoor(Options options, std::shared_ptr<session::Services> services);
  void WatchForAbandoned();

  Options options_;
  std::shared_ptr<session::Services> services_;
  CancelRegistry cancels_;
  /// Answers for users that do not exist look as if they did; made anew at each start.
  std::string mock_secret_;
  std::mutex watch_mu_;
  Timer::Id watch_ = 0;   // guarded by watch_mu_
  bool closing_ = false;  // guarded by watch_mu_
  std::unique_ptr<net::ConnectionServer> server_;
};

}  // namespace skein::frontends::pgwire
