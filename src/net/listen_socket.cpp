#include "net/listen_socket.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

namespace skein::net {
namespace {

// Longer than the kernel's default limit on purpose: the kernel cuts it to net.core.somaxconn.
constexpr int kBacklog = 4096;

std::string EnvironmentName(std::string setting) {
  for (char& c : setting) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return setting;
}

std::string FlagName(std::string setting) {
  std::replace(setting.begin(), setting.end(), '_', '-');
  return setting;
}

Status ListenError(int error, const std::string& host, uint16_t port, const std::string& setting) {
  std::string where = fmt::format("{}:{}", host.empty() ? "*" : host, port);
  if (error == EADDRINUSE) {
    return Status(StatusCode::kFailedPrecondition, "55006",
                  fmt::format("another program listens on {} already", where))
        .WithHint(fmt::format(
            "Stop that program, or set {0} (--{1}, {2}) to another port; 0 takes any free one.",
            setting, FlagName(setting), EnvironmentName(setting)));
  }
  if (error == EACCES) {
    return errors::PermissionDenied(fmt::format("this user may not listen on {}", where))
        .WithHint(fmt::format("Set {} (--{}, {}) to a port from 1024 on.", setting,
                              FlagName(setting), EnvironmentName(setting)));
  }
  if (error == EADDRNOTAVAIL) {
    return errors::InvalidParameter(fmt::format("this machine does not have the address {}", where))
        .WithHint("Set host to one of the machine's addresses, or to * for all of them.");
  }
  return errors::IoError(
      fmt::format("cannot listen on {}: {}", where, std::generic_category().message(error)));
}

// The socket, or -errno.
int ListenOn(const addrinfo& address, uint16_t port, bool both_families) {
  int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -errno;
  int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.ai_family == AF_INET6) {
    int only_v6 = both_families ? 0 : 1;
    setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6));
  }
  sockaddr_storage bound{};
  std::memcpy(&bound, address.ai_addr, address.ai_addrlen);
  // The port is at the same place in both families' addresses.
  reinterpret_cast<sockaddr_in*>(&bound)->sin_port = htons(port);
  if (bind(socket, reinterpret_cast<sockaddr*>(&bound), address.ai_addrlen) != 0 ||
      listen(socket, kBacklog) != 0) {
    int error = errno;
    close(socket);
    return -error;
  }
  return socket;
}

uint16_t PortOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

}  // namespace

Result<ListenSockets> Listen(const std::string& host, uint16_t port,
                             const std::string& port_setting) {
  bool any = host.empty() || host == "*";
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  int outcome = getaddrinfo(any ? nullptr : host.c_str(), "0", &hints, &found);
  if (outcome != 0) {
    return errors::InvalidParameter(
               fmt::format("cannot listen on {}: {}", any ? "*" : host, gai_strerror(outcome)))
        .WithHint("Set host to one of the machine's names or addresses, or to * for all of them.");
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> release(found, &freeaddrinfo);

  std::vector<const addrinfo*> addresses;
  for (const addrinfo* address = found; address; address = address->ai_next)
    addresses.push_back(address);
  // With "*", one IPv6 socket serves both families; IPv4 alone is for machines without IPv6.
  std::stable_sort(addresses.begin(), addresses.end(), [](const addrinfo* a, const addrinfo* b) {
    return (a->ai_family == AF_INET6) > (b->ai_family == AF_INET6);
  });

  ListenSockets made;
  int first_error = 0;
  for (const addrinfo* address : addresses) {
    int socket = ListenOn(*address, made.sockets.empty() ? port : made.port, any);
    if (socket >= 0) {
      made.sockets.push_back(socket);
      made.port = PortOf(socket);
      if (any) break;
      continue;
    }
    // A machine without IPv6 still resolves localhost to ::1; but half a door is worse than none
    // when a port is taken.
    if (socket == -EADDRNOTAVAIL || socket == -EAFNOSUPPORT) {
      if (first_error == 0) first_error = -socket;
      continue;
    }
    for (int open : made.sockets) close(open);
    return ListenError(-socket, host, made.sockets.empty() ? port : made.port, port_setting);
  }
  if (made.sockets.empty()) return ListenError(first_error, host, port, port_setting);
  return made;
}

std::string AddressText(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return fmt::format("{}:{}", text, ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof(text));
      return fmt::format("{}:{}", text, ntohs(v6.sin6_port));
    }
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return fmt::format("[{}]:{}", text, ntohs(v6.sin6_port));
  }
  return "local";
}

}  // namespace skein::net
