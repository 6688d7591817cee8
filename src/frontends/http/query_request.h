#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "frontends/http/error_mapping.h"

namespace skein::frontends::http {

enum class ResultFormat { kJson, kArrow };

/// What `POST /query` asks for.
struct QueryRequest {
  std::string sql;
  ResultFormat format = ResultFormat::kJson;
};

/// Takes the part of the target behind '?' and the body, as they came; both are distrusted. Pure.
///
/// 400: a format that is not json or arrow, an SQL text with a NUL in it. 422, in FastAPI's list
/// shape: no body, a body that is not JSON, not an object, or has no text `sql`. Memory is bounded
/// by a small multiple of the body, whatever is in it: members other than `sql` are checked and not
/// kept. Of members or parameters given twice the last counts; unknown ones are skipped.
std::variant<QueryRequest, HttpError> DecodeQueryRequest(std::string_view query_string,
                                                         std::string_view body);

/// The parts of a request target.
struct Target {
  std::string path;
  std::string query;
};
/// Splits "/a?b" and "http://host/a?b"; a fragment is dropped. The path is not decoded: ours have
/// nothing to decode.
Target SplitTarget(std::string_view target);

/// application/x-www-form-urlencoded, '+' and %XX decoded; a '%' without two hexadecimal digits
/// stands for itself.
std::map<std::string, std::string> DecodeQueryString(std::string_view query_string);

}  // namespace skein::frontends::http
