#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/status.h"

namespace skein::frontends::flightsql {

// What a call's headers say, decoded. Pure, safe on any bytes.

inline constexpr char kCookieName[] = "arrow_flight_session_id";

/// The session's id in a cookie header; empty when it is not there.
std::string CookieIn(std::string_view header);

/// The numeric address in gRPC's way to write a peer: "ipv4:127.0.0.1:5555", "ipv6:[::1]:5" (also
/// with %5B and %5D). Anything else is returned as it is, and counts as another machine.
std::string PeerAddress(std::string_view peer);

struct BearerToken {
  std::string token;
};
struct BasicCredentials {
  std::string user;
  std::string password;
};
using Credentials = std::variant<std::monostate, BearerToken, BasicCredentials>;

/// What the header `authorization` holds, monostate when it is empty. 28P01 for what cannot be read
/// and for other schemes; no error quotes it.
Result<Credentials> DecodeAuthorization(std::string_view header);

/// The header x-skein-endpoints: nullopt when it is empty, 22023 unless it is a number from 1 to
/// kMaxEndpoints.
inline constexpr size_t kMaxEndpoints = 256;
Result<std::optional<size_t>> DecodeEndpoints(std::string_view header);

/// The header x-skein-keep: nullopt when it is empty, 22023 unless it is yes or no.
Result<std::optional<bool>> DecodeKeep(std::string_view header);

}  // namespace skein::frontends::flightsql
