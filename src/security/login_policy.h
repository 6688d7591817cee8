#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/status.h"
#include "security/auth_policy.h"
#include "security/login_rules.h"
#include "security/login_throttle.h"
#include "security/user_store.h"
#include "security/watched_file.h"

namespace skein::security {

using RulesFile = WatchedFile<std::vector<LoginRule>>;

/// Reads a file of ParseLoginRules and keeps it up to date.
Result<std::unique_ptr<RulesFile>> OpenRulesFile(std::string path);

/// Who is let in and what must be proved for it: the one place that all doors ask. Joins the
/// setting `auth`, the users file, the rules file and the memory of failed log-ins. Thread-safe;
/// shared by the doors.
class LoginPolicy {
 public:
  /// `users` and `rules` may be null; with rules, `mode` says nothing.
  LoginPolicy(AuthMode mode, std::shared_ptr<UserStore> users, std::shared_ptr<RulesFile> rules)
      : mode_(mode), users_(std::move(users)), rules_(std::move(rules)) {}

  /// What this client must do. kTrust also for one whose certificate has proved it. May read the
  /// files.
  AuthDecision Decide(const LoginRequest& request);
  /// Null when the server was given no users file.
  UserStore* users() const { return users_.get(); }
  LoginThrottle& throttle() { return throttle_; }

  /// Checks a password that was sent as it is: the throttle, then the verifier; a user who does not
  /// exist takes as long. 28P01. Blocks for the derivation.
  Status CheckPassword(std::string_view address, const std::string& user,
                       std::string_view password);

 private:
  const AuthMode mode_;
  const std::shared_ptr<UserStore> users_;
  const std::shared_ptr<RulesFile> rules_;
  LoginThrottle throttle_;
};

}  // namespace skein::security
