#include "distributed/planner/runtime_filter.h"

#include <algorithm>
#include <optional>

#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/expression_filter.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_filter.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"

#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/key_filter.h"
#include "distributed/planner/cutter.h"

namespace skein::distributed {
namespace {

using duckdb::BoundColumnRefExpression;
using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::ExpressionType;
using duckdb::idx_t;
using duckdb::JoinType;
using duckdb::LogicalOperatorType;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::vector;

using Expressions = vector<unique_ptr<Expression>>;

/// All of `from` that is a column is among `bindings`.
bool ColumnsAmong(const Expressions& from, const vector<ColumnBinding>& bindings) {
  bool among = true;
  for (const auto& key : from) {
    duckdb::ExpressionIterator::VisitExpression<BoundColumnRefExpression>(
        *key, [&](const BoundColumnRefExpression& column) {
          among = among &&
                  std::find(bindings.begin(), bindings.end(), column.binding) != bindings.end();
        });
  }
  return among;
}

/// Rows of this side that are not there change nothing but the rows that come from them.
bool MayFilterBelow(JoinType type, size_t side) {
  switch (type) {
    case JoinType::INNER:
      return true;
    case JoinType::LEFT:
    case JoinType::SEMI:
    case JoinType::ANTI:
    case JoinType::MARK:
    case JoinType::SINGLE:
      return side == 0;
    case JoinType::RIGHT:
    case JoinType::RIGHT_SEMI:
    case JoinType::RIGHT_ANTI:
      return side == 1;
    default:
      return false;
  }
}

}  // namespace

void FilterPath::Follow(Plan& stage) {
  // The root gives the columns and, last, the hash of the keys.
  keys_.clear();
  for (const auto& key :
       stage->expressions.back()->Cast<duckdb::BoundFunctionExpression>().children)
    keys_.push_back(key->Copy());
  place_ = &stage->children[0];
  while (Step()) {
  }
}

bool FilterPath::Replace(const vector<ColumnBinding>& from, const Expressions& by) {
  bool can = true;
  auto find = [&](const ColumnBinding& binding) -> const Expression* {
    auto found = std::find(from.begin(), from.end(), binding);
    if (found == from.end()) return nullptr;
    const Expression& to = *by[static_cast<size_t>(found - from.begin())];
    return to.GetExpressionType() == ExpressionType::BOUND_COLUMN_REF ? &to : nullptr;
  };
  auto each = [&](auto&& visit) {
    for (auto& key : keys_) {
      duckdb::ExpressionIterator::EnumerateExpression(key, [&](Expression& part) {
        if (part.GetExpressionType() == ExpressionType::BOUND_COLUMN_REF)
          visit(part.Cast<BoundColumnRefExpression>());
      });
    }
  };
  each([&](BoundColumnRefExpression& column) { can = can && find(column.binding); });
  if (!can) return false;
  each([&](BoundColumnRefExpression& column) {
    column.binding = find(column.binding)->Cast<BoundColumnRefExpression>().binding;
  });
  return true;
}

bool FilterPath::Step() {
  auto& op = **place_;
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_FILTER:
      place_ = &op.children[0];
      return true;
    case LogicalOperatorType::LOGICAL_PROJECTION:
      if (!Replace(op.GetColumnBindings(), op.expressions)) return false;
      place_ = &op.children[0];
      return true;
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY: {
      auto& aggregate = op.Cast<duckdb::LogicalAggregate>();
      if (aggregate.grouping_sets.size() > 1) return false;
      vector<ColumnBinding> groups;
      for (idx_t i = 0; i < aggregate.groups.size(); ++i)
        groups.emplace_back(aggregate.group_index, i);
      if (!Replace(groups, aggregate.groups)) return false;
      place_ = &op.children[0];
      return true;
    }
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN: {
      const JoinType type = op.type == LogicalOperatorType::LOGICAL_COMPARISON_JOIN
                                ? op.Cast<duckdb::LogicalComparisonJoin>().join_type
                                : JoinType::INNER;
      for (size_t side : {0, 1}) {
        if (!MayFilterBelow(type, side)) continue;
        if (!ColumnsAmong(keys_, op.children[side]->GetColumnBindings())) continue;
        place_ = &op.children[side];
        return true;
      }
      return false;
    }
    case LogicalOperatorType::LOGICAL_GET: {
      auto& get = op.Cast<duckdb::LogicalGet>();
      if (get.function.name != kExchangeScanName) return false;
      Plan* stage = enter_(get.bind_data->Cast<ExchangeScanData>().input);
      if (!stage) return false;
      (*stage)->ResolveOperatorTypes();
      Expressions columns;
      const auto below = (*stage)->GetColumnBindings();
      for (idx_t i = 0; i < below.size(); ++i)
        columns.push_back(make_uniq<BoundColumnRefExpression>((*stage)->types[i], below[i]));
      if (!Replace(get.GetColumnBindings(), columns)) return false;
      place_ = stage;
      ++entered_;
      return true;
    }
    default:
      return false;
  }
}

