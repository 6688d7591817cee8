#include "engine/plan_scans.h"

#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/execution/operator/scan/physical_table_scan.hpp"

namespace skein::engine {
namespace {

bool AnyScan(const duckdb::PhysicalOperator& op,
             bool (*holds)(const duckdb::PhysicalTableScan& scan)) {
  if (op.type == duckdb::PhysicalOperatorType::TABLE_SCAN &&
      holds(op.Cast<duckdb::PhysicalTableScan>()))
    return true;
  for (auto& child : op.GetChildren()) {
    if (AnyScan(child.get(), holds)) return true;
  }
  return false;
}

bool OfTableFormat(const duckdb::PhysicalTableScan& scan) {
  const std::string& name = scan.function.name;
  return scan.function.get_multi_file_reader &&
         (name == "ducklake_scan" || name == "iceberg_scan" || name == "delta_scan");
}

bool CanBeSplit(const duckdb::PhysicalTableScan& scan) {
  if (scan.function.get_multi_file_reader) return OfTableFormat(scan);
  const std::string& name = scan.function.name;
  if (name.find("parquet") != std::string::npos) return true;
  if (name.starts_with("read_csv") || name.starts_with("read_json") ||
      name.starts_with("read_ndjson")) {
    return true;
  }
  if (!name.starts_with("read_")) return false;
  const auto* bind = dynamic_cast<const duckdb::MultiFileBindData*>(scan.bind_data.get());
  return bind && bind->file_list->GetExpandResult() == duckdb::FileExpandResult::MULTIPLE_FILES;
}

}  // namespace

bool ReadsTableFormats(const duckdb::PhysicalOperator& plan) {
  return AnyScan(plan, OfTableFormat);
}

bool ReadsWhatIsSplit(const duckdb::PhysicalOperator& plan) { return AnyScan(plan, CanBeSplit); }

}  // namespace skein::engine
