#include "distributed/planner/cutter.h"

namespace skein::distributed {

Property Cutter::VisitInsert(Operator& op) {
  std::string why_not = TableWrite::WhyNotCut(*op);
  if (!why_not.empty()) throw NotCut(why_not);
  Property rows = Visit(op->children[0]);
  if (!rows.split()) return rows;
  // Planning takes the operator apart: what was decided so far is kept by `op`, the rows.
  table_write = TableWrite::Plan(context_, op, &why_not);
  if (!table_write) throw NotCut("it is written by one engine: " + why_not);
  op = table_write->CopyOf(binder_, std::move(op));
  Say("each task writes files, which become the table's together");
  return rows.ordered ? Property::Ordered() : Property::Partitioned();
}

}  // namespace skein::distributed
