#pragma once

#include "duckdb/parser/statement/logical_plan_statement.hpp"
#include "duckdb/planner/logical_operator.hpp"

#include "common/status.h"

namespace skein::distributed {

/// A plan whose columns are still named by binding, which is what can be cut, serialized and
/// optimised. (What Connection::ExtractPlan gives is not: its columns are positions.)
using Plan = duckdb::unique_ptr<duckdb::LogicalOperator>;

std::string SerializePlan(const duckdb::LogicalOperator& plan);
/// Within a transaction and, for plans with our leaves, within a TaskScope.
Plan DeserializePlan(duckdb::ClientContext& context, const std::string& bytes);

/// What is worth doing again where a fragment runs, because it is not serialized or looks at the
/// rows that come in: statistics, compressed materialization, projection maps, top-n, filters from
/// join sides.
Plan OptimizeFragment(duckdb::ClientContext& context, Plan plan);

/// The statement that runs a plan as it is. (Switching the connection's optimizer off would do
/// that, too, but then DuckDB also runs windows and sorted aggregates in its slowest way.)
class FragmentStatement : public duckdb::LogicalPlanStatement {
 public:
  explicit FragmentStatement(Plan plan);
  std::string ToString() const override { return query; }
  duckdb::unique_ptr<duckdb::SQLStatement> Copy() const override;
};

}  // namespace skein::distributed
