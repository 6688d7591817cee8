#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "frontends/http/error_mapping.h"
#include "frontends/http/http_door.h"
#include "session/session.h"

namespace skein::frontends::http {

/// The named sessions: what `POST /v1/session` opens, so that settings, credentials, temporary
/// tables and transactions last over several requests. A session is known by a token nobody can
/// guess, belongs to the user who opened it, is used by one request at a time and ends when nobody
/// has used it for a while. Thread-safe.
class SessionRegistry {
 public:
  SessionRegistry(std::shared_ptr<session::Services> services, const Limits& limits)
      : services_(std::move(services)), limits_(limits) {}
  ~SessionRegistry();

  struct Named {
    std::string user;
    std::timed_mutex busy;  ///< held by the request that uses the session
    std::unique_ptr<session::Session> session;
    Clock::time_point last_used;  // guarded by the registry's mu_
  };
  /// A session and the right to use it, until it is destroyed.
  struct Lease {
    std::shared_ptr<Named> named;
    std::unique_lock<std::timed_mutex> lock;
  };

  /// The new session's token.
  std::variant<std::string, HttpError> Open(const session::Identity& identity);
  /// 404 for a token that is not there or somebody else's, 409 when it stays in use for
  /// limits.session_wait.
  std::variant<Lease, HttpError> Use(const std::string& token, const std::string& user);
  /// What runs in it is cancelled. False when there is none.
  bool Close(const std::string& token, const std::string& user);

  size_t size() const;

 private:
  void ExpireIdle();

  std::shared_ptr<session::Services> services_;
  const Limits limits_;
  mutable std::mutex mu_;
  std::map<std::string, std::shared_ptr<Named>> sessions_;  // guarded by mu_
};

}  // namespace skein::frontends::http
