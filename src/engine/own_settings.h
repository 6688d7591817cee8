#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skein::engine {

/// A setting of a session that is Skein's own, neither DuckDB's nor PostgreSQL's.
struct OwnSetting {
  enum class Kind {
    kSwitch,        ///< 0: off, 1: on
    kSwitchOrAuto,  ///< and kAuto
    kNumber,
    kSize,  ///< in bytes: "256MB" and the like
  };

  const char* name;
  const char* value;  ///< the default
  const char* about;
  Kind kind;
  double most = 1e18;

  static constexpr double kAuto = 2;
};

inline constexpr std::array kOwnSettings = {
    OwnSetting{
        "skein_distributed", "auto",
        "Whether a query is cut over the cluster: auto (by its size), on (whenever it can be), off",
        OwnSetting::Kind::kSwitchOrAuto},
    OwnSetting{"skein_distributed_min_bytes", "256MB",
               "With auto, how much a query must read to be cut", OwnSetting::Kind::kSize},
    OwnSetting{"num_shuffle_partitions", "0",
               "Tasks of a stage; 0: as many as run at the same time", OwnSetting::Kind::kNumber,
               1024},
    OwnSetting{
        "broadcast_threshold_mb", "10",
        "The larger side of a join stays in place when the other is estimated below this; 0: never",
        OwnSetting::Kind::kNumber, 1e6},
    OwnSetting{
        "skein_runtime_filters", "on",
        "Whether the keys of a join's smaller side filter the scans of the other in other stages",
        OwnSetting::Kind::kSwitch},
    OwnSetting{
        "skein_skew_threshold_mb", "16",
        "A partition that is larger than this, and than others, is joined by several tasks; 0: "
        "never",
        OwnSetting::Kind::kNumber, 1e6},
    OwnSetting{"skein_split_rows", "122880", "Rows of a Parquet file that are not split further",
               OwnSetting::Kind::kNumber, 1e15},
    OwnSetting{
        "skein_range_sort_rows", "500000",
        "Above so many rows a result is sorted by tasks for ranges of its keys, not merged; 0: "
        "never",
        OwnSetting::Kind::kNumber, 1e15},
    OwnSetting{
        "skein_range_windows", "auto",
        "Whether tasks for ranges of the keys number, rank and sum so many rows in order; auto: on "
        "a cluster, not where tasks share the server's cores",
        OwnSetting::Kind::kSwitchOrAuto}};

/// `name` in lower case.
bool IsOwnSetting(std::string_view name);

/// What `text` means for one of them. The error (22023) names the setting and says what would be
/// right.
Result<double> ReadOwnSetting(std::string_view name, const std::string& text);

}  // namespace skein::engine
