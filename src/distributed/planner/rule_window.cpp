#include "duckdb/planner/expression/bound_window_expression.hpp"

#include "distributed/planner/cutter.h"

namespace skein::distributed {

Property Cutter::VisitWindow(Operator& op) {
  Property child = Visit(op->children[0]);
  if (!child.split()) return Property::Single();
  auto& first = op->expressions[0]->Cast<duckdb::BoundWindowExpression>();
  bool common = !first.partitions.empty();
  for (const auto& expression : op->expressions) {
    auto& window = expression->Cast<duckdb::BoundWindowExpression>();
    common = common && duckdb::Expression::ListEquals(window.partitions, first.partitions);
  }
  if (!common) {
    const char* why = first.partitions.empty() ? "window in one task: it has no PARTITION BY"
                                               : "window in one task: different PARTITION BY";
    Property gathered = Gather(op->children[0], child);
    Say(why);
    return gathered;
  }
  Say("window: rows by hash of PARTITION BY");
  Keys keys;
  for (const auto& partition : first.partitions) keys.push_back(partition->Copy());
  return CutOff(op->children[0], child, Exchange::kHash, std::move(keys));
}

}  // namespace skein::distributed
