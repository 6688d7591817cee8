#include "duckdb/planner/operator/logical_copy_to_file.hpp"

#include "distributed/planner/cutter.h"
#include "distributed/planner/staged_copy.h"

namespace skein::distributed {

Property Cutter::VisitCopy(Operator& op) {
  auto& copy = op->Cast<duckdb::LogicalCopyToFile>();
  Property rows = Visit(op->children[0]);
  if (!rows.split()) return rows;
  std::string why_not = WhyNotByTasks(context_, copy);
  if (!why_not.empty()) {
    Say("written by one engine: " + why_not);
    return Gather(op->children[0], rows);
  }
  Say("each task writes files, which are renamed when all are written");
  staged_copy = StagedCopy::TakeOver(context_, copy);
  return Property::Partitioned();
}

}  // namespace skein::distributed
