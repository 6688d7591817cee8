#include "engine/egress.h"

#include <atomic>
#include <cstring>

#include <arpa/inet.h>
#include <sys/socket.h>

namespace skein::engine {
namespace {

std::atomic<bool> g_enforced{false};
std::atomic<bool> g_private_allowed{true};
thread_local bool t_operators_own = false;

enum class Reach { kPublic, kPrivate, kNever };

Reach ReachOf(uint32_t ip) {
  auto in = [&](uint32_t network, int bits) {
    return (ip >> (32 - bits)) == (network >> (32 - bits));
  };
  if (in(0x00000000, 8) || in(0xA9FE0000, 16)) return Reach::kNever;  // 0/8, 169.254/16
  // Alibaba's and Oracle's metadata services.
  if (ip == 0x646464C8 || ip == 0xC0000A00) return Reach::kNever;
  if (in(0x7F000000, 8) || in(0x0A000000, 8) || in(0xAC100000, 12) || in(0xC0A80000, 16) ||
      in(0x64400000, 10)) {
    return Reach::kPrivate;
  }
  return Reach::kPublic;
}

Reach ReachOf(const in6_addr& ip) {
  const unsigned char* b = ip.s6_addr;
  static const unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static const unsigned char kNat64[12] = {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  if (std::memcmp(b, kMapped, 12) == 0 || std::memcmp(b, kNat64, 12) == 0) {
    return ReachOf(static_cast<uint32_t>(b[12]) << 24 | static_cast<uint32_t>(b[13]) << 16 |
                   static_cast<uint32_t>(b[14]) << 8 | b[15]);
  }
  if (IN6_IS_ADDR_UNSPECIFIED(&ip) || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80)) return Reach::kNever;
  // AWS's metadata service over IPv6, fd00:ec2::/32.
  if (b[0] == 0xfd && b[1] == 0x00 && b[2] == 0x0e && b[3] == 0xc2) return Reach::kNever;
  if (IN6_IS_ADDR_LOOPBACK(&ip) || (b[0] & 0xfe) == 0xfc) return Reach::kPrivate;
  return Reach::kPublic;
}

bool Allowed(Reach reach) {
  if (!g_enforced.load(std::memory_order_relaxed)) return true;
  if (reach == Reach::kNever) return false;
  return reach == Reach::kPublic || t_operators_own ||
         g_private_allowed.load(std::memory_order_relaxed);
}

}  // namespace

void SetEgressPolicy(PrivateEndpoints private_endpoints) {
  g_private_allowed = private_endpoints == PrivateEndpoints::kAllow;
  g_enforced = true;
}

OperatorEgress::OperatorEgress() { t_operators_own = true; }
OperatorEgress::~OperatorEgress() { t_operators_own = false; }

bool MayConnect(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof(v4));
    return Allowed(ReachOf(ntohl(v4.sin_addr.s_addr)));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof(v6));
    return Allowed(ReachOf(v6.sin6_addr));
  }
  return true;
}

Status CheckEndpoint(const std::string& endpoint) {
  std::string host = endpoint;
  if (size_t scheme = host.find("://"); scheme != std::string::npos) host.erase(0, scheme + 3);
  host = host.substr(0, host.find('/'));
  if (size_t at = host.rfind('@'); at != std::string::npos) host.erase(0, at + 1);
  if (!host.empty() && host[0] == '[') {
    host = host.substr(1, host.find(']') - 1);
  } else if (host.find(':') == host.rfind(':')) {
    host = host.substr(0, host.find(':'));
  }
  in_addr v4;
  in6_addr v6;
  bool refused =
      (inet_pton(AF_INET, host.c_str(), &v4) == 1 && !Allowed(ReachOf(ntohl(v4.s_addr)))) ||
      (inet_pton(AF_INET6, host.c_str(), &v6) == 1 && !Allowed(ReachOf(v6))) ||
      (g_enforced && host == "metadata.google.internal");
  if (!refused) return Status::OK();
  return errors::PermissionDenied("this server does not connect to the endpoint " + host)
      .WithHint(
          "Metadata and link-local addresses are never reached, loopback and private ones only "
          "when the server "
          "runs with private_endpoints = allow.");
}

}  // namespace skein::engine
