#pragma once

#include <string>
#include <vector>

#include "distributed/runner/runner.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

/// What a cut query did, for EXPLAIN (ANALYZE, DISTRIBUTED).
struct RunFigures {
  double plan_seconds = 0;      ///< planned, cut and serialized
  double plan_cpu_seconds = 0;  ///< the same, of the processor
  double stage_seconds = 0;     ///< the stages, by the clock
  double run_seconds = 0;       ///< the stages and the final plan, until the last row
  uint64_t rows = 0;
  uint64_t spilled_bytes = 0;
  std::vector<StageReport> stages;
};

/// "its partition of stage 1; all of stage 2".
std::string ReadsOf(const std::vector<Stage::Input>& inputs);
/// Tasks that read something of a file, of the scan that most tasks share.
uint32_t ScanningTasks(const Stage& stage);
std::string BytesText(uint64_t bytes);
std::string Joined(const std::vector<std::string>& lines);

/// "Distributed: 3 stages, 755.0 MB of files".
std::string ExplainSummary(const StageGraph& graph);
/// A graph for a person to read, and for a program. `figures`: null when it was not run.
std::string ExplainText(const StageGraph& graph, const RunFigures* figures);
std::string ExplainJson(const StageGraph& graph, const RunFigures* figures);

/// The same of a query that is not cut.
std::string ExplainNotCut(const std::string& why, bool json);

}  // namespace skein::distributed
