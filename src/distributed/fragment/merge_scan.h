#pragma once

#include "duckdb/function/table_function.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

namespace skein::distributed {

/// The leaf that stands in a plan where sorted tasks were cut off: makes of the inputs of numbers
/// `first_input` to `first_input + inputs`, each of them sorted, one sorted stream, on one thread.
struct MergeScanData : public duckdb::TableFunctionData {
  uint32_t first_input = 0;
  uint32_t inputs = 0;
  /// Whether they have to be merged: by the sort key (create_sort_key) in the last column of their
  /// blocks, which is not given on. Else the one begins where the other ends.
  bool merge = true;
  /// As planned; a task knows better (TaskSpec::Input::rows).
  uint64_t rows = 0;
  duckdb::vector<duckdb::LogicalType> types;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override;
  bool Equals(const duckdb::FunctionData& other) const override;
};

inline constexpr const char* kMergeScanName = "skein_merge_scan";

duckdb::TableFunction MergeScanFunction();
duckdb::unique_ptr<duckdb::LogicalGet> MakeMergeScan(
    duckdb::idx_t table_index, uint32_t first_input, uint32_t inputs, bool merge, uint64_t rows,
    const duckdb::vector<duckdb::LogicalType>& types);

}  // namespace skein::distributed
