#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/cancellation.h"
#include "common/status.h"
#include "security/jwt.h"
#include "security/login_policy.h"

namespace skein::frontends::flightsql {

/// Who makes a call, once that is settled.
struct Caller {
  std::string user;
  /// The bearer token; empty when the client came without one (trusted).
  std::string token;
  /// The token was made in this call and is to be told in the answer.
  bool new_token = false;
};

/// Says who a call comes from: by the door-independent policy, Basic credentials and the bearer
/// tokens it gave out.
///
/// A token is 32 random bytes; it is bound to its user and expires when it was not used for a
/// while. A password is checked once for each token: a client that sends the same Basic header
/// again from the same peer gets the token it was given. A signed token of another issuer is
/// checked with each call, and ends with its own time. A user who is signed in stays so when the
/// users file changes. Thread-safe.
class Authenticator {
 public:
  struct Options {
    std::shared_ptr<security::LoginPolicy> policy;
    /// Null: the only bearer tokens are those that were given out here.
    std::shared_ptr<security::JwtVerifier> jwt;
    bool encrypted = false;
    std::chrono::milliseconds token_idle_timeout{std::chrono::hours(1)};
    /// Told of everybody who is not let in, for the log.
    std::function<void(const std::string& peer, const std::string& user, const Status& why)>
        on_refused;
  };

  explicit Authenticator(Options options);

  /// `authorization`: the header's value, empty for none. `classic_token`: what the classic
  /// handshake gave, empty for none. 28P01 or 28000 when the caller is not let in. Blocks about 1
  /// ms when there is a password to check.
  Result<Caller> Authenticate(std::string_view peer, std::string_view authorization,
                              std::string_view classic_token);
  /// Signs in with a name and a password; a trusted peer is who they say.
  Result<Caller> SignIn(std::string_view peer, const std::string& user,
                        const std::string& password);

  /// Forgets expired tokens.
  void Sweep();

 private:
  struct Token {
    std::string user;
    std::string basic_key;
    Clock::time_point last_used;
  };

  Result<security::AuthDecision::Kind> Decide(std::string_view peer, const std::string& user) const;
  std::optional<Caller> FindToken(const std::string& token);
  Caller MakeToken(const std::string& user, std::string basic_key);

  const Options options_;

  std::mutex mu_;
  std::map<std::string, Token> tokens_;  // guarded by mu_
  std::map<std::string, std::string>
      basic_;  // guarded by mu_; hash of peer and Basic header -> token
};

}  // namespace skein::frontends::flightsql
