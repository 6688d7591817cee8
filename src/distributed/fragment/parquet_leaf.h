#pragma once

#include <map>

#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// A scan of Parquet files that says everything itself: the schema comes with the plan, the files
/// and row ranges come with the task. Nothing is listed and no file is opened to bind it, and a
/// file name is never taken for a pattern.
struct ParquetLeaf : public duckdb::TableFunctionInfo {
  uint32_t scan = 0;  ///< index into TaskSpec::scans
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::MultiFileReaderBindData bind;
  duckdb::named_parameter_map_t options;
  /// What is known of the values of columns, by their number: of all files together.
  std::map<duckdb::idx_t, duckdb::unique_ptr<duckdb::BaseStatistics>> statistics;
  /// Of the whole scan, estimated.
  uint64_t rows = 0;
  uint64_t bytes = 0;
  /// Some split is a range of rows, or may become one; the scan then has the row number among its
  /// columns.
  bool ranges = false;
  /// The files are those of a table format, which says more of them (fragment/format_file.h).
  bool of_format = false;
  // Of this task:
  duckdb::vector<Split> splits;
  TaskInputs* shared = nullptr;  ///< gives them one by one instead, while the task runs
  uint64_t task_rows = 0;

  /// Of the file with this number in the scan's list.
  const Split& SplitOf(size_t file) const {
    return shared ? shared->TakeSplit(scan, file)->split : splits[file];
  }
};

inline constexpr const char* kParquetLeafName = "skein_parquet_leaf";

/// Registers what fragments consist of, on a coordinator's and on a worker's instance. Once each.
void RegisterFragmentFunctions(duckdb::DatabaseInstance& instance);

/// Why this scan cannot be a leaf; empty when it can.
std::string WhyNotParquetLeaf(const duckdb::LogicalGet& get);

/// Whether `get` scans a table of DuckLake, Iceberg or Delta; planner/format_scan.h says whether it
/// can be a leaf.
bool ReadsTableFormat(const duckdb::LogicalGet& get);

/// How the leaf that MakeParquetLeaf makes of `get` maps the columns of `split`'s file, for which
/// `reader` has a reader: leaves it in `reader` as the extension's own mapping would be.
void MapAsLeaf(duckdb::ClientContext& context, const duckdb::LogicalGet& get, const Split& split,
               duckdb::MultiFileReaderData& reader);

/// Turns `get`, for which WhyNotParquetLeaf is empty or whose files a table format was asked for,
/// into a leaf of number `scan`.
void MakeParquetLeaf(duckdb::ClientContext& context, duckdb::LogicalGet& get, uint32_t scan,
                     uint64_t rows, uint64_t bytes, bool ranges);

}  // namespace skein::distributed
