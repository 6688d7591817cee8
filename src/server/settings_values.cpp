// The kinds of values: from text, and how the help and the errors speak of them.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "server/settings_table.h"

namespace skein::server {
namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

struct Unit {
  std::string_view name;
  int64_t factor;
};

constexpr Unit kByteUnits[] = {
    {"", 1},
    {"b", 1},
    {"kb", 1000},
    {"mb", 1000 * 1000},
    {"gb", int64_t{1000} * 1000 * 1000},
    {"tb", int64_t{1000} * 1000 * 1000 * 1000},
    {"kib", 1 << 10},
    {"mib", 1 << 20},
    {"gib", 1 << 30},
    {"tib", int64_t{1} << 40},
};
constexpr Unit kTimeUnits[] = {
    {"ms", 1},          {"s", 1000},           {"m", 60 * 1000},
    {"min", 60 * 1000}, {"h", 60 * 60 * 1000}, {"d", 24 * 60 * 60 * 1000}};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return lower;
}

std::string_view Trim(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <size_t N>
std::optional<int64_t> ParseWithUnit(std::string_view text, const Unit (&units)[N]) {
  size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  std::optional<double> number = ParseNumber<double>(text.substr(0, digits));
  if (!number) return std::nullopt;
  std::string name = Lower(Trim(text.substr(digits)));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    double value = *number * static_cast<double>(unit.factor);
    // The first double that an int64_t cannot hold is 2^63.
    if (value >= 9223372036854775808.0) return std::nullopt;
    return static_cast<int64_t>(std::llround(value));
  }
  // A zero needs no unit.
  if (name.empty() && *number == 0) return 0;
  return std::nullopt;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(separator, begin), text.size());
    std::string_view part = Trim(text.substr(begin, end - begin));
    if (!part.empty()) parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

template <typename T>
bool SetWithin(std::optional<T> value, T min, T max, T& target) {
  // Written so that a NaN is outside.
  if (!value || !(*value >= min && *value <= max)) return false;
  target = *value;
  return true;
}

bool SetPort(std::string_view text, Port& port) {
  if (Lower(text) == "off") {
    port = std::nullopt;
    return true;
  }
  std::optional<uint16_t> number = ParseNumber<uint16_t>(text);
  if (!number) return false;
  port = *number;
  return true;
}

}  // namespace

bool SetFromText(const SettingSpec& spec, std::string_view raw, Settings& settings) {
  std::string_view text = Trim(raw);
  return std::visit(
      Overloaded{
          [&](const BoolValue& v) {
            std::string word = Lower(text);
            bool yes = word == "true" || word == "on" || word == "yes" || word == "1";
            bool no = word == "false" || word == "off" || word == "no" || word == "0";
            settings.*v.member = yes;
            return yes || no;
          },
          [&](const IntegerValue& v) {
            return SetWithin(ParseNumber<int64_t>(text), v.min, v.max, settings.*v.member);
          },
          [&](const NumberValue& v) {
            return SetWithin(ParseNumber<double>(text), v.min, v.max, settings.*v.member);
          },
          [&](const PortValue& v) { return SetPort(text, settings.*v.member); },
          [&](const BytesValue& v) {
            return SetWithin(ParseWithUnit(text, kByteUnits), v.min, v.max, settings.*v.member);
          },
          [&](const DurationValue& v) {
            int64_t milliseconds = 0;
            if (!SetWithin<int64_t>(ParseWithUnit(text, kTimeUnits), 0, v.max.count(),
                                    milliseconds))
              return false;
            settings.*v.member = std::chrono::milliseconds(milliseconds);
            return true;
          },
          [&](const TextValue& v) {
            settings.*v.member = text;
            return text.find('\0') == std::string_view::npos;
          },
          [&](const ListValue& v) {
            settings.*v.member = Split(text, v.separator);
            return text.find('\0') == std::string_view::npos;
          },
          [&](const ChoiceValue& v) {
            auto found = std::find(v.words.begin(), v.words.end(), Lower(text));
            if (found == v.words.end()) return false;
            v.set(settings, static_cast<size_t>(found - v.words.begin()));
            return true;
          },
      },
      spec.value);
}

std::string FlagOf(const SettingSpec& spec) {
  std::string flag = "--" + std::string(spec.name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::vector<std::string> VariablesOf(const SettingSpec& spec) {
  std::string capitals(spec.name);
  for (char& c : capitals) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  std::vector<std::string> names = {"SKEIN_" + capitals, capitals};
  if (!spec.other_variable.empty()) names.emplace_back(spec.other_variable);
  return names;
}

std::string PlaceholderOf(const SettingSpec& spec) {
  return std::visit(
      Overloaded{
          [](const BoolValue&) { return std::string("true|false"); },
          [](const IntegerValue&) { return std::string("<number>"); },
          [](const NumberValue&) { return std::string("<number>"); },
          [](const PortValue&) { return std::string("<port>|off"); },
          [](const BytesValue&) { return std::string("<size>"); },
          [](const DurationValue&) { return std::string("<duration>"); },
          [](const TextValue& v) { return fmt::format("<{}>", v.kind); },
          [](const ListValue&) { return std::string("<list>"); },
          [](const ChoiceValue& v) { return fmt::format("{}", fmt::join(v.words, "|")); },
      },
      spec.value);
}

std::string ExpectationOf(const SettingSpec& spec) {
  constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();
  return std::visit(
      Overloaded{
          [](const BoolValue&) { return std::string("It must be true or false."); },
          [](const IntegerValue& v) {
            return fmt::format("It must be a whole number from {} to {}.", v.min, v.max);
          },
          [](const NumberValue& v) {
            return fmt::format("It must be a number from {} to {}.", v.min, v.max);
          },
          [](const PortValue&) {
            return std::string(
                "It must be a port from 1 to 65535, 0 for any free one, or off to keep the door "
                "shut.");
          },
          [](const BytesValue& v) {
            std::string bounds =
                v.max == kUnbounded ? "" : fmt::format(" from {} to {} bytes", v.min, v.max);
            return fmt::format("It must be a size{} like 64MB or 2GiB.", bounds);
          },
          [](const DurationValue& v) {
            auto days = std::chrono::duration_cast<std::chrono::hours>(v.max).count() / 24;
            return fmt::format(
                "It must be a duration like 500ms, 30s, 5min or 2h, of at most {} days.", days);
          },
          [](const TextValue&) { return std::string("It must be a text."); },
          [](const ListValue& v) {
            return fmt::format("It must be a list separated by '{}'.", v.separator);
          },
          [](const ChoiceValue& v) {
            return fmt::format("It must be one of: {}.", fmt::join(v.words, ", "));
          },
      },
      spec.value);
}

}  // namespace skein::server
