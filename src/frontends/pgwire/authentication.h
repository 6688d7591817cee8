#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/status.h"
#include "security/login_policy.h"
#include "security/scram.h"

namespace skein::frontends::pgwire {

/// How one client proves who it is. Writes messages through `send` and takes the client's answers
/// from `receive` (the payload of one 'p' message); both may block and fail. OK means the user is
/// who he says.
struct AuthenticationExchange {
  security::LoginPolicy* policy = nullptr;
  security::LoginRequest request;
  /// tls-server-end-point binding; empty = the connection has none.
  std::string channel_binding;
  std::string mock_secret;

  std::function<Status(const std::string& bytes)> send;
  std::function<Result<std::string>()> receive;

  Status Run();
};

}  // namespace skein::frontends::pgwire
