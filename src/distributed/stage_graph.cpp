#include "distributed/stage_graph.h"

namespace skein::distributed {

TaskSpec MakeTask(const StageGraph& graph, const Stage& stage, uint32_t task) {
  TaskSpec spec;
  spec.query_id = graph.query_id;
  spec.stage = stage.id;
  spec.task = task;
  spec.tasks = stage.tasks;
  spec.plan = stage.plan;
  if (task < stage.scans.size()) spec.scans = stage.scans[task];
  for (const Stage::Input& input : stage.inputs)
    spec.inputs.push_back({input.stage, input.mode, input.part, 0});
  spec.output = stage.output;
  spec.partitions = stage.partitions;
  spec.session = graph.session;
  return spec;
}

}  // namespace skein::distributed
