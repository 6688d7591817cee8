#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "frontends/http/error_mapping.h"
#include "net/stream.h"
#include "security/login_policy.h"
#include "session/services.h"

namespace skein::frontends::http {

/// Who a request comes from, by the same rules as the other doors: Basic credentials against the
/// users file, or trust. Thread-safe.
class Authenticator {
 public:
  Authenticator(std::shared_ptr<security::LoginPolicy> policy,
                std::shared_ptr<session::Services> services)
      : policy_(std::move(policy)), services_(std::move(services)) {}

  /// What one connection remembers, so that a password is derived once and not for each request.
  struct Memory {
    std::string authorization;
    std::string user;
  };

  /// The user, or a 401 or 403.
  std::variant<std::string, HttpError> Identify(const net::Stream& client,
                                                const std::string& authorization,
                                                Memory* memory) const;

 private:
  std::shared_ptr<security::LoginPolicy> policy_;
  std::shared_ptr<session::Services> services_;
};

}  // namespace skein::frontends::http
