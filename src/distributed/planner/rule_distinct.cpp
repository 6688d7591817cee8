#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_distinct.hpp"

#include "distributed/planner/cutter.h"

namespace skein::distributed {

Property Cutter::VisitDistinct(Operator& op) {
  Property child = Visit(op->children[0]);
  auto& distinct = op->Cast<duckdb::LogicalDistinct>();
  const bool plain = distinct.distinct_type == duckdb::DistinctType::DISTINCT;
  // Which row DISTINCT ON keeps is not the same everywhere.
  if (!child.split()) return child.replicated() && plain ? child : Property::Single();
  if (plain) {
    auto local = duckdb::make_uniq<duckdb::LogicalDistinct>(duckdb::DistinctType::DISTINCT);
    for (const auto& target : distinct.distinct_targets)
      local->distinct_targets.push_back(target->Copy());
    local->children.push_back(std::move(op->children[0]));
    local->ResolveOperatorTypes();
    op->children[0] = std::move(local);
  }
  Say(plain ? "distinct in every task, then by hash" : "distinct on: rows by hash of its targets");
  Keys keys;
  for (const auto& target : distinct.distinct_targets) keys.push_back(target->Copy());
  if (keys.empty()) return Gather(op->children[0], child);
  return CutOff(op->children[0], child, Exchange::kHash, std::move(keys));
}

}  // namespace skein::distributed
