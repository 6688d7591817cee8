#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "common/status.h"
#include "telemetry/log_level.h"

namespace skein::telemetry {

/// One key and value of a log line. Refers to texts, does not copy them: build it inside the call
/// of Log.
struct LogField {
  using Value = std::variant<std::string_view, int64_t, uint64_t, double, bool>;
  std::string_view key;
  Value value;
};

inline LogField Field(std::string_view key, std::string_view value) { return {key, value}; }
inline LogField Field(std::string_view key, const char* value) {
  return {key, std::string_view(value)};
}
inline LogField Field(std::string_view key, double value) { return {key, value}; }
inline LogField Field(std::string_view key, bool value) { return {key, value}; }
template <std::integral T>
LogField Field(std::string_view key, T value) {
  if constexpr (std::is_signed_v<T>)
    return {key, static_cast<int64_t>(value)};
  else
    return {key, static_cast<uint64_t>(value)};
}

/// Starts the log: lines are written by a thread of its own, to `file` (appended to) or, when that
/// is empty, to standard error; flushed every second and at once from kWarn on. A full queue makes
/// Log wait: no line is dropped. What is queued when the program ends (exit, return from main) is
/// written first. May be called again to change all of it. Before the first call Log writes to
/// standard error itself, from kInfo on.
Status InitLogging(LogLevel level, LogFormat format, const std::string& file);
/// Returns when every line so far is written; ends the thread. Log works as before InitLogging
/// after it.
void ShutdownLogging();

/// Whether a line of this level would be written: to ask before a costly field is computed.
bool LogEnabled(LogLevel level);

/// Writes one line: time (UTC, milliseconds), level, message, fields in this order. Thread-safe.
///   Log(LogLevel::kInfo, "door is open", {Field("door", "pg"), Field("port", port)});
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
void Log(LogLevel level, std::string_view message, const LogField* fields, size_t count);

/// The line Log writes, without its end: `unix_milliseconds` since 1970. Pure. Control characters,
/// quotes and bytes that are not UTF-8 are escaped, so that a value can neither end the line nor
/// pose as another field.
std::string FormatLogLine(LogFormat format, int64_t unix_milliseconds, LogLevel level,
                          std::string_view message, const LogField* fields, size_t count);

}  // namespace skein::telemetry
