#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status.h"

namespace skein::frontends::http {

/// A failure as an HTTP client sees it: a status code and a JSON body in FastAPI's shape,
/// `{"detail": ...}`.
struct HttpError {
  int status = 500;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// `{"detail":"<text>"}`; bytes of `text` that are not UTF-8 are replaced.
HttpError DetailError(int status, std::string_view text);

/// The one place where errors of the lower rooms get their HTTP code. Precondition: !status.ok().
///
/// The SQLSTATE travels in the header X-Skein-Sqlstate. Texts that clients of Quack-Cluster compare
/// are kept as they know them.
HttpError FromStatus(const Status& status);

/// The code for a request whose client left before the answer; nobody reads it but the log.
inline constexpr int kClientClosedRequest = 499;

/// Seconds, for Retry-After when the server stops or is full.
inline constexpr char kRetryAfterSeconds[] = "5";

}  // namespace skein::frontends::http
