#include "telemetry/query_log.h"

#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "telemetry/log.h"

namespace skein::telemetry {
namespace {

std::string UtcText(std::chrono::system_clock::time_point time) {
  auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  std::tm utc = fmt::gmtime(static_cast<std::time_t>(micros / 1000000));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", utc, micros % 1000000);
}

LogLevel LevelOf(const Status& status) {
  if (status.ok()) return LogLevel::kInfo;
  switch (status.origin()) {
    case Origin::kUser:
      return LogLevel::kInfo;
    case Origin::kPeer:
    case Origin::kStorage:
      return LogLevel::kWarn;
    case Origin::kServer:
      // A server that stops says so to every client: that is not a fault.
      return status.code() == StatusCode::kUnavailable ? LogLevel::kWarn : LogLevel::kError;
  }
  return LogLevel::kError;
}

}  // namespace

std::string_view TruncateUtf8(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string_view ErrorClass(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "ok";
    case StatusCode::kInvalidArgument:
      return "invalid_argument";
    case StatusCode::kNotFound:
      return "not_found";
    case StatusCode::kAlreadyExists:
      return "already_exists";
    case StatusCode::kUnauthenticated:
      return "unauthenticated";
    case StatusCode::kPermissionDenied:
      return "permission_denied";
    case StatusCode::kFailedPrecondition:
      return "failed_precondition";
    case StatusCode::kResourceExhausted:
      return "resource_exhausted";
    case StatusCode::kCancelled:
      return "cancelled";
    case StatusCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case StatusCode::kUnavailable:
      return "unavailable";
    case StatusCode::kUnimplemented:
      return "unimplemented";
    case StatusCode::kInternal:
      return "internal";
  }
  return "internal";
}

void LogQuery(const QueryRecord& record) {
  LogLevel level = LevelOf(record.status);
  if (!LogEnabled(level)) return;
  std::string started_at = UtcText(record.started_at);
  std::string_view sql = TruncateUtf8(record.sql, kMaxLoggedSqlBytes);
  std::vector<LogField> fields = {
      Field("id", record.id),
      Field("session", record.session_id),
      Field("door", record.door),
      Field("user", record.user),
      Field("peer", record.peer),
      Field("kind", record.statement_kind),
      Field("started_at", started_at),
      Field("duration_us", record.duration_us),
      Field("rows", record.rows),
      Field("bytes", record.bytes),
      Field("sqlstate", record.status.sqlstate()),
  };
  if (!record.status.ok()) {
    fields.push_back(Field("error_class", ErrorClass(record.status.code())));
    fields.push_back(Field("error", record.status.message()));
  }
  fields.push_back(Field("sql", sql));
  if (sql.size() < record.sql.size()) fields.push_back(Field("sql_bytes", record.sql.size()));
  Log(level, "query", fields.data(), fields.size());
}

}  // namespace skein::telemetry
