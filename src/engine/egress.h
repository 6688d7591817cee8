#pragma once

#include <string>

#include <netinet/in.h>

#include "common/status.h"
#include "engine/options.h"

namespace skein::engine {

/// Where this process may connect to. DuckDB's extensions each bring an HTTP client of their own
/// and take endpoints from clients (s3_endpoint, CREATE SECRET); the one place they all pass is
/// connect(2), so that is where the rule is kept (egress_connect.cpp), after name resolution and
/// whatever the library. Set once at start, before traffic.
///
/// Link-local addresses (169.254.0.0/16, fe80::/10: cloud metadata) and the unspecified address are
/// refused always, loopback and private ranges when `private_endpoints` says so.
void SetEgressPolicy(PrivateEndpoints private_endpoints);

/// While it lives, this thread may connect to loopback and private addresses, whatever the policy
/// says: for addresses that settings name, and no client. Those that are refused always stay so.
class OperatorEgress {
 public:
  OperatorEgress();
  ~OperatorEgress();
  OperatorEgress(const OperatorEgress&) = delete;
  OperatorEgress& operator=(const OperatorEgress&) = delete;
};

/// Whether connect() to `address` may go ahead. Families other than IPv4 and IPv6 may.
bool MayConnect(const sockaddr* address);

/// An early check with words for an endpoint as a client wrote it ("127.0.0.1:9000",
/// "http://[::1]:9000"): refuses literal addresses that MayConnect would refuse. Host names pass;
/// connect() sees what they resolve to.
Status CheckEndpoint(const std::string& endpoint);

}  // namespace skein::engine
