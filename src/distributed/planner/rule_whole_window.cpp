#include <algorithm>

#include "duckdb/planner/expression/bound_aggregate_expression.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "duckdb/planner/expression/bound_window_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_cross_product.hpp"
#include "duckdb/planner/operator/logical_filter.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_window.hpp"
#include <fmt/format.h>

#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/task_number.h"
#include "distributed/planner/aggregate_parts.h"
#include "distributed/planner/cutter.h"

// Windows without PARTITION BY: of all rows, which lie in several tasks.

namespace skein::distributed {
namespace {

using duckdb::BoundAggregateExpression;
using duckdb::BoundCastExpression;
using duckdb::BoundColumnRefExpression;
using duckdb::BoundWindowExpression;
using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::ExpressionType;
using duckdb::idx_t;
using duckdb::LogicalAggregate;
using duckdb::LogicalType;
using duckdb::LogicalWindow;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::vector;
using duckdb::WindowBoundary;

using Expressions = vector<unique_ptr<Expression>>;
using Orders = vector<duckdb::BoundOrderByNode>;

enum class Way : uint8_t {
  kTotal,    ///< one value of all rows
  kRunning,  ///< of the rows up to each, in order
  kOther,
};

unique_ptr<BoundAggregateExpression> AggregateOf(const BoundWindowExpression& window) {
  Expressions children;
  for (const auto& child : window.children) children.push_back(child->Copy());
  return make_uniq<BoundAggregateExpression>(
      *window.aggregate, std::move(children),
      window.filter_expr ? window.filter_expr->Copy() : nullptr,
      window.bind_info ? window.bind_info->Copy() : nullptr,
      window.distinct ? duckdb::AggregateType::DISTINCT : duckdb::AggregateType::NON_DISTINCT);
}

/// Of one value, that may be added to that of other rows or compared with it.
bool Adds(const BoundWindowExpression& window) {
  const std::string& name = window.aggregate->name;
  if (IsCount(name)) return true;
  if (window.children.size() != 1) return false;
  const LogicalType& type = window.children[0]->return_type;
  if (name == "sum" || name == "avg") return type.IsNumeric();
  return (name == "min" || name == "max") && !type.IsNested() &&
         duckdb::TypeIsConstantSize(type.InternalType());
}

Way WayOf(const BoundWindowExpression& window) {
  if (window.aggregate && window.aggregate->return_type != window.return_type) return Way::kOther;
  if (window.exclude_clause != duckdb::WindowExcludeMode::NO_OTHER || window.ignore_nulls ||
      !window.arg_orders.empty() || window.start != WindowBoundary::UNBOUNDED_PRECEDING) {
    return Way::kOther;
  }
  const bool to_peers = window.end == WindowBoundary::CURRENT_ROW_RANGE;
  switch (window.GetExpressionType()) {
    case ExpressionType::WINDOW_ROW_NUMBER:
      return to_peers ? Way::kRunning : Way::kOther;
    case ExpressionType::WINDOW_RANK:
    case ExpressionType::WINDOW_RANK_DENSE:
      return to_peers && !window.orders.empty() ? Way::kRunning : Way::kOther;
    case ExpressionType::WINDOW_AGGREGATE:
      break;
    default:
      return Way::kOther;
  }
  const bool adds = Adds(window);
  if (window.orders.empty() && to_peers) {
    return adds || Decomposable(*AggregateOf(window), false) ? Way::kTotal : Way::kOther;
  }
  if (!adds) return Way::kOther;
  if (window.end == WindowBoundary::UNBOUNDED_FOLLOWING) return Way::kTotal;
  const bool to_row = window.end == WindowBoundary::CURRENT_ROW_ROWS;
  const bool running = (to_peers || to_row) && !window.orders.empty() && !window.distinct;
  return running ? Way::kRunning : Way::kOther;
}

bool SameOrders(const Orders& left, const Orders& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& a, const auto& b) { return a.Equals(b); });
}

