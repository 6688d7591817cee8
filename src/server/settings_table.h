#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/settings.h"

namespace skein::server {

/// The kinds of value a setting can have, each with the member it is kept in.
struct BoolValue {
  bool Settings::* member;
};
struct IntegerValue {
  int64_t Settings::* member;
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
};
struct NumberValue {
  double Settings::* member;
  double min = 0;
  double max = 0;
};
struct PortValue {
  Port Settings::* member;
};
/// "64MB", "2GiB", "0".
struct BytesValue {
  int64_t Settings::* member;
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
};
/// "30s", "500ms", "5min", "1h", "0".
struct DurationValue {
  std::chrono::milliseconds Settings::* member;
  std::chrono::milliseconds max;
};
struct TextValue {
  std::string Settings::* member;
  const char* kind = "text";  ///< how the help calls it: "text", "file", "folder"
};
struct ListValue {
  std::vector<std::string> Settings::* member;
  char separator;
};
/// One of some words; `set` takes the index of the word.
struct ChoiceValue {
  std::vector<std::string_view> words;
  std::function<void(Settings&, size_t)> set;
};

using SettingValue = std::variant<BoolValue, IntegerValue, NumberValue, PortValue, BytesValue,
                                  DurationValue, TextValue, ListValue, ChoiceValue>;

/// One setting. Its name is the key in skein.toml; the flag is the name with dashes, the
/// environment variable the name in capitals, with or without SKEIN_ in front.
struct SettingSpec {
  std::string_view section;
  std::string_view name;
  SettingValue value;
  std::string_view default_text;
  std::string_view prose;
  std::string_view other_variable = {};  ///< a further environment variable, asked last
};

/// All settings, in the order of the help; those of one section follow each other.
const std::vector<SettingSpec>& SettingTable();

std::string FlagOf(const SettingSpec& spec);
/// In the order in which they are asked.
std::vector<std::string> VariablesOf(const SettingSpec& spec);
/// How the help writes the value: "<port>", "trace|debug|info".
std::string PlaceholderOf(const SettingSpec& spec);
/// What would be right, a sentence.
std::string ExpectationOf(const SettingSpec& spec);

/// Sets the setting to what `text` means; false when it means nothing or is out of bounds.
bool SetFromText(const SettingSpec& spec, std::string_view text, Settings& settings);

}  // namespace skein::server
