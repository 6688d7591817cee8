#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_delim_get.hpp"

#include "distributed/planner/cutter.h"

namespace skein::distributed {
namespace {

using duckdb::ColumnBinding;
using duckdb::idx_t;
using duckdb::LogicalOperatorType;

/// The delim gets that belong to the join whose inner side is `op`: those of a join within belong
/// to that one.
void OwnDelimGets(duckdb::unique_ptr<duckdb::LogicalOperator>& op,
                  std::vector<duckdb::unique_ptr<duckdb::LogicalOperator>*>* found) {
  if (op->type == LogicalOperatorType::LOGICAL_DELIM_GET) {
    found->push_back(&op);
    return;
  }
  if (op->type == LogicalOperatorType::LOGICAL_DELIM_JOIN) {
    OwnDelimGets(op->children[op->Cast<duckdb::LogicalComparisonJoin>().delim_flipped ? 1 : 0],
                 found);
    return;
  }
  for (auto& child : op->children) OwnDelimGets(child, found);
}

}  // namespace

/// A correlated subquery: the outer side is kept, each delim get becomes the distinct keys of what
/// was kept, and what remains is an ordinary join.
Property Cutter::VisitDelimJoin(Operator& op) {
  const size_t outer = op->Cast<duckdb::LogicalComparisonJoin>().delim_flipped ? 1 : 0;
  Property outer_property = Visit(op->children[outer]);
  op->children[outer]->ResolveOperatorTypes();
  const auto types = op->children[outer]->types;
  KeptStage kept = Keep(op->children[outer], outer_property);
  const auto outer_bindings = op->children[outer]->GetColumnBindings();
  const idx_t outer_index = outer_bindings[0].table_index;

  auto& delim = op->Cast<duckdb::LogicalComparisonJoin>();
  std::vector<Operator*> gets;
  OwnDelimGets(op->children[1 - outer], &gets);
  for (Operator* get : gets) {
    const idx_t keys_index = (*get)->Cast<duckdb::LogicalDelimGet>().table_index;
    const idx_t scan_index = NewIndex();
    auto keys = duckdb::make_uniq<duckdb::LogicalAggregate>(
        keys_index, NewIndex(), duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>());
    duckdb::GroupingSet all;
    for (idx_t i = 0; i < delim.duplicate_eliminated_columns.size(); ++i) {
      auto key = delim.duplicate_eliminated_columns[i]->Copy();
      duckdb::ExpressionIterator::EnumerateExpression(key, [&](duckdb::Expression& part) {
        if (part.GetExpressionType() != duckdb::ExpressionType::BOUND_COLUMN_REF) return;
        auto& binding = part.Cast<duckdb::BoundColumnRefExpression>().binding;
        for (idx_t k = 0; k < outer_bindings.size(); ++k) {
          if (outer_bindings[k] == binding) {
            binding = ColumnBinding(scan_index, k);
            return;
          }
        }
        throw NotCut("a correlated column is not among those of its side");
      });
      keys->groups.push_back(std::move(key));
      all.insert(i);
    }
    keys->grouping_sets.push_back(all);
    keys->children.push_back(ReadKept(kept, scan_index, types));
    keys->ResolveOperatorTypes();
    *get = std::move(keys);
  }

  auto join = duckdb::make_uniq<duckdb::LogicalComparisonJoin>(delim.join_type);
  join->conditions = std::move(delim.conditions);
  join->mark_types = delim.mark_types;
  join->mark_index = delim.mark_index;
  join->left_projection_map = delim.left_projection_map;
  join->right_projection_map = delim.right_projection_map;
  join->predicate = std::move(delim.predicate);
  join->children = std::move(op->children);
  join->ResolveOperatorTypes();
  op = std::move(join);
  Say("correlated subquery as a join");

  Property outer_kept = PropertyOfKept(kept, outer_index);
  if (!kept.split) outer_kept = Property::Single();
  Property inner = Visit(op->children[1 - outer]);
  return outer == 0 ? Join(op, outer_kept, inner) : Join(op, inner, outer_kept);
}

}  // namespace skein::distributed
