#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "common/status.h"

namespace skein::net {

struct ListenSockets {
  std::vector<int> sockets;  ///< non-blocking, listening; the caller closes them
  uint16_t port = 0;
};

/// Listens on every address `host` names ("*" or "" for all of the machine, IPv6 and IPv4). Port 0
/// takes a free one, the same for all addresses. `port_setting` ("pg_port") is what the error tells
/// the reader to change. Blocks on name resolution.
Result<ListenSockets> Listen(const std::string& host, uint16_t port,
                             const std::string& port_setting);

/// "192.0.2.7:51234" or "[2001:db8::1]:51234"; an IPv4 address inside IPv6 is shown as IPv4.
std::string AddressText(const sockaddr_storage& address);

}  // namespace skein::net