/// Makes of columns of one scan those of another that reads the same.
void ReadFrom(unique_ptr<Expression>& expression, idx_t from, idx_t to) {
  duckdb::ExpressionIterator::VisitExpressionMutable<BoundColumnRefExpression>(
      expression, [&](BoundColumnRefExpression& column, unique_ptr<Expression>&) {
        if (column.binding.table_index == from) column.binding.table_index = to;
      });
}

unique_ptr<BoundWindowExpression> CopyOf(const BoundWindowExpression& window) {
  return duckdb::unique_ptr_cast<Expression, BoundWindowExpression>(window.Copy());
}

/// Within a task a window gives `window`, and all its rows together `total`; the totals of the
/// tasks before, put together by `merger`, are added to it, or compared with it.
struct Part {
  unique_ptr<BoundWindowExpression> window;
  unique_ptr<BoundAggregateExpression> total;
  std::string merger = "sum";
};

/// The sum, or the count, of what `window` is the average of.
Part PartOfAverage(duckdb::ClientContext& context, const BoundWindowExpression& window,
                   const std::string& name) {
  Expressions arguments;
  arguments.push_back(window.children[0]->Copy());
  auto bound = BindAggregate(context, name, std::move(arguments));
  Part part;
  part.window = CopyOf(window);
  part.window->aggregate = make_uniq<duckdb::AggregateFunction>(bound->function);
  part.window->bind_info = std::move(bound->bind_info);
  part.window->children = std::move(bound->children);
  part.window->return_type = bound->return_type;
  part.total = AggregateOf(*part.window);
  return part;
}

/// `expressions`: a window's value and that of the rows before it; either may be NULL.
unique_ptr<Expression> FirstOfSum(unique_ptr<Expression> sum, Expressions expressions) {
  auto first = make_uniq<duckdb::BoundOperatorExpression>(ExpressionType::OPERATOR_COALESCE,
                                                          sum->return_type);
  first->children.push_back(std::move(sum));
  for (auto& one : expressions) first->children.push_back(std::move(one));
  return first;
}

}  // namespace

std::vector<std::vector<idx_t>> Cutter::WholeWindows(const duckdb::LogicalOperator& op,
                                                     const std::vector<idx_t>& windows,
                                                     std::string* why_not) {
  auto window = [&](idx_t i) -> const BoundWindowExpression& {
    return op.expressions[i]->Cast<BoundWindowExpression>();
  };
  *why_not = "it has no PARTITION BY";
  std::vector<std::vector<idx_t>> links;
  std::vector<idx_t> totals;
  for (idx_t i : windows) {
    const Way way = WayOf(window(i));
    if (way == Way::kOther) return {};
    if (way == Way::kTotal) {
      totals.push_back(i);
      continue;
    }
    auto same = std::find_if(links.begin(), links.end(), [&](const auto& link) {
      return SameOrders(window(link[0]).orders, window(i).orders);
    });
    if (same == links.end()) same = links.insert(links.end(), std::vector<idx_t>());
    same->push_back(i);
  }
  if (options_.tasks < 2) return {};
  if (const uint64_t rows = EstimateRows(*op.children[0]);
      options_.range_rows == 0 || rows <= options_.range_rows) {
    *why_not +=
        fmt::format(", {} rows estimated, skein_range_sort_rows is {}", rows, options_.range_rows);
    return {};
  }
  // Ranges cost two ways of every row; the session's engine has the same cores and needs none.
  if (!links.empty() && !options_.range_windows) {
    *why_not += ", by ranges is for tasks on other machines (skein_range_windows)";
    return {};
  }
  if (!totals.empty()) links.insert(links.begin(), std::move(totals));
  return links;
}

Property Cutter::PlaceWholeWindow(Operator& op, Property child) {
  const auto& first = op->expressions[0]->Cast<BoundWindowExpression>();
  return WayOf(first) == Way::kTotal ? PlaceTotals(op, child) : PlaceRunning(op, child);
}

