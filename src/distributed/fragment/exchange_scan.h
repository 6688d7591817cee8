#pragma once

#include "duckdb/function/table_function.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

namespace skein::distributed {

/// The leaf that stands in a plan where a subtree was cut off: reads the task's input of number
/// `input`.
struct ExchangeScanData : public duckdb::TableFunctionData {
  uint32_t input = 0;
  /// As planned; a task knows better (TaskSpec::Input::rows).
  uint64_t rows = 0;
  duckdb::vector<duckdb::LogicalType> types;
  /// Rows were left out on the way to it: where it is the smaller side of a join, its keys may
  /// filter the other.
  bool filtered = false;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override;
  bool Equals(const duckdb::FunctionData& other) const override;
};

inline constexpr const char* kExchangeScanName = "skein_exchange_scan";

duckdb::TableFunction ExchangeScanFunction();
duckdb::unique_ptr<duckdb::LogicalGet> MakeExchangeScan(
    duckdb::idx_t table_index, uint32_t input, uint64_t rows,
    const duckdb::vector<duckdb::LogicalType>& types, bool filtered);
/// Whether any rows are left out in `op` or where it reads.
bool LeavesOutRows(const duckdb::LogicalOperator& op);

}  // namespace skein::distributed
