#include "engine/postgres_catalog/reusable_plans.h"

#include <string>
#include <unordered_set>

#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "engine/postgres_catalog/catalog_table_function.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::Expression;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

/// What a function says of the session, the catalogue or the search path stays with them.
bool Stays(const std::string& function) {
  static const std::unordered_set<std::string> names = {
      "current_database", "current_catalog", "current_schema", "current_schemas",
      "current_user",     "session_user",    "user",           "current_role",
      "pg_backend_pid",   "version",         "format_type",    "pg_get_userbyid",
      "skein_role_oid",   "skein_type_name", "to_regclass",    "to_regtype"};
  return names.contains(function);
}

/// Nothing that may change is computed ahead, when the plan is made.
bool IsReusable(const Expression& expression) {
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION) {
    const auto& function = expression.Cast<duckdb::BoundFunctionExpression>().function;
    if (function.GetStability() == duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY &&
        expression.IsFoldable() && !Stays(function.name))
      return false;
  }
  bool reusable = true;
  duckdb::ExpressionIterator::EnumerateChildren(
      expression, [&](const Expression& child) { reusable = reusable && IsReusable(child); });
  return reusable;
}

}  // namespace

bool IsReusable(LogicalOperator& plan) {
  switch (plan.type) {
    case LogicalOperatorType::LOGICAL_GET:
      // A function of what another operator gives computes nothing ahead either.
      if (!IsReusableRead(plan.Cast<duckdb::LogicalGet>()) &&
          (plan.Cast<duckdb::LogicalGet>().function.name != "generate_series" ||
           plan.children.empty()))
        return false;
      break;
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_DISTINCT:
    case LogicalOperatorType::LOGICAL_WINDOW:
    case LogicalOperatorType::LOGICAL_UNNEST:
    case LogicalOperatorType::LOGICAL_ORDER_BY:
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT:
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
    case LogicalOperatorType::LOGICAL_DELIM_GET:
    case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
    case LogicalOperatorType::LOGICAL_EMPTY_RESULT:
    case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
    case LogicalOperatorType::LOGICAL_CTE_REF:
      break;
    default:
      return false;
  }
  bool reusable = true;
  duckdb::LogicalOperatorVisitor::EnumerateExpressions(
      plan, [&](duckdb::unique_ptr<Expression>* expression) {
        reusable = reusable && IsReusable(**expression);
      });
  for (auto& child : plan.children) reusable = reusable && IsReusable(*child);
  return reusable;
}

}  // namespace skein::engine::postgres_catalog
