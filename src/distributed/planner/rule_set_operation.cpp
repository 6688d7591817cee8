#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_set_operation.hpp"

#include "distributed/planner/cutter.h"

namespace skein::distributed {

Property Cutter::VisitSetOperation(Operator& op) {
  std::vector<Property> children;
  bool any_split = false;
  bool all_replicated = true;
  for (auto& child : op->children) {
    children.push_back(Visit(child));
    any_split = any_split || children.back().split();
    all_replicated = all_replicated && children.back().replicated();
  }
  if (!any_split) return all_replicated ? Property::Replicated() : Property::Single();

  auto& operation = op->Cast<duckdb::LogicalSetOperation>();
  if (op->type == duckdb::LogicalOperatorType::LOGICAL_UNION && operation.setop_all) {
    for (size_t i = 0; i < op->children.size(); ++i) {
      if (children[i].split()) continue;
      // In every task it would count as often as there are tasks.
      Say("union all: a side that is not split goes to one task");
      CutOff(op->children[i], Property::Single(), Exchange::kToOne);
    }
    return Property::Partitioned();
  }
  Say(duckdb::LogicalOperatorToString(op->type) + ": all sides by hash of all columns");
  for (size_t i = 0; i < op->children.size(); ++i) {
    op->children[i]->ResolveOperatorTypes();
    const auto bindings = op->children[i]->GetColumnBindings();
    Keys keys;
    for (size_t c = 0; c < bindings.size(); ++c) {
      // With a name, for who reads the plan.
      keys.push_back(duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
          "column " + std::to_string(c + 1), op->children[i]->types[c], bindings[c]));
    }
    CutOff(op->children[i], children[i], Exchange::kHash, std::move(keys));
  }
  return Property::Partitioned();
}

}  // namespace skein::distributed