Property Cutter::PlaceTotals(Operator& op, Property child) {
  op->ResolveOperatorTypes();
  const auto types = op->children[0]->types;
  const KeptStage kept = Keep(op->children[0], child);
  const idx_t own = op->children[0]->Cast<duckdb::LogicalGet>().table_index;
  const idx_t again = NewIndex();

  Keys totals;
  for (const auto& expression : op->expressions) {
    totals.push_back(AggregateOf(expression->Cast<BoundWindowExpression>()));
    ReadFrom(totals.back(), own, again);
  }
  Operator aggregate = make_uniq<LogicalAggregate>(NewIndex(), NewIndex(), std::move(totals));
  aggregate->children.push_back(ReadKept(kept, again, types));

  const auto from = op->GetColumnBindings();
  Operator rows = std::move(op->children[0]);
  op = make_uniq<duckdb::LogicalCrossProduct>(std::move(rows), std::move(aggregate));
  op->SetEstimatedCardinality(kept.rows);
  op->ResolveOperatorTypes();
  Rebind(from, op->GetColumnBindings(), *op);
  // Made in one place: sums of fractions are to be the same for all rows.
  const Property total = Visit(op->children[1]);
  CutOff(op->children[1], total, Exchange::kBroadcast);
  Say("window: totals of all rows to every task, which has kept its rows");
  return PropertyOfKept(kept, own);
}

