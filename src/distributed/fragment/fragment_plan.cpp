#include "distributed/fragment/fragment_plan.h"

#include "duckdb/common/exception.hpp"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/optimizer/column_lifetime_analyzer.hpp"
#include "duckdb/optimizer/common_aggregate_optimizer.hpp"
#include "duckdb/optimizer/compressed_materialization.hpp"
#include "duckdb/optimizer/join_filter_pushdown_optimizer.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/optimizer/statistics_propagator.hpp"
#include "duckdb/optimizer/topn_optimizer.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_extension_operator.hpp"

#include "distributed/fragment/exchange_scan.h"

namespace skein::distributed {
namespace {

duckdb::idx_t MaxTableIndex(duckdb::LogicalOperator& op) {
  duckdb::idx_t max = 0;
  for (duckdb::idx_t index : op.GetTableIndex()) {
    if (index != duckdb::DConstants::INVALID_INDEX) max = std::max(max, index);
  }
  for (auto& child : op.children) max = std::max(max, MaxTableIndex(*child));
  return max;
}

/// The root that tells DuckDB not to optimise what is below it; itself it does nothing.
class AsItIs : public duckdb::LogicalExtensionOperator {
 public:
  explicit AsItIs(Plan plan) { children.push_back(std::move(plan)); }

  bool RequireOptimizer() const override { return false; }
  duckdb::vector<duckdb::ColumnBinding> GetColumnBindings() override {
    return children[0]->GetColumnBindings();
  }
  duckdb::PhysicalOperator& CreatePlan(duckdb::ClientContext&,
                                       duckdb::PhysicalPlanGenerator& generator) override {
    return generator.CreatePlan(*children[0]);
  }
  std::string GetExtensionName() const override { return "skein"; }

 protected:
  void ResolveTypes() override { types = children[0]->types; }
};

/// Computes once what an aggregate has several times: statistics make counts of columns without
/// NULL counts of rows. Only below a projection, as the columns of the root are what others read.
void ShareAggregates(duckdb::LogicalOperator& op) {
  if (op.type == duckdb::LogicalOperatorType::LOGICAL_PROJECTION) {
    duckdb::CommonAggregateOptimizer common_aggregates;
    common_aggregates.VisitOperator(op);
    return;
  }
  for (auto& child : op.children) ShareAggregates(*child);
}

/// DuckDB makes a bloom filter of a join's smaller side only where it sees that rows are left out
/// of it, which may have happened in another stage.
void ExpectFiltered(duckdb::LogicalOperator& op) {
  for (auto& child : op.children) ExpectFiltered(*child);
  if (op.type != duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN) return;
  auto& join = op.Cast<duckdb::LogicalComparisonJoin>();
  if (join.filter_pushdown && !join.filter_pushdown->probe_info.empty() &&
      LeavesOutRows(*join.children[1])) {
    join.filter_pushdown->build_side_has_filter = true;
  }
}

}  // namespace

FragmentStatement::FragmentStatement(Plan plan)
    : LogicalPlanStatement(duckdb::make_uniq<AsItIs>(std::move(plan))) {
  this->plan->ResolveOperatorTypes();
  query = "FRAGMENT";
}

std::string SerializePlan(const duckdb::LogicalOperator& plan) {
  duckdb::MemoryStream stream;
  duckdb::SerializationOptions options;
  options.serialization_compatibility = duckdb::SerializationCompatibility::Latest();
  duckdb::BinarySerializer serializer(stream, options);
  serializer.Begin();
  plan.Serialize(serializer);
  serializer.End();
  return std::string(reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition());
}

Plan DeserializePlan(duckdb::ClientContext& context, const std::string& bytes) {
  auto* data = reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(bytes.data()));
  duckdb::MemoryStream stream(data, bytes.size());
  duckdb::bound_parameter_map_t parameters;
  auto plan =
      duckdb::BinaryDeserializer::Deserialize<duckdb::LogicalOperator>(stream, context, parameters);
  plan->ResolveOperatorTypes();
  return plan;
}

Plan OptimizeFragment(duckdb::ClientContext& context, Plan plan) {
  auto binder = duckdb::Binder::CreateBinder(context);
  const duckdb::idx_t used = MaxTableIndex(*plan);
  while (binder->GenerateTableIndex() < used) {
  }
  duckdb::Optimizer optimizer(*binder, context);
  duckdb::TopN top_n(context);
  plan = top_n.Optimize(std::move(plan));
  duckdb::StatisticsPropagator statistics(optimizer, *plan);
  statistics.PropagateStatistics(plan);
  auto known = statistics.GetStatisticsMap();
  duckdb::CompressedMaterialization(optimizer, *plan, known).Compress(plan);
  ShareAggregates(*plan);
  duckdb::ColumnLifetimeAnalyzer lifetime(optimizer, *plan, true);
  lifetime.VisitOperator(*plan);
  duckdb::JoinFilterPushdownOptimizer join_filters(optimizer);
  join_filters.VisitOperator(*plan);
  ExpectFiltered(*plan);
  plan->ResolveOperatorTypes();
  return plan;
}

duckdb::unique_ptr<duckdb::SQLStatement> FragmentStatement::Copy() const {
  throw duckdb::InternalException("a fragment is run once");
}

}  // namespace skein::distributed
