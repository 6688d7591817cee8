#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skein::engine {

/// One of PostgreSQL's settings that its clients set or read and DuckDB has no twin for. Each is
/// registered with DuckDB as an option of its own, a text as SHOW prints it, so that
/// current_setting(), duckdb_settings() and RESET know it.
struct PostgresSetting {
  enum class Type { kBool, kInteger, kReal, kEnum, kString };
  /// What SET may do.
  enum class Access {
    kSession,   ///< a session may change it, for itself
    kReadOnly,  ///< it says what the server is
  };
  /// What a number without a unit counts.
  enum class Unit { kNone, kMilliseconds, kSeconds, kKilobytes };

  std::string_view name;  ///< as PostgreSQL spells it: "DateStyle"
  Type type = Type::kString;
  std::string_view default_value;  ///< as SHOW prints it
  std::string_view description;
  Access access = Access::kSession;
  Unit unit = Unit::kNone;
  double min = 0;
  double max = 0;
  /// kEnum: the values, separated by '|'.
  std::string_view values = {};
};

/// All of them, by name.
const std::vector<PostgresSetting>& PostgresSettings();

/// Without regard to case; nullptr when there is none.
const PostgresSetting* FindPostgresSetting(std::string_view name);

/// A value as SHOW prints it: on and off, the largest unit that fits, the enum's own spelling.
/// 22023 for what the setting cannot be.
Result<std::string> NormaliseSetting(const PostgresSetting& setting, std::string_view text);

/// "5s", "2h", "300" in milliseconds; 0 for what is none.
int64_t SettingMilliseconds(std::string_view text);

/// The version of PostgreSQL whose dialect and protocol are spoken.
inline constexpr std::string_view kPostgresVersion = "15.0";

}  // namespace skein::engine
