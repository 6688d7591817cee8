#include "engine/own_settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

namespace skein::engine {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// The number that `text` begins with, which is not negative; the rest stays in `text`.
std::optional<double> TakeNumber(std::string_view* text) {
  double value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || !(value >= 0)) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return value;
}

std::optional<double> Switch(const std::string& text) {
  if (text == "on" || text == "true" || text == "yes" || text == "1") return 1;
  if (text == "off" || text == "false" || text == "no" || text == "0") return 0;
  return std::nullopt;
}

/// Without a unit, bytes.
std::optional<double> Size(std::string_view text) {
  constexpr std::array units{
      std::pair{"", 1.0},       std::pair{"b", 1.0},         std::pair{"kb", 1e3},
      std::pair{"mb", 1e6},     std::pair{"gb", 1e9},        std::pair{"tb", 1e12},
      std::pair{"kib", 1024.0}, std::pair{"mib", 1048576.0}, std::pair{"gib", 1073741824.0}};
  const auto value = TakeNumber(&text);
  if (!value) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  for (auto [unit, scale] : units) {
    if (text == unit) return *value * scale;
  }
  return std::nullopt;
}

std::optional<double> Read(const OwnSetting& setting, const std::string& text) {
  using Kind = OwnSetting::Kind;
  std::optional<double> value;
  switch (setting.kind) {
    case Kind::kSwitch:
      return Switch(text);
    case Kind::kSwitchOrAuto:
      return text == "auto" ? OwnSetting::kAuto : Switch(text);
    case Kind::kNumber: {
      std::string_view rest = text;
      value = TakeNumber(&rest);
      if (!rest.empty()) return std::nullopt;
      break;
    }
    case Kind::kSize:
      value = Size(text);
      break;
  }
  return value && *value <= setting.most ? value : std::nullopt;
}

std::string WhatItTakes(const OwnSetting& setting) {
  using Kind = OwnSetting::Kind;
  switch (setting.kind) {
    case Kind::kSwitch:
      return "on or off";
    case Kind::kSwitchOrAuto:
      return "auto, on or off";
    case Kind::kNumber:
      return "a number from 0 to " + std::to_string(static_cast<uint64_t>(setting.most));
    case Kind::kSize:
      return "a size, such as 256MB";
  }
  return {};
}

}  // namespace

bool IsOwnSetting(std::string_view name) {
  return std::any_of(kOwnSettings.begin(), kOwnSettings.end(),
                     [&](const OwnSetting& one) { return one.name == name; });
}

Result<double> ReadOwnSetting(std::string_view name, const std::string& text) {
  const auto* setting = std::find_if(kOwnSettings.begin(), kOwnSettings.end(),
                                     [&](const OwnSetting& one) { return one.name == name; });
  if (setting == kOwnSettings.end())
    return errors::InvalidParameter("unrecognized configuration parameter \"" + std::string(name) +
                                    "\"");
  if (auto value = Read(*setting, Lower(text))) return *value;
  return errors::InvalidParameter("invalid value for parameter \"" + std::string(name) + "\": \"" +
                                  text + "\"")
      .WithHint("It takes " + WhatItTakes(*setting) + ".");
}

}  // namespace skein::engine
