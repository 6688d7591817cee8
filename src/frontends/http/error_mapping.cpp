#include "frontends/http/error_mapping.h"

#include <nlohmann/json.hpp>

namespace skein::frontends::http {
namespace {

std::string TextOf(const Status& status) {
  std::string text = status.message();
  if (!status.detail().empty()) text += "\n" + status.detail();
  if (!status.hint().empty()) text += "\n" + status.hint();
  return text;
}

HttpError Choose(const Status& status) {
  const std::string& sqlstate = status.sqlstate();
  if (sqlstate == "42601") return DetailError(400, "Invalid SQL syntax: " + TextOf(status));
  if (sqlstate == "42P01" && status.code() == StatusCode::kNotFound) {
    if (status.subject().empty()) return DetailError(404, TextOf(status));
    return DetailError(404, "No data files found for table '" + status.subject() +
                                "' with supported extensions (.parquet, .csv, .json)");
  }
  switch (status.code()) {
    case StatusCode::kUnauthenticated:
      return DetailError(401, TextOf(status));
    case StatusCode::kPermissionDenied:
      return DetailError(403, TextOf(status));
    case StatusCode::kDeadlineExceeded:
      return DetailError(408, TextOf(status));
    case StatusCode::kCancelled:
      return DetailError(kClientClosedRequest, TextOf(status));
    case StatusCode::kResourceExhausted:
      return DetailError(status.origin() == Origin::kUser ? 400 : 503, TextOf(status));
    case StatusCode::kUnavailable:
      if (sqlstate == "57P01") return DetailError(503, TextOf(status));
      break;
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
    case StatusCode::kAlreadyExists:
    case StatusCode::kFailedPrecondition:
    case StatusCode::kUnimplemented:
      return DetailError(400, TextOf(status));
    case StatusCode::kOk:
    case StatusCode::kInternal:
      break;
  }
  return DetailError(500, "An internal error occurred: " + TextOf(status));
}

}  // namespace

HttpError DetailError(int status, std::string_view text) {
  nlohmann::json body = {{"detail", std::string(text)}};
  HttpError error;
  error.status = status;
  error.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (status == 503) error.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  return error;
}

HttpError FromStatus(const Status& status) {
  HttpError error = Choose(status);
  error.headers.emplace_back("X-Skein-Sqlstate", status.sqlstate());
  return error;
}

}  // namespace skein::frontends::http
