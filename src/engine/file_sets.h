#pragma once

#include <string>
#include <vector>

#include "common/status.h"

namespace duckdb {
class ClientContext;
struct DBConfig;
}  // namespace duckdb

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

/// A name without an extension that RegisterFileSets makes usable, and what it stands for.
struct FileSetName {
  std::string name;
  std::string pattern;
  std::string reader;
  bool operator==(const FileSetName&) const = default;
};

/// The names that the data directories of this instance offer at their top: one for each file whose
/// extension is known (up to the first dot of its name) and one for each folder that holds such a
/// file. Looks at names only, opens nothing; what is hidden (a leading dot or underscore) is left
/// out. Sorted.
std::vector<FileSetName> ListFileSets(duckdb::ClientContext& context);

/// Completes the error that says that a relation is not there (42P01; others go through): names the
/// file set that may have been meant, or what there is. A statement that would change a file set,
/// which only reads find, gets 42809.
Status ExplainMissingTable(duckdb::ClientContext& context, Status error);

}  // namespace skein::engine
