#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skein::telemetry {

/// What is kept of one query, whichever door it came through.
struct QueryRecord {
  std::string id;
  std::string session_id;
  std::string door;  ///< "pg", "flightsql", "http"
  std::string user;
  std::string peer;
  std::string statement_kind;  ///< "select", "insert", ...
  std::string sql;  ///< without secrets: the caller has redacted it; cut here to kMaxLoggedSqlBytes
  std::chrono::system_clock::time_point started_at;
  int64_t duration_us = 0;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  /// OK, or why it failed; without secrets, too.
  Status status;
};

inline constexpr size_t kMaxLoggedSqlBytes = 4096;

/// Writes one line, "query": info when it succeeded or the user is to blame, error when the server
/// is, warn when a peer or a storage is.
void LogQuery(const QueryRecord& record);

/// The longest start of `text` of at most `max_bytes` that does not cut a UTF-8 character.
std::string_view TruncateUtf8(std::string_view text, size_t max_bytes);

/// The word for a class of errors in logs and metrics: "invalid_argument", ...; "ok".
std::string_view ErrorClass(StatusCode code);

}  // namespace skein::telemetry
