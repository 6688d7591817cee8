#include "engine/setting_values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "duckdb/common/string_util.hpp"

namespace skein::engine {
namespace {

using duckdb::StringUtil;

bool IsUtf8Name(std::string_view encoding) {
  std::string name = StringUtil::Lower(std::string(encoding));
  // Drivers send it quoted once more in the startup packet.
  std::erase_if(name,
                [](char c) { return c == '-' || c == '_' || c == ' ' || c == '\'' || c == '"'; });
  return name == "utf8" || name == "unicode" || name == "sqlascii";
}

/// Hours east of UTC, written as a number or as +hh[:mm]; nullopt for what is none.
std::optional<double> OffsetHours(std::string_view text) {
  if (text.empty()) return std::nullopt;
  bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text.empty() || !std::isdigit(static_cast<unsigned char>(text[0]))) return std::nullopt;
  double hours = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hours);
  if (error != std::errc()) return std::nullopt;
  std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  if (!rest.empty()) {
    int minutes = 0;
    if (rest[0] != ':') return std::nullopt;
    auto [stop, wrong] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), minutes);
    if (wrong != std::errc() || minutes < 0 || minutes > 59) return std::nullopt;
    rest = rest.substr(static_cast<size_t>(stop - rest.data()));
    if (!rest.empty() && rest != ":00") return std::nullopt;
    hours += minutes / 60.0;
  }
  return negative ? -hours : hours;
}

Result<std::string> DateStyleValue(std::string_view text) {
  std::string lower = StringUtil::Lower(std::string(text));
  if (lower.find("iso") != std::string::npos) return std::string("ISO, MDY");
  // An order alone (SET DateStyle = DMY) is about input, which is ISO too.
  for (const char* other : {"postgres", "sql", "german"}) {
    if (lower.find(other) != std::string::npos) {
      return errors::NotSupported("DateStyle \"" + std::string(text) + "\" is not supported")
          .WithHint("Dates are written in the style ISO.");
    }
  }
  for (const char* order : {"mdy", "dmy", "ymd", "us", "euro", "noneuro", "default"}) {
    if (lower == order) return std::string("ISO, MDY");
  }
  return errors::InvalidParameter("invalid value for parameter \"DateStyle\": \"" +
                                  std::string(text) + "\"");
}

}  // namespace

Result<std::string> SettingValue(const PostgresSetting& setting, std::string_view text) {
  auto is = [&](const char* name) { return StringUtil::CIEquals(std::string(setting.name), name); };
  if (is("DateStyle")) return DateStyleValue(text);
  if (is("client_encoding")) {
    if (IsUtf8Name(text)) return std::string("UTF8");
    return errors::NotSupported("client_encoding \"" + std::string(text) + "\" is not supported")
        .WithHint("All text is UTF8: set client_encoding to UTF8.");
  }
  SKEIN_ASSIGN_OR_RETURN(std::string value, NormaliseSetting(setting, text));
  if (is("standard_conforming_strings") && value != "on") {
    return errors::NotSupported("standard_conforming_strings cannot be turned off")
        .WithHint("Write strings with backslash escapes as E'...'.");
  }
  if (is("IntervalStyle") && value != "postgres") {
    return errors::NotSupported("IntervalStyle \"" + value + "\" is not supported")
        .WithHint("Intervals are written in the style postgres.");
  }
  // Whatever is asked for, this is what there is.
  if (is("transaction_isolation") || is("default_transaction_isolation"))
    return std::string("repeatable read");
  return value;
}

Result<std::string> TimeZoneValue(std::string_view text) {
  auto hours = OffsetHours(text);
  if (!hours) return std::string(text);
  auto whole = static_cast<int>(*hours);
  if (whole != *hours || whole < -12 || whole > 14) {
    return errors::NotSupported("the time zone " + std::string(text) +
                                " is not supported: offsets are whole hours from -12 to 14")
        .WithHint("Name a time zone, such as Asia/Kolkata.");
  }
  // The signs of these names are those of POSIX: west is positive.
  if (whole == 0) return std::string("UTC");
  return (whole > 0 ? "Etc/GMT-" : "Etc/GMT+") + std::to_string(std::abs(whole));
}

}  // namespace skein::engine
