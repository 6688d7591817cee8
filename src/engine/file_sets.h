#pragma once

#include <string>
#include <vector>

namespace duckdb {
struct DBConfig;
}

namespace skein::engine {

/// Makes file sets under `data_dirs` usable as tables, through DuckDB's replacement scan (asked for
/// a name that is no table or view). For a name N and the extensions parquet, csv, json in this
/// order, the first that has files wins:
///
///   N with an extension ("data_part_*.parquet")   <dir>/N
///   N without one ("orders", "data_part_*")       <dir>/N.*.<ext>, then <dir>/N.<ext>, then
///   <dir>/N/**/*.<ext>
///
/// The directories are tried in their order. Absolute paths and URLs are left to DuckDB's own
/// scans.
void RegisterFileSets(duckdb::DBConfig& config, std::vector<std::string> data_dirs);

}  // namespace skein::engine
