#pragma once

#include <map>
#include <string>
#include <vector>

#include "distributed/fragment/fragment_plan.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/task_shares.h"
#include "distributed/runner/runner.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

/// A query in stages of which some are decided only while others run: from the rows and bytes that
/// a finished stage really has it chooses how open joins are made, makes filters of their keys for
/// the other side, drops what can have no rows, and divides repartitioned data among tasks.
///
/// Lifecycle: made of what the cutter left; Begin, then Finished for each stage that ran, each on
/// the session's thread and within a transaction; or DecideAsPlanned, to be shown. Throws DuckDB's
/// exceptions.
class OpenPlan {
 public:
  struct Options {
    uint64_t broadcast_bytes = 0;
    /// As in ShareOptions.
    uint64_t task_bytes = 0;
    uint64_t skew_bytes = 0;
    bool filters = true;
  };
  /// `graph`: has a Stage for each of `stages`, with its tasks, scans and placement.
  OpenPlan(StageGraph graph, Options options, std::vector<CutStage> stages,
           std::vector<CutExchange> exchanges, std::vector<CutJoin> joins);

  StageGraph graph;
  /// The plans of stages on the coordinator that are ready.
  std::map<uint32_t, Plan> local;

  void Begin();
  /// Gives the stages that changed.
  std::vector<uint32_t> Finished(duckdb::ClientContext& context, uint32_t stage,
                                 const StageReport& report);
  void DecideAsPlanned();
  /// Writes down for people the plans of the stages, also of those that are decided later.
  void Describe();

  /// Gives the exchange scans of a plan the numbers of its own inputs, which it returns.
  std::vector<Stage::Input> NumberInputs(duckdb::LogicalOperator& plan) const;

 private:
  struct Known {
    bool finished = false;
    uint64_t rows = 0;
    uint64_t bytes = 0;
    uint32_t tasks = 0;
    std::vector<uint64_t> partition_rows;
    KeySummary keys;
  };
  bool Waits(uint32_t stage) const { return graph.stages[stage].state == Stage::State::kWaiting; }
  bool Dropped(uint32_t stage) const { return graph.stages[stage].state == Stage::State::kDropped; }
  void Touch(uint32_t stage) { changed_.push_back(stage); }

  void Decide(CutJoin& join);
  void Broadcast(CutJoin& join);
  void Filter(duckdb::ClientContext& context, const CutJoin& join);
  /// Cuts the ranges of the stage that divides the rows of `stage` by them, if there is one.
  void CutRangesOf(uint32_t stage, const StageReport& report);
  /// A stage has no rows: what reads it and waits is made simpler.
  void ForgetEmpty(uint32_t stage);
  void DropUnread();
  /// Decides all that can be.
  void PrepareAll();
  void Prepare(uint32_t stage);
  void Divide(uint32_t stage);
  std::vector<Stage::Input> InputsOf(duckdb::LogicalOperator& plan) const;
  /// The waiting stage whose plan has the scan; its place.
  Plan* FindScan(duckdb::idx_t table_index, uint32_t* stage);

  Options options_;
  bool describe_ = false;
  std::vector<CutStage> stages_;
  std::vector<CutExchange> exchanges_;
  std::vector<CutJoin> joins_;
  std::vector<bool> decided_;  ///< by join
  std::vector<Known> known_;   ///< by stage
  std::vector<uint32_t> changed_;
};

}  // namespace skein::distributed