/// Rows are in the task of the range that they are in, those of equal keys in one. What a window
/// gives of the rows of a task lacks the totals of the tasks before.
Property Cutter::PlaceRunning(Operator& op, Property child) {
  op->ResolveOperatorTypes();
  Operator& rows = op->children[0];
  const auto types = rows->types;
  const idx_t again = NewIndex();
  Operator read_again;
  auto sort_keys = [&] {
    return OrderKeys(op->expressions[0]->Cast<BoundWindowExpression>().orders, nullptr);
  };
  if (sort_keys().empty()) {
    const KeptStage kept = Keep(rows, child);
    Say("window: rows are numbered where they are kept, after those of the tasks before");
    read_again = ReadKept(kept, again, types);
  } else {
    std::string names;
    OrderKeys(op->expressions[0]->Cast<BoundWindowExpression>().orders, &names);
    const bool filtered = LeavesOutRows(*rows);
    Say("window: by ranges of the keys, and the totals of the ranges before");
    CutByRange(rows, sort_keys(), names);
    stages.back().ties_together = true;
    exchanges.push_back({stages.back().id, ReadMode::kPartition});
    read_again = MakeExchangeScan(again, static_cast<uint32_t>(exchanges.size() - 1),
                                  stages.back().estimated_rows, types, filtered);
  }
  const uint64_t count = stages.back().estimated_rows;
  const idx_t own = rows->Cast<duckdb::LogicalGet>().table_index;
  const auto from = op->GetColumnBindings();

  std::vector<Part> parts;
  std::vector<size_t> first_part;
  for (const auto& expression : op->expressions) {
    const auto& window = expression->Cast<BoundWindowExpression>();
    first_part.push_back(parts.size());
    if (window.GetExpressionType() != ExpressionType::WINDOW_AGGREGATE) {
      Part part;
      part.window = CopyOf(window);
      if (window.GetExpressionType() == ExpressionType::WINDOW_RANK_DENSE) {
        Keys key;
        key.push_back(Scalar("create_sort_key", sort_keys()));
        part.total = BindAggregate(context_, "count", std::move(key));
        part.total->aggr_type = duckdb::AggregateType::DISTINCT;
      } else {
        part.total = BindAggregate(context_, "count_star", {});
      }
      parts.push_back(std::move(part));
    } else if (window.aggregate->name == "avg") {
      for (const char* name : {"sum", "count"})
        parts.push_back(PartOfAverage(context_, window, name));
    } else {
      Part part{CopyOf(window), AggregateOf(window)};
      if (!IsCount(window.aggregate->name)) part.merger = window.aggregate->name;
      parts.push_back(std::move(part));
    }
  }

  auto windows = make_uniq<LogicalWindow>(NewIndex());
  const idx_t here = windows->window_index;
  Keys totals;
  for (Part& part : parts) {
    windows->expressions.push_back(std::move(part.window));
    totals.push_back(std::move(part.total));
    ReadFrom(totals.back(), own, again);
  }
  windows->children.push_back(std::move(rows));
  windows->ResolveOperatorTypes();

  const idx_t of_task = NewIndex();
  auto task_totals = make_uniq<LogicalAggregate>(NewIndex(), of_task, std::move(totals));
  task_totals->children.push_back(std::move(read_again));
  task_totals->ResolveOperatorTypes();
  Keys numbered;
  numbered.push_back(Scalar(kTaskNumberName, {}));
  for (idx_t i = 0; i < parts.size(); ++i) {
    numbered.push_back(
        make_uniq<BoundColumnRefExpression>(task_totals->types[i], ColumnBinding(of_task, i)));
  }
  const idx_t of_tasks = NewIndex();
  Operator tasks = make_uniq<duckdb::LogicalProjection>(of_tasks, std::move(numbered));
  tasks->children.push_back(std::move(task_totals));
  tasks->ResolveOperatorTypes();

  Keys mergers;
  for (idx_t i = 0; i < parts.size(); ++i) {
    Keys argument;
    argument.push_back(
        make_uniq<BoundColumnRefExpression>(tasks->types[i + 1], ColumnBinding(of_tasks, i + 1)));
    mergers.push_back(BindAggregate(context_, parts[i].merger, std::move(argument)));
  }
  auto earlier = make_uniq<duckdb::LogicalFilter>(make_uniq<duckdb::BoundComparisonExpression>(
      ExpressionType::COMPARE_LESSTHAN,
      make_uniq<BoundColumnRefExpression>(LogicalType::BIGINT, ColumnBinding(of_tasks, 0)),
      Scalar(kTaskNumberName, {})));
  earlier->children.push_back(std::move(tasks));
  const idx_t of_earlier = NewIndex();
  Operator before = make_uniq<LogicalAggregate>(NewIndex(), of_earlier, std::move(mergers));
  before->children.push_back(std::move(earlier));
  before->ResolveOperatorTypes();

  auto value = [&](size_t part) -> unique_ptr<Expression> {
    const LogicalType& type = windows->types[types.size() + part];
    auto both = [&] {
      Keys arguments;
      arguments.push_back(make_uniq<BoundColumnRefExpression>(type, ColumnBinding(here, part)));
      arguments.push_back(BoundCastExpression::AddCastToType(
          context_,
          make_uniq<BoundColumnRefExpression>(before->types[part], ColumnBinding(of_earlier, part)),
          type));
      return arguments;
    };
    if (parts[part].merger != "sum")
      return Scalar(parts[part].merger == "min" ? "least" : "greatest", both());
    return FirstOfSum(BoundCastExpression::AddCastToType(context_, Scalar("+", both()), type),
                      both());
  };
  Keys columns;
  for (idx_t i = 0; i < types.size(); ++i)
    columns.push_back(make_uniq<BoundColumnRefExpression>(types[i], from[i]));
  for (idx_t i = 0; i < op->expressions.size(); ++i) {
    const auto& window = op->expressions[i]->Cast<BoundWindowExpression>();
    const size_t part = first_part[i];
    const bool average = window.aggregate && window.aggregate->name == "avg";
    auto whole = average ? AverageOf(context_, value(part), value(part + 1), window.return_type)
                         : value(part);
    columns.push_back(
        BoundCastExpression::AddCastToType(context_, std::move(whole), window.return_type));
  }
  auto projection = make_uniq<duckdb::LogicalProjection>(NewIndex(), std::move(columns));
  projection->children.push_back(
      make_uniq<duckdb::LogicalCrossProduct>(std::move(windows), std::move(before)));
  projection->children[0]->SetEstimatedCardinality(count);
  projection->ResolveOperatorTypes();
  op = std::move(projection);
  Rebind(from, op->GetColumnBindings(), *op);

  auto said = std::move(decisions);
  decisions = {"the totals of each task's rows"};
  Operator& cross = op->children[0];
  CutOff(cross->children[1]->children[0]->children[0], Property::Partitioned(),
         Exchange::kBroadcast);
  decisions = std::move(said);
  return Property::Partitioned();
}

}  // namespace skein::distributed
