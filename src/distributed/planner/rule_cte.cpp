#include "duckdb/planner/operator/logical_cteref.hpp"
#include "duckdb/planner/operator/logical_materialized_cte.hpp"

#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/parquet_leaf.h"
#include "distributed/planner/cutter.h"

namespace skein::distributed {

using duckdb::LogicalOperatorType;

Property Cutter::VisitMaterializedCte(Operator& op) {
  const auto index = op->Cast<duckdb::LogicalMaterializedCTE>().table_index;
  Property property = Visit(op->children[0]);
  ctes_.emplace(index, Keep(op->children[0], property));
  Operator query = std::move(op->children[1]);
  op = std::move(query);
  return Visit(op);
}

Property Cutter::VisitCteRef(Operator& op) {
  auto& ref = op->Cast<duckdb::LogicalCTERef>();
  auto found = ctes_.find(ref.cte_index);
  if (found == ctes_.end()) throw NotCut("a reference to a CTE that is not known here");
  const auto table_index = ref.table_index;
  op = ReadKept(found->second, table_index, ref.chunk_types);
  return PropertyOfKept(found->second, table_index);
}

Property Cutter::VisitRecursiveCte(Operator& op) {
  Say("recursive CTE in one task");
  for (auto& child : op->children) VisitWhole(child);
  return Property::Single();
}

void Cutter::VisitWhole(Operator& op) {
  switch (op->type) {
    case LogicalOperatorType::LOGICAL_CTE_REF: {
      auto& ref = op->Cast<duckdb::LogicalCTERef>();
      auto found = ctes_.find(ref.cte_index);
      // Else it is a CTE of this subtree, the recursive one itself for instance.
      if (found == ctes_.end()) return;
      const auto table_index = ref.table_index;
      op = ReadKept(found->second, table_index, ref.chunk_types);
      exchanges.back().mode = ReadMode::kAll;
      return;
    }
    case LogicalOperatorType::LOGICAL_GET: {
      const Property property = VisitGet(op);
      if (!property.split()) return;
      SayOfScan(op->Cast<duckdb::LogicalGet>(),
                ScanName(op->Cast<duckdb::LogicalGet>()) + " is read whole by one task");
      auto scan = scans.extract(op->GetTableIndex()[0]);
      if (ReadsTableFormat(op->Cast<duckdb::LogicalGet>())) whole_scans.insert(std::move(scan));
      return;
    }
    default:
      for (auto& child : op->children) VisitWhole(child);
  }
}

}  // namespace skein::distributed
