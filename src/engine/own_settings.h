#pragma once

#include <vector>

namespace skein::engine {

/// A setting of a session that is Skein's own, neither DuckDB's nor PostgreSQL's. What reads it
/// checks its value.
struct OwnSetting {
  const char* name;
  const char* value;  ///< the default
  const char* about;
};

inline const std::vector<OwnSetting>& OwnSettings() {
  static const std::vector<OwnSetting> settings = {
      {"skein_distributed", "auto",
       "Whether a query is cut over the cluster: auto (by its size), on (whenever it can be), off"},
      {"skein_distributed_min_bytes", "256MB", "With auto, how much a query must read to be cut"},
      {"num_shuffle_partitions", "0", "Tasks of a stage; 0: as many as run at the same time"},
      {"broadcast_threshold_mb", "10",
       "The larger side of a join stays in place when the other is estimated below this; 0: never"},
      {"skein_runtime_filters", "on",
       "Whether the keys of a join's smaller side filter the scans of the other in other stages"},
      {"skein_skew_threshold_mb", "16",
       "A partition that is larger than this, and than others, is joined by several tasks; 0: "
       "never"},
      {"skein_split_rows", "122880", "Rows of a Parquet file that are not split further"},
      {"skein_range_sort_rows", "500000",
       "Above so many rows a result is sorted by tasks for ranges of its keys, not merged; 0: "
       "never"}};
  return settings;
}

}  // namespace skein::engine
