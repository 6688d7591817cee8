#include <set>

#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_aggregate_expression.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"

#include "distributed/fragment/aggregate_state.h"
#include "distributed/planner/aggregate_parts.h"
#include "distributed/planner/cutter.h"
#include "engine/postgres_functions/names.h"

namespace skein::distributed {
namespace {

using duckdb::BoundAggregateExpression;
using duckdb::BoundCastExpression;
using duckdb::BoundColumnRefExpression;
using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalAggregate;
using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::vector;

/// The same rows give the same value whatever their order.
bool Exact(const BoundAggregateExpression& aggregate) {
  static const std::set<std::string> names = {
      "count", "count_star", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor"};
  if (aggregate.order_bys) return false;
  if (names.contains(aggregate.function.name)) return aggregate.children.size() <= 1;
  return (aggregate.function.name == "sum" || aggregate.function.name == "sum_no_overflow") &&
         (aggregate.children[0]->return_type.IsIntegral() ||
          aggregate.children[0]->return_type.id() == duckdb::LogicalTypeId::DECIMAL);
}

/// What puts the parts of `name` together.
std::string MergerOf(const std::string& name) {
  if (IsCount(name) || IsCountIf(name) || name == "avg" || name == "sum_no_overflow") return "sum";
  return name;
}

/// Either may be null: no condition.
unique_ptr<Expression> And(unique_ptr<Expression> left, unique_ptr<Expression> right) {
  if (!left || !right) return left ? std::move(left) : std::move(right);
  return make_uniq<duckdb::BoundConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_AND,
                                                       std::move(left), std::move(right));
}

struct Merge {
  std::string name;
  vector<idx_t> parts;
  LogicalType type;
  const BoundAggregateExpression* original = nullptr;
};

/// Whether it is PostgreSQL's average, a numeric.
bool ExactAverage(const Merge& merge) { return merge.name == "avg" && IsExactAverage(merge.type); }

/// What all DISTINCT aggregates are of, when that is one expression and the others can be taken
/// apart; else nothing.
const Expression* CommonDistinct(const LogicalAggregate& aggregate) {
  static const std::set<std::string> names = {"count", "sum", "sum_no_overflow", "avg"};
  const Expression* common = nullptr;
  for (const auto& expression : aggregate.expressions) {
    auto& bound = expression->Cast<BoundAggregateExpression>();
    if (!bound.IsDistinct()) {
      // Taken apart twice; a state cannot be.
      if (HasPlainState(bound) || !Decomposable(bound, !aggregate.groups.empty())) return nullptr;
      continue;
    }
    if (bound.order_bys || bound.filter || bound.children.size() != 1 ||
        !names.contains(bound.function.name) ||
        (bound.function.name != "count" && !bound.children[0]->return_type.IsNumeric()) ||
        (common && !common->Equals(*bound.children[0]))) {
      return nullptr;
    }
    common = bound.children[0].get();
  }
  return common;
}

}  // namespace

Property Cutter::VisitAggregate(Operator& op) {
  Property child = Visit(op->children[0]);
  auto& aggregate = op->Cast<LogicalAggregate>();
  bool decomposable = true;
  bool exact = true;
  for (const auto& expression : aggregate.expressions) {
    auto& bound = expression->Cast<BoundAggregateExpression>();
    // It asks for the least and the greatest value before it begins.
    if (bound.function.name == "bitstring_agg")
      throw NotCut("bitstring_agg() needs the statistics of all it reads");
    decomposable = decomposable && Decomposable(bound, !aggregate.groups.empty());
    exact = exact && Exact(bound);
  }
  if (!child.split()) return child.replicated() && exact ? child : Property::Single();

  const bool sets = aggregate.grouping_sets.size() > 1 || !aggregate.grouping_functions.empty();
  if (!sets && child.kind == Property::Kind::kHashed && !aggregate.groups.empty()) {
    // Rows of one group are in one task already when the keys are among the groups.
    vector<ColumnBinding> keys;
    for (const ColumnBinding& key : child.keys) {
      for (idx_t i = 0; i < aggregate.groups.size(); ++i) {
        auto& group = *aggregate.groups[i];
        if (group.GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF &&
            group.Cast<BoundColumnRefExpression>().binding == key) {
          keys.emplace_back(aggregate.group_index, i);
          break;
        }
      }
    }
    if (keys.size() == child.keys.size()) {
      Say("aggregate: each group is in one task already");
      RelyOn(child);
      return Property::Hashed(keys);
    }
  }
  if (decomposable) return TwoPhaseAggregate(op, child);
  if (const Expression* distinct = CommonDistinct(aggregate); distinct && !sets) {
    return DistinctAggregate(op, *distinct, child);
  }
  if (sets || aggregate.groups.empty()) {
    Property gathered = Gather(op->children[0], child);
    Say("aggregate in one task: it cannot be taken apart");
    return gathered;
  }
  Say("aggregate: rows by hash of the groups, it cannot be taken apart");
  Keys keys;
  for (const auto& group : aggregate.groups) keys.push_back(group->Copy());
  Property by_group = CutOff(op->children[0], child, Exchange::kHash, std::move(keys));
  vector<ColumnBinding> group_keys;
  if (by_group.kind == Property::Kind::kHashed) {
    for (idx_t i = 0; i < aggregate.groups.size(); ++i)
      group_keys.emplace_back(aggregate.group_index, i);
  }
  return Property::Hashed(group_keys);
}

/// Makes of an aggregate partial ones on the finest grouping, the final ones with the grouping sets
/// over them, and a projection that gives the original types. `distinct`: what the DISTINCT
/// aggregates count, which is one more group of the partial ones, so that the final ones meet each
/// value once.
void Cutter::SplitAggregate(Operator& op, const Expression* distinct) {
  auto& original = op->Cast<LogicalAggregate>();
  const idx_t groups = original.groups.size();
  const idx_t part_group_count = groups + (distinct ? 1 : 0);

  std::vector<Merge> merges;
  vector<unique_ptr<Expression>> parts;
  for (const auto& expression : original.expressions) {
    auto& bound = expression->Cast<BoundAggregateExpression>();
    Merge merge{bound.function.name, {}, bound.return_type, &bound};
    auto add = [&](unique_ptr<BoundAggregateExpression> part,
                   unique_ptr<Expression> condition = nullptr) {
      part->filter = And(bound.filter ? bound.filter->Copy() : nullptr, std::move(condition));
      merge.parts.push_back(parts.size());
      parts.push_back(std::move(part));
    };
    if (bound.IsDistinct()) {
      // It is complete only at the end.
    } else if (merge.name == "avg") {
      for (const char* name : {"sum", "count"}) {
        vector<unique_ptr<Expression>> arguments;
        arguments.push_back(bound.children[0]->Copy());
        add(BindAggregate(context_, name, std::move(arguments)));
      }
    } else if (HasPlainState(bound)) {
      add(StateOf(bound));
    } else if (IsByKey(merge.name)) {
      add(duckdb::unique_ptr_cast<Expression, BoundAggregateExpression>(bound.Copy()));
      // The key of that value: rows without a value do not take part.
      vector<unique_ptr<Expression>> arguments;
      arguments.push_back(bound.children[1]->Copy());
      auto key =
          BindAggregate(context_, merge.name.find("max") == std::string::npos ? "min" : "max",
                        std::move(arguments));
      auto has_value = make_uniq<duckdb::BoundOperatorExpression>(
          duckdb::ExpressionType::OPERATOR_IS_NOT_NULL, LogicalType::BOOLEAN);
      has_value->children.push_back(bound.children[0]->Copy());
      add(std::move(key), std::move(has_value));
    } else {
      add(duckdb::unique_ptr_cast<Expression, BoundAggregateExpression>(bound.Copy()));
    }
    merges.push_back(std::move(merge));
  }

  const idx_t part_groups = NewIndex();
  const idx_t part_values = NewIndex();
  auto partial = make_uniq<LogicalAggregate>(part_groups, part_values, std::move(parts));
  for (const auto& group : original.groups) partial->groups.push_back(group->Copy());
  if (distinct) partial->groups.push_back(distinct->Copy());
  if (part_group_count > 0) {
    duckdb::GroupingSet all;
    for (idx_t i = 0; i < part_group_count; ++i) all.insert(i);
    partial->grouping_sets.push_back(all);
  }
  partial->children.push_back(std::move(op->children[0]));
  partial->ResolveOperatorTypes();
  const auto part_types = partial->types;

  const idx_t final_values = NewIndex();
  vector<unique_ptr<Expression>> finals;
  std::vector<std::vector<idx_t>> positions;
  for (const Merge& merge : merges) {
    std::vector<idx_t> position;
    if (merge.parts.empty()) {
      vector<unique_ptr<Expression>> arguments;
      arguments.push_back(make_uniq<BoundColumnRefExpression>(part_types[groups],
                                                              ColumnBinding(part_groups, groups)));
      position.push_back(finals.size());
      finals.push_back(BindAggregate(context_, merge.name, std::move(arguments),
                                     ExactAverage(merge) ? engine::kPgCatalog : DEFAULT_SCHEMA));
    }
    auto column = [&](idx_t part) {
      return make_uniq<BoundColumnRefExpression>(part_types[part_group_count + part],
                                                 ColumnBinding(part_values, part));
    };
    auto add = [&](unique_ptr<BoundAggregateExpression> final) {
      position.push_back(finals.size());
      finals.push_back(std::move(final));
    };
    if (!merge.parts.empty() && HasPlainState(*merge.original)) {
      add(MergeStates(*merge.original, column(merge.parts[0])));
    } else if (IsByKey(merge.name)) {
      vector<unique_ptr<Expression>> arguments;
      for (idx_t part : merge.parts) arguments.push_back(column(part));
      add(BindAggregate(context_, merge.name, std::move(arguments)));
    } else {
      for (idx_t part : merge.parts) {
        vector<unique_ptr<Expression>> arguments;
        arguments.push_back(column(part));
        add(BindAggregate(context_, MergerOf(merge.name), std::move(arguments)));
      }
    }
    positions.push_back(std::move(position));
  }
  vector<LogicalType> final_types;
  for (const auto& value : finals) final_types.push_back(value->return_type);
  const idx_t final_groups = original.group_index;
  auto final = make_uniq<LogicalAggregate>(final_groups, final_values, std::move(finals));
  for (idx_t i = 0; i < groups; ++i) {
    final->groups.push_back(
        // With its name, for who reads the plan.
        make_uniq<BoundColumnRefExpression>(original.groups[i]->GetName(), part_types[i],
                                            ColumnBinding(part_groups, i)));
  }
  final->grouping_sets = original.grouping_sets;
  final->grouping_functions = original.grouping_functions;
  final->groupings_index = original.groupings_index;
  final->children.push_back(std::move(partial));

  const idx_t columns = NewIndex();
  vector<unique_ptr<Expression>> projected;
  vector<ColumnBinding> from;
  vector<ColumnBinding> to;
  auto project = [&](unique_ptr<Expression> expression, ColumnBinding original_binding) {
    from.push_back(original_binding);
    to.emplace_back(columns, projected.size());
    projected.push_back(std::move(expression));
  };
  for (idx_t i = 0; i < groups; ++i) {
    project(make_uniq<BoundColumnRefExpression>(part_types[i], ColumnBinding(final_groups, i)),
            ColumnBinding(original.group_index, i));
  }
  for (idx_t i = 0; i < merges.size(); ++i) {
    auto value = [&](idx_t part) -> unique_ptr<Expression> {
      idx_t position = positions[i][part];
      return make_uniq<BoundColumnRefExpression>(final_types[position],
                                                 ColumnBinding(final_values, position));
    };
    unique_ptr<Expression> result;
    const bool whole = merges[i].parts.empty();
    if (merges[i].name == "avg" && !whole) {
      result = AverageOf(context_, value(0), value(1), merges[i].type);
    } else {
      result = value(0);
    }
    if (IsCount(merges[i].name) && !whole) {
      // No rows at all are a count of 0, their sum is NULL.
      const LogicalType type = result->return_type;
      auto coalesce = make_uniq<duckdb::BoundOperatorExpression>(
          duckdb::ExpressionType::OPERATOR_COALESCE, type);
      coalesce->children.push_back(std::move(result));
      coalesce->children.push_back(
          make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::Numeric(type, int64_t{0})));
      result = std::move(coalesce);
    }
    project(BoundCastExpression::AddCastToType(context_, std::move(result), merges[i].type),
            ColumnBinding(original.aggregate_index, i));
  }
  for (idx_t i = 0; i < original.grouping_functions.size(); ++i) {
    const ColumnBinding grouping(original.groupings_index, i);
    project(make_uniq<BoundColumnRefExpression>(LogicalType::BIGINT, grouping), grouping);
  }
  auto projection = make_uniq<duckdb::LogicalProjection>(columns, std::move(projected));
  projection->children.push_back(std::move(final));
  projection->ResolveOperatorTypes();
  op = std::move(projection);
  Rebind(from, to, *op);
}

