#include "engine/postgres_catalog/empty_relations.h"

#include <algorithm>
#include <utility>

#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_empty_result.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_join.hpp"

#include "engine/postgres_catalog/catalog_table_function.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Plan = duckdb::unique_ptr<LogicalOperator>;

bool IsEmpty(const Plan& plan) { return plan->type == LogicalOperatorType::LOGICAL_EMPTY_RESULT; }

bool JoinIsEmpty(const LogicalOperator& join) {
  bool left = IsEmpty(join.children[0]);
  bool right = IsEmpty(join.children[1]);
  switch (static_cast<const duckdb::LogicalJoin&>(join).join_type) {
    case duckdb::JoinType::INNER:
    case duckdb::JoinType::SEMI:
      return left || right;
    case duckdb::JoinType::LEFT:
    case duckdb::JoinType::SINGLE:
    case duckdb::JoinType::MARK:
    case duckdb::JoinType::ANTI:
      return left;
    case duckdb::JoinType::RIGHT:
      return right;
    case duckdb::JoinType::OUTER:
      return left && right;
    default:
      return false;
  }
}

/// Without groups there is a row for nothing, too.
bool AggregateIsEmpty(const LogicalOperator& plan) {
  const auto& aggregate = plan.Cast<duckdb::LogicalAggregate>();
  return IsEmpty(plan.children[0]) && !aggregate.groups.empty() &&
         std::none_of(aggregate.grouping_sets.begin(), aggregate.grouping_sets.end(),
                      [](const duckdb::GroupingSet& set) { return set.empty(); });
}

/// Of an operator whose children were looked at.
bool GivesNothing(const LogicalOperator& plan) {
  switch (plan.type) {
    case LogicalOperatorType::LOGICAL_GET:
      return plan.children.empty() && NeverHasRows(plan.Cast<duckdb::LogicalGet>());
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_DISTINCT:
    case LogicalOperatorType::LOGICAL_WINDOW:
    case LogicalOperatorType::LOGICAL_UNNEST:
    case LogicalOperatorType::LOGICAL_ORDER_BY:
    case LogicalOperatorType::LOGICAL_LIMIT:
      return IsEmpty(plan.children[0]);
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return AggregateIsEmpty(plan);
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      return IsEmpty(plan.children[0]) || IsEmpty(plan.children[1]);
    case LogicalOperatorType::LOGICAL_UNION:
      return std::all_of(plan.children.begin(), plan.children.end(), IsEmpty);
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
      return JoinIsEmpty(plan);
    default:
      return false;
  }
}

void TakeOut(Plan& plan) {
  for (auto& child : plan->children) TakeOut(child);
  if (GivesNothing(*plan)) plan = duckdb::make_uniq<duckdb::LogicalEmptyResult>(std::move(plan));
}

bool ReadsEmptyRelation(const LogicalOperator& plan) {
  if (plan.type == LogicalOperatorType::LOGICAL_GET && GivesNothing(plan)) return true;
  return std::any_of(plan.children.begin(), plan.children.end(),
                     [](const Plan& child) { return ReadsEmptyRelation(*child); });
}

void Optimize(duckdb::OptimizerExtensionInput&, Plan& plan) {
  if (ReadsEmptyRelation(*plan)) TakeOut(plan);
}

}  // namespace

void RegisterEmptyRelations(duckdb::DatabaseInstance& db) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = Optimize;
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(db), std::move(extension));
}

}  // namespace skein::engine::postgres_catalog
