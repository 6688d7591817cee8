#include "distributed/stage_graph.h"

namespace skein::distributed {

Share ShareOf(const Stage& stage, uint32_t task) {
  if (task < stage.shares.size()) return stage.shares[task];
  return {task, task + 1, 0, 1};
}

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
  spec.bloom_bits = stage.bloom_bits;
  spec.range_columns = stage.range_columns;
  spec.sample_keys = stage.sample_keys;
  spec.range_bounds = stage.range_bounds;
  spec.ties_together = stage.ties_together;
  spec.session = graph.session;
  return spec;
}

}  // namespace skein::distributed
