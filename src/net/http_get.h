#pragma once

#include <chrono>
#include <string>

#include "common/cancellation.h"
#include "common/status.h"

namespace skein::net {

struct HttpGetOptions {
  std::string url;
  /// PEM; the authorities that the server's certificate is checked by. Empty: the system's.
  std::string ca_file;
  size_t max_bytes = size_t{1} << 20;
  std::chrono::milliseconds timeout{std::chrono::seconds(10)};
};

/// Whether HttpGet may be asked for `url`: https://, or http:// of this machine (127.0.0.1, [::1],
/// localhost), without a user or password in it.
Status CheckHttpGetUrl(const std::string& url);

/// The body of what is at an address; anything but a 200 is an error, a redirection too. Blocks up
/// to the timeout; ends about a second after `cancel` is cancelled. Thread-safe.
Result<std::string> HttpGet(const HttpGetOptions& options, const CancelToken& cancel);

}  // namespace skein::net
