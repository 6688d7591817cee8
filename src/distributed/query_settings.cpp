#include "distributed/query_settings.h"

#include <algorithm>

#include "engine/own_settings.h"

namespace skein::distributed {

Result<QuerySettings> ReadQuerySettings(const SettingLookup& setting, uint32_t slots,
                                        const RunnerTraits& traits) {
  auto read = [&](const char* name) {
    return engine::ReadOwnSetting(name, setting(name).value_or(""));
  };
  QuerySettings settings;
  SKEIN_ASSIGN_OR_RETURN(double when, read("skein_distributed"));
  if (when == 0) {
    settings.when = QuerySettings::When::kOff;
    return settings;
  }
  if (when != engine::OwnSetting::kAuto) settings.when = QuerySettings::When::kOn;
  SKEIN_ASSIGN_OR_RETURN(double min_bytes, read("skein_distributed_min_bytes"));
  SKEIN_ASSIGN_OR_RETURN(double tasks, read("num_shuffle_partitions"));
  SKEIN_ASSIGN_OR_RETURN(double megabytes, read("broadcast_threshold_mb"));
  SKEIN_ASSIGN_OR_RETURN(double rows, read("skein_split_rows"));
  SKEIN_ASSIGN_OR_RETURN(double range_rows, read("skein_range_sort_rows"));
  SKEIN_ASSIGN_OR_RETURN(double range_windows, read("skein_range_windows"));
  SKEIN_ASSIGN_OR_RETURN(double skew, read("skein_skew_threshold_mb"));
  SKEIN_ASSIGN_OR_RETURN(double filters, read("skein_runtime_filters"));
  settings.min_bytes = static_cast<uint64_t>(min_bytes);
  settings.plan.filters = filters != 0;
  settings.plan.skew_bytes = static_cast<uint64_t>(skew * 1e6);
  // Who says how many tasks there are to be gets so many.
  settings.plan.task_bytes = tasks < 1 ? traits.task_bytes : 0;
  settings.plan.divisible = traits.divides_splits;
  settings.plan.tasks = tasks < 1 ? slots : static_cast<uint32_t>(tasks);
  settings.plan.broadcast_bytes = static_cast<uint64_t>(megabytes * 1e6);
  settings.plan.range_rows = static_cast<uint64_t>(range_rows);
  settings.plan.range_windows =
      range_windows == engine::OwnSetting::kAuto ? traits.elsewhere : range_windows != 0;
  settings.plan.split_rows = std::max<uint64_t>(1, static_cast<uint64_t>(rows));
  return settings;
}

}  // namespace skein::distributed