Property Cutter::TwoPhaseAggregate(Operator& op, Property child) {
  auto& original = op->Cast<LogicalAggregate>();
  const idx_t groups = original.groups.size();
  const bool sets = original.grouping_sets.size() > 1 || !original.grouping_functions.empty();
  SplitAggregate(op, nullptr);

  const idx_t columns = op->Cast<duckdb::LogicalProjection>().table_index;
  Operator& final_op = op->children[0];
  if (groups == 0 || sets) {
    Say(std::string("aggregate in two phases, the second in one task") +
        (sets ? ": grouping sets" : ""));
    return CutOff(final_op->children[0], child, Exchange::kGather);
  }
  Say("aggregate in two phases, the second by hash of the groups");
  Keys keys;
  for (const auto& group : final_op->Cast<LogicalAggregate>().groups) keys.push_back(group->Copy());
  CutOff(final_op->children[0], child, Exchange::kHash, std::move(keys));
  vector<ColumnBinding> group_keys;
  for (idx_t i = 0; i < groups; ++i) group_keys.emplace_back(columns, i);
  return Property::Hashed(group_keys);
}

/// First by the groups and the distinct value, which makes the values distinct wherever they lie,
/// then by the groups; each of them in two phases.
Property Cutter::DistinctAggregate(Operator& op, const Expression& distinct, Property child) {
  Say("distinct aggregates by hash of the groups and " + distinct.GetName() +
      ", then by the groups");
  SplitAggregate(op, &distinct);
  Operator& by_group = op->children[0];
  Property by_value = TwoPhaseAggregate(by_group->children[0], child);
  return ThroughProjection(*op, TwoPhaseAggregate(by_group, by_value));
}

}  // namespace skein::distributed
