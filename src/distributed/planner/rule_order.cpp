#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/operator/logical_limit.hpp"
#include "duckdb/planner/operator/logical_order.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include <fmt/format.h>

#include "distributed/fragment/exchange_scan.h"
#include "distributed/planner/cutter.h"

namespace skein::distributed {

using duckdb::LimitNodeType;
using duckdb::LogicalLimit;
using duckdb::LogicalOperatorType;
using duckdb::make_uniq;

namespace {

/// Keys that a task draws for each stage that is sorted by ranges: enough for ranges that differ
/// by a tenth or so, few enough to be sent with every task's report.
constexpr uint32_t kSampleKeys = 512;

}  // namespace

Cutter::Keys Cutter::OrderKeys(const duckdb::vector<duckdb::BoundOrderByNode>& orders,
                               std::string* names) {
  // DuckDB sorts by these keys itself.
  Keys keys;
  for (const auto& node : orders) {
    const bool down = node.type == duckdb::OrderType::DESCENDING;
    std::string order = down ? "DESC" : "ASC";
    order +=
        node.null_order == duckdb::OrderByNullType::NULLS_FIRST ? " NULLS FIRST" : " NULLS LAST";
    if (names)
      *names += (names->empty() ? "" : ", ") + node.expression->GetName() + (down ? " DESC" : "");
    keys.push_back(node.expression->Copy());
    keys.push_back(make_uniq<duckdb::BoundConstantExpression>(duckdb::Value(order)));
  }
  return keys;
}

Property Cutter::VisitOrder(Operator& op) {
  Property child = Visit(op->children[0]);
  if (!child.split()) return Property::Single();
  std::string names;
  Keys keys = OrderKeys(op->Cast<duckdb::LogicalOrder>().orders, &names);
  if (SortsByRange(*op)) {
    CutByRange(op->children[0], std::move(keys), names);
    return Property::Ordered();
  }
  return CutOff(op, child, Exchange::kMerge, std::move(keys));
}

bool Cutter::SortsByRange(duckdb::LogicalOperator& op) {
  const std::string merged = "sorted in every task, then merged: ";
  const uint64_t rows = EstimateRows(op);
  if (&op != final_order_) {
    Say(merged + "one task goes on with the rows");
  } else if (options_.tasks < 2) {
    Say(merged + "there is one");
  } else if (options_.range_rows == 0) {
    Say(merged + "skein_range_sort_rows is 0");
  } else if (rows <= options_.range_rows) {
    Say(merged +
        fmt::format("{} rows estimated, skein_range_sort_rows is {}", rows, options_.range_rows));
  } else {
    Say(
        fmt::format("sorted by ranges of the keys: {} rows estimated, more than "
                    "skein_range_sort_rows ({})",
                    rows, options_.range_rows));
    return true;
  }
  return false;
}

Property Cutter::CutByRange(Operator& child, Keys order, const std::string& name) {
  child->ResolveOperatorTypes();
  const auto types = child->types;
  const auto old_bindings = child->GetColumnBindings();
  const bool filtered = LeavesOutRows(*child);
  // What was said of the order is of the stage that sorts.
  std::string sorted = std::move(decisions.back());
  decisions.pop_back();

  CutStage made;
  made.id = static_cast<uint32_t>(stages.size());
  made.split = true;
  made.estimated_rows = EstimateRows(*child);
  made.decisions = std::move(decisions);
  made.output_name = "keep, and a sample of the keys";
  made.sample_keys = kSampleKeys;
  Keys columns;
  for (duckdb::idx_t i = 0; i < types.size(); ++i)
    columns.push_back(make_uniq<duckdb::BoundColumnRefExpression>(types[i], old_bindings[i]));
  columns.push_back(Scalar("create_sort_key", std::move(order)));
  auto with_key = types;
  with_key.push_back(columns.back()->return_type);
  made.plan = make_uniq<duckdb::LogicalProjection>(NewIndex(), std::move(columns));
  made.plan->children.push_back(std::move(child));
  made.plan->ResolveOperatorTypes();

  CutStage sent;
  sent.id = made.id + 1;
  sent.split = true;
  sent.output = OutputKind::kRange;
  sent.output_name = "range(" + name + ")";
  sent.estimated_rows = made.estimated_rows;
  exchanges.push_back({made.id, ReadMode::kOwn});
  sent.plan = MakeExchangeScan(NewIndex(), static_cast<uint32_t>(exchanges.size() - 1),
                               made.estimated_rows, with_key, filtered);

  exchanges.push_back({sent.id, ReadMode::kPartition});
  child = MakeExchangeScan(NewIndex(), static_cast<uint32_t>(exchanges.size() - 1),
                           made.estimated_rows, types, filtered);
  Rebind(old_bindings, child->GetColumnBindings(), *child);
  stages.push_back(std::move(made));
  stages.push_back(std::move(sent));
  decisions = {std::move(sorted)};
  return Property::Partitioned();
}

Property Cutter::VisitLimit(Operator& op) {
  auto& limit = op->Cast<LogicalLimit>();
  const bool constant = limit.limit_val.Type() == LimitNodeType::CONSTANT_VALUE &&
                        (limit.offset_val.Type() == LimitNodeType::UNSET ||
                         limit.offset_val.Type() == LimitNodeType::CONSTANT_VALUE);
  uint64_t rows = 0;
  if (constant) {
    rows = limit.limit_val.GetConstantValue();
    if (limit.offset_val.Type() == LimitNodeType::CONSTANT_VALUE)
      rows += limit.offset_val.GetConstantValue();
  }
  auto limited = [&](Operator child) {
    auto local =
        make_uniq<LogicalLimit>(duckdb::BoundLimitNode::ConstantValue(static_cast<int64_t>(rows)),
                                duckdb::BoundLimitNode());
    local->children.push_back(std::move(child));
    local->ResolveOperatorTypes();
    return local;
  };

  // What is projected on the way keeps the number of rows and their order.
  Operator* below = &op->children[0];
  while ((*below)->type == LogicalOperatorType::LOGICAL_PROJECTION) below = &(*below)->children[0];
  // So many that they are sorted as if there were no limit.
  const bool large = below->get() == final_order_ && options_.tasks > 1 &&
                     options_.range_rows > 0 && (!constant || rows > options_.range_rows) &&
                     EstimateRows(**below) > options_.range_rows;
  if ((*below)->type == LogicalOperatorType::LOGICAL_ORDER_BY && !large) {
    Operator& sorted = (*below)->children[0];
    Property child = Visit(sorted);
    if (child.split()) {
      const bool first_of_each = constant;
      if (first_of_each) {
        auto order = make_uniq<duckdb::LogicalOrder>([&] {
          duckdb::vector<duckdb::BoundOrderByNode> orders;
          for (const auto& node : (*below)->Cast<duckdb::LogicalOrder>().orders)
            orders.push_back(node.Copy());
          return orders;
        }());
        order->children.push_back(std::move(sorted));
        order->ResolveOperatorTypes();
        sorted = limited(std::move(order));
        Say("the first " + std::to_string(rows) + " of every task, then of all");
      }
      Gather(sorted, child);
      if (!first_of_each) Say("sorted in one task: its LIMIT is not a number yet");
    }
    return Property::Single();
  }
  Property child = Visit(op->children[0]);
  if (child.split()) {
    if (constant && !child.ordered) {
      op->children[0] = limited(std::move(op->children[0]));
      Say("any " + std::to_string(rows) + " of every task, then of all");
    }
    Gather(op->children[0], child);
  }
  return Property::Single();
}

}  // namespace skein::distributed
