#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "telemetry/log.h"

namespace skein::telemetry {
namespace {

constexpr std::string_view kLevelNames[] = {"trace", "debug", "info", "warn", "error"};

// How many bytes the well-formed UTF-8 character at the start of `text` has; 0 when there is none.
size_t Utf8Length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  size_t size = first < 0x80                    ? 1
                : first >= 0xC2 && first < 0xE0 ? 2
                : (first & 0xF0) == 0xE0        ? 3
                : first >= 0xF0 && first < 0xF5 ? 4
                                                : 0;
  if (size == 0 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and what is beyond U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return size;
}

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    char c = text[0];
    size_t size = Utf8Length(text);
    if (size == 0) {
      out += "\\ufffd";
      size = 1;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  out += '"';
}

bool IsBareWord(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7F) return false;
  }
  return true;
}

void AppendText(std::string& out, LogFormat format, std::string_view text) {
  if (format == LogFormat::kLogfmt && IsBareWord(text)) {
    out += text;
  } else {
    AppendQuoted(out, text);
  }
}

void AppendKey(std::string& out, LogFormat format, std::string_view key) {
  if (format == LogFormat::kJson) {
    out += ',';
    AppendQuoted(out, key);
    out += ':';
  } else {
    out += ' ';
    out += key;
    out += '=';
  }
}

void AppendValue(std::string& out, LogFormat format, const LogField::Value& value) {
  std::visit(
      [&](auto v) {
        if constexpr (std::is_same_v<decltype(v), std::string_view>) {
          AppendText(out, format, v);
        } else if constexpr (std::is_same_v<decltype(v), double>) {
          // JSON has no word for infinity.
          if (std::isfinite(v))
            fmt::format_to(std::back_inserter(out), "{}", v);
          else
            AppendText(out, format, fmt::format("{}", v));
        } else {
          fmt::format_to(std::back_inserter(out), "{}", v);
        }
      },
      value);
}

}  // namespace

std::string FormatLogLine(LogFormat format, int64_t unix_milliseconds, LogLevel level,
                          std::string_view message, const LogField* fields, size_t count) {
  int64_t seconds = unix_milliseconds / 1000;
  int64_t rest = unix_milliseconds % 1000;
  std::tm utc = fmt::gmtime(static_cast<std::time_t>(seconds));
  std::string time = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc, rest);
  std::string_view level_name = kLevelNames[static_cast<size_t>(level)];

  std::string line;
  line.reserve(128 + message.size());
  bool json = format == LogFormat::kJson;
  line += json ? "{\"ts\":\"" : "ts=";
  line += time;
  line += json ? "\",\"level\":\"" : " level=";
  line += level_name;
  line += json ? "\",\"msg\":" : " msg=";
  AppendText(line, format, message);
  for (size_t i = 0; i < count; ++i) {
    AppendKey(line, format, fields[i].key);
    AppendValue(line, format, fields[i].value);
  }
  if (json) line += '}';
  return line;
}

}  // namespace skein::telemetry
