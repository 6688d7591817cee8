#pragma once

#include <string_view>

#include "common/status.h"

namespace skein::security {

/// The setting of a listener.
enum class AuthMode {
  kAuto,      ///< passwords once there are users; before that, only this machine is let in
  kTrust,     ///< everybody is who they say, from anywhere
  kPassword,  ///< passwords always
};

/// "auto", "trust" or "password"; the error (22023) lists them.
Result<AuthMode> ParseAuthMode(std::string_view text);
std::string_view AuthModeName(AuthMode mode);

/// How a client that has just connected must prove who it is.
struct AuthDecision {
  enum class Kind { kTrust, kPassword, kRefuse };
  Kind kind = Kind::kRefuse;
  Status refusal;  ///< what to tell the client (28000, with what the operator can do); an error
                   ///< only when kRefuse
};

/// Decides for every door alike. Pure.
/// `peer_address` is a numeric IPv4 or IPv6 address, without port; anything else counts as another
/// machine. `has_users`: the server was given a users file (even an empty one: then nobody gets
/// in).
AuthDecision DecideAuthentication(AuthMode mode, std::string_view peer_address, bool has_users);

/// 127.0.0.0/8, ::1, and the former written as IPv6 (::ffff:127.0.0.1); a zone such as %lo is
/// allowed.
bool IsLoopbackAddress(std::string_view address);
/// "127.0.0.1:5432" and "[::1]:5432", as net names a peer, without the port.
std::string_view AddressWithoutPort(std::string_view peer);

}  // namespace skein::security