bool FilterPath::at_scan() const {
  return (*place_)->type == LogicalOperatorType::LOGICAL_GET &&
         (*place_)->Cast<duckdb::LogicalGet>().function.name != kExchangeScanName;
}

namespace {

/// The column of `get` that a key is, where a filter of it alone can be part of the scan.
std::optional<idx_t> ScannedColumn(const duckdb::LogicalGet& get, const Expression& key) {
  if (!get.function.filter_pushdown || key.GetExpressionType() != ExpressionType::BOUND_COLUMN_REF)
    return std::nullopt;
  // With projection_ids, too, a binding counts the columns that are read.
  const auto& binding = key.Cast<BoundColumnRefExpression>().binding;
  const auto& column = get.GetColumnIds().at(binding.column_index);
  if (column.IsVirtualColumn() || column.HasChildren() ||
      get.returned_types.at(column.GetPrimaryIndex()) != key.return_type) {
    return std::nullopt;
  }
  return column.GetPrimaryIndex();
}

unique_ptr<Expression> BindFunction(duckdb::ClientContext& context, const std::string& name,
                                    Expressions arguments) {
  duckdb::FunctionBinder binder(context);
  duckdb::ErrorData error;
  auto bound = binder.BindScalarFunction(DEFAULT_SCHEMA, name, std::move(arguments), error);
  if (error.HasError()) error.Throw();
  return bound;
}

/// Whether a row of these keys may be among those of `bloom`.
unique_ptr<Expression> MayContain(duckdb::ClientContext& context, Expressions keys,
                                  const std::string& bloom) {
  Expressions hash;
  hash.push_back(BindFunction(context, "hash", std::move(keys)));
  auto may_contain = BindFunction(context, kMayContainName, std::move(hash));
  may_contain->Cast<duckdb::BoundFunctionExpression>().bind_info = BoundBloom(bloom);
  return may_contain;
}

}  // namespace

std::string FilterPath::Put(duckdb::ClientContext& context, const KeySummary& keys,
                            const std::vector<bool>& null_is_key) {
  std::string what;
  auto* get = at_scan() ? &(*place_)->Cast<duckdb::LogicalGet>() : nullptr;
  if (get && keys.ranges.size() == keys_.size()) {
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (null_is_key[i] || !keys.ranges[i].known) continue;
      const auto column = ScannedColumn(*get, *keys_[i]);
      if (!column) continue;
      const auto& type = keys_[i]->return_type;
      for (auto [comparison, bound] :
           {std::pair{ExpressionType::COMPARE_GREATERTHANOREQUALTO, keys.ranges[i].least},
            std::pair{ExpressionType::COMPARE_LESSTHANOREQUALTO, keys.ranges[i].greatest}}) {
        get->table_filters.PushFilter(
            duckdb::ColumnIndex(*column),
            make_uniq<duckdb::ConstantFilter>(comparison, ValueOfRange(bound, type)));
      }
      what = "range of keys";
    }
  }
  const std::string bloom = UsefulBloom(keys.bloom);
  if (bloom.empty()) return what;
  const auto column =
      get && keys_.size() == 1 ? ScannedColumn(*get, *keys_[0]) : std::optional<idx_t>();
  if (column) {
    // In the scan: of rows that it leaves out the other columns are not decoded.
    Expressions key;
    key.push_back(make_uniq<duckdb::BoundReferenceExpression>(keys_[0]->return_type, 0));
    get->table_filters.PushFilter(
        duckdb::ColumnIndex(*column),
        make_uniq<duckdb::ExpressionFilter>(MayContain(context, std::move(key), bloom)));
  } else {
    Expressions copies;
    for (const auto& key : keys_) copies.push_back(key->Copy());
    (*place_)->ResolveOperatorTypes();
    auto filter = make_uniq<duckdb::LogicalFilter>(MayContain(context, std::move(copies), bloom));
    filter->children.push_back(std::move(*place_));
    filter->ResolveOperatorTypes();
    *place_ = std::move(filter);
  }
  return what + (what.empty() ? "bloom filter" : " and bloom filter");
}

}  // namespace skein::distributed
