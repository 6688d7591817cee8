#pragma once

#include "duckdb/function/table_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

namespace skein::distributed {

inline constexpr const char* kTextLeafName = "skein_text_leaf";

/// A scan of some of a list of CSV or JSON files. What is in such files is found out by looking at
/// several of them, so a task binds the whole list as the coordinator did, checks that it finds the
/// same columns, and then reads its own files only; or its own files only and takes the columns as
/// the coordinator found them, where each file is found out by itself (CSV with union_by_name). Of
/// one file a task may read ranges of bytes (text_range.h), which are files to it.
duckdb::TableFunction TextLeafFunction();

/// Whether it is one of DuckDB's scans of CSV or JSON at all.
bool ReadsText(const duckdb::LogicalGet& get);

/// Why this scan, for which ReadsText holds, cannot be such a leaf; empty when it can.
std::string WhyNotTextLeaf(const duckdb::LogicalGet& get);

/// Turns `get`, for which WhyNotTextLeaf is empty, into a leaf of number `scan`.
void MakeTextLeaf(duckdb::LogicalGet& get, uint32_t scan);

/// The same of a scan of one file in ranges: `options` are those of read_csv for `any_range`, the
/// path of one of them.
void MakeTextRangeLeaf(duckdb::LogicalGet& get, uint32_t scan, const std::string& any_range,
                       const duckdb::named_parameter_map_t& options);

}  // namespace skein::distributed
