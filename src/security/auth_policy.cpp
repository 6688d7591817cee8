#include "security/auth_policy.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace skein::security {
namespace {

constexpr std::string_view kMakeUsers =
    "Make users with `skein passwd NAME` on the server's machine and start it with that users "
    "file, or set "
    "its authentication to trust if the network is safe.";

AuthDecision Refuse(std::string message) {
  return {AuthDecision::Kind::kRefuse,
          Status(StatusCode::kUnauthenticated, "28000", std::move(message))
              .WithHint(std::string(kMakeUsers))};
}

}  // namespace

Result<AuthMode> ParseAuthMode(std::string_view text) {
  if (text == "auto") return AuthMode::kAuto;
  if (text == "trust") return AuthMode::kTrust;
  if (text == "password") return AuthMode::kPassword;
  return errors::InvalidParameter(fmt::format("unknown authentication mode \"{}\"", text))
      .WithHint("The modes are auto, trust and password.");
}

std::string_view AuthModeName(AuthMode mode) {
  if (mode == AuthMode::kTrust) return "trust";
  return mode == AuthMode::kPassword ? "password" : "auto";
}

AuthDecision DecideAuthentication(AuthMode mode, std::string_view peer_address, bool has_users) {
  if (mode == AuthMode::kTrust) return {AuthDecision::Kind::kTrust, Status()};
  if (has_users) return {AuthDecision::Kind::kPassword, Status()};
  if (mode == AuthMode::kPassword) {
    return Refuse("this server asks for passwords and has no users file");
  }
  if (IsLoopbackAddress(peer_address)) return {AuthDecision::Kind::kTrust, Status()};
  return Refuse(
      fmt::format("this server has no users file, so that only clients on its own machine are let "
                  "in; the client is at {}",
                  peer_address));
}

bool IsLoopbackAddress(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));
  // inet_pton stops at a NUL: what it does not see must not be there.
  if (text.find('\0') != std::string::npos) return false;
  unsigned char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return bytes[0] == 127;
  if (inet_pton(AF_INET6, text.c_str(), bytes) != 1) return false;
  static constexpr unsigned char kLoopback[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes, kLoopback, sizeof(kLoopback)) == 0) return true;
  return std::memcmp(bytes, kMapped, sizeof(kMapped)) == 0 && bytes[12] == 127;
}

std::string_view AddressWithoutPort(std::string_view peer) {
  if (!peer.empty() && peer[0] == '[') return peer.substr(1, peer.find(']') - 1);
  if (std::count(peer.begin(), peer.end(), ':') == 1) return peer.substr(0, peer.find(':'));
  return peer;
}

}  // namespace skein::security
