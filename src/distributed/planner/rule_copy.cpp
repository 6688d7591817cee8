#include "duckdb/planner/operator/logical_copy_to_file.hpp"

#include "distributed/planner/cutter.h"
#include "distributed/planner/task_copy.h"

namespace skein::distributed {

Property Cutter::VisitCopy(Operator& op) {
  auto& copy = op->Cast<duckdb::LogicalCopyToFile>();
  Property rows = Visit(op->children[0]);
  if (!rows.split()) return rows;
  std::string why_not = TaskCopy::WhyNot(context_, copy);
  if (!why_not.empty()) {
    Say("written by one engine: " + why_not);
    return Gather(op->children[0], rows);
  }
  task_copy = TaskCopy::TakeOver(context_, copy);
  Say(task_copy->how());
  return rows.ordered ? Property::Ordered() : Property::Partitioned();
}

}  // namespace skein::distributed
