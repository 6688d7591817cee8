#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/operator/logical_limit.hpp"
#include "duckdb/planner/operator/logical_order.hpp"

#include "distributed/planner/cutter.h"

namespace skein::distributed {

using duckdb::LimitNodeType;
using duckdb::LogicalLimit;
using duckdb::LogicalOperatorType;
using duckdb::make_uniq;

Property Cutter::VisitOrder(Operator& op) {
  Property child = Visit(op->children[0]);
  if (!child.split()) return Property::Single();
  Say("sorted in every task, then merged");
  // DuckDB sorts by these keys itself.
  Keys keys;
  for (const auto& node : op->Cast<duckdb::LogicalOrder>().orders) {
    keys.push_back(node.expression->Copy());
    std::string order = node.type == duckdb::OrderType::DESCENDING ? "DESC" : "ASC";
    order +=
        node.null_order == duckdb::OrderByNullType::NULLS_FIRST ? " NULLS FIRST" : " NULLS LAST";
    keys.push_back(make_uniq<duckdb::BoundConstantExpression>(duckdb::Value(order)));
  }
  return CutOff(op, child, Exchange::kMerge, std::move(keys));
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
  if ((*below)->type == LogicalOperatorType::LOGICAL_ORDER_BY) {
    Operator& sorted = (*below)->children[0];
    Property child = Visit(sorted);
    if (child.split()) {
      if (constant) {
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
      } else {
        Say("sorted in one task");
      }
      Gather(sorted, child);
    }
    return Property::Single();
  }
  Property child = Visit(op->children[0]);
  if (child.split()) {
    if (constant) {
      op->children[0] = limited(std::move(op->children[0]));
      Say("any " + std::to_string(rows) + " of every task, then of all");
    }
    Gather(op->children[0], child);
  }
  return Property::Single();
}

}  // namespace skein::distributed
