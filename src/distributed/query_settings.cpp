#include "distributed/query_settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace skein::distributed {
namespace {

constexpr uint32_t kMaxTasks = 1024;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Status Wrong(const std::string& name, const std::string& value, const std::string& right) {
  return errors::InvalidParameter("invalid value for parameter \"" + name + "\": \"" + value + "\"")
      .WithHint("It takes " + right + ".");
}

std::string Text(const SettingLookup& setting, const char* name) {
  return Lower(setting(name).value_or(""));
}

Result<double> Number(const SettingLookup& setting, const char* name, double max) {
  std::string text = Text(setting, name);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > max) {
    return Wrong(name, text, "a number from 0 to " + std::to_string(static_cast<uint64_t>(max)));
  }
  return value;
}

/// "256MB" and the like; without a unit, bytes.
Result<uint64_t> Bytes(const SettingLookup& setting, const char* name) {
  constexpr std::array units{
      std::pair{"", 1.0},       std::pair{"b", 1.0},         std::pair{"kb", 1e3},
      std::pair{"mb", 1e6},     std::pair{"gb", 1e9},        std::pair{"tb", 1e12},
      std::pair{"kib", 1024.0}, std::pair{"mib", 1048576.0}, std::pair{"gib", 1073741824.0}};
  std::string text = Text(setting, name);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && value >= 0) {
    std::string unit(end, static_cast<size_t>(text.data() + text.size() - end));
    unit.erase(0, unit.find_first_not_of(' '));
    for (auto [unit_name, scale] : units) {
      if (unit == unit_name && value * scale < 1e18) return static_cast<uint64_t>(value * scale);
    }
  }
  return Wrong(name, text, "a size, such as 256MB");
}

}  // namespace

Result<QuerySettings> ReadQuerySettings(const SettingLookup& setting, uint32_t slots) {
  QuerySettings settings;
  std::string when = Text(setting, "skein_distributed");
  if (when == "off" || when == "false") {
    settings.when = QuerySettings::When::kOff;
    return settings;
  }
  if (when == "on" || when == "true") {
    settings.when = QuerySettings::When::kOn;
  } else if (when != "auto") {
    return Wrong("skein_distributed", when, "auto, on or off");
  }
  SKEIN_ASSIGN_OR_RETURN(settings.min_bytes, Bytes(setting, "skein_distributed_min_bytes"));
  SKEIN_ASSIGN_OR_RETURN(double tasks, Number(setting, "num_shuffle_partitions", kMaxTasks));
  SKEIN_ASSIGN_OR_RETURN(double megabytes, Number(setting, "broadcast_threshold_mb", 1e6));
  SKEIN_ASSIGN_OR_RETURN(double rows, Number(setting, "skein_split_rows", 1e15));
  SKEIN_ASSIGN_OR_RETURN(double range_rows, Number(setting, "skein_range_sort_rows", 1e15));
  SKEIN_ASSIGN_OR_RETURN(double skew, Number(setting, "skein_skew_threshold_mb", 1e6));
  std::string filters = Text(setting, "skein_runtime_filters");
  if (filters != "on" && filters != "true" && filters != "off" && filters != "false")
    return Wrong("skein_runtime_filters", filters, "on or off");
  settings.plan.filters = filters == "on" || filters == "true";
  settings.plan.skew_bytes = static_cast<uint64_t>(skew * 1e6);
  // Who says how many tasks there are to be gets so many.
  if (tasks >= 1) settings.plan.task_bytes = 0;
  settings.plan.tasks = tasks < 1 ? slots : static_cast<uint32_t>(tasks);
  settings.plan.broadcast_bytes = static_cast<uint64_t>(megabytes * 1e6);
  settings.plan.range_rows = static_cast<uint64_t>(range_rows);
  settings.plan.split_rows = std::max<uint64_t>(1, static_cast<uint64_t>(rows));
  return settings;
}

}  // namespace skein::distributed
