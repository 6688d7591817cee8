#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "distributed/progress.h"
#include "distributed/runner/runner.h"
#include "distributed/stage_graph.h"
#include "engine/engine.h"

namespace skein::distributed {

/// What the session says about cutting.
struct PlanOptions {
  uint32_t tasks = 2;
  uint64_t broadcast_bytes = uint64_t{10} << 20;
  uint64_t split_rows = 122880;
  /// As in CutOptions.
  bool divisible = false;
  /// As in CutOptions.
  uint64_t range_rows = 500'000;
  /// As in CutOptions.
  bool range_windows = true;
  /// Repartitioned data is put together up to so many bytes for a task; 0: it is not.
  uint64_t task_bytes = uint64_t{1} << 20;
  /// A partition of a join that is larger, and than others, is split over tasks; 0: never.
  uint64_t skew_bytes = uint64_t{16} << 20;
  /// As in CutOptions.
  std::string text_whole;
  /// Whether keys of one side of a join filter the other in other stages.
  bool filters = true;
  /// What reads less is not cut; known before the files of table formats are looked at.
  uint64_t min_bytes = 0;
};

/// A query cut in stages: the graph for a Runner, and what stays with the session's own connection,
/// the stages that read what only it has and the final plan.
///
/// Lifecycle: Plan, Begin, Runner::Run, RunFinal. Used on the session's thread; must be gone before
/// the connection and before what was prepared. A statement that writes to tables has a transaction
/// around all of it, begun by Plan when the session has none, and committed by RunFinal.
class PlannedQuery : public LocalStages {
 public:
  /// `why_not` says why the query is not cut, when nothing comes back.
  static Result<std::unique_ptr<PlannedQuery>> Plan(
      engine::Engine& engine, engine::Connection& connection, engine::Prepared& prepared,
      const std::vector<engine::BoundValue>& parameters, const PlanOptions& options,
      std::string* why_not);

  /// Makes an instance know what fragments consist of, skein_explain and skein_progress. Once,
  /// before anything is planned. `slots` and `traits`: the runner's.
  static Status Register(engine::Engine& engine, std::shared_ptr<const std::atomic<uint32_t>> slots,
                         RunnerTraits traits, std::shared_ptr<const ProgressBoard> board);

  /// False when a look shows that there is nothing to split, so that small queries cost no more
  /// than that.
  static bool Worthwhile(engine::Prepared& prepared);

  virtual const StageGraph& graph() const = 0;

  struct Tracking {
    std::shared_ptr<QueryProgress> progress;
    /// While it is kept, the connection's GetProgress says the same.
    std::shared_ptr<const void> shown;
  };
  /// For a run over TrackedStages. It has to go before the connection.
  virtual Tracking Track() = 0;

  /// Decides all that is open by estimates, for a query that is only to be shown.
  virtual Status DecideAsPlanned() = 0;

  /// Writes its plans down for people, which costs more than to make them.
  virtual Status Describe() = 0;

  /// Makes ready what tasks write to, or says why they may not. Without RunFinal behind it nothing
  /// of it stays.
  virtual Status Begin() = 0;

  /// Runs the final plan, or makes what the tasks wrote valid. The outcome's stream holds `output`
  /// for as long as it lives.
  virtual Result<engine::Outcome> RunFinal(RunOutput output,
                                           std::shared_ptr<CancelToken> cancel) = 0;
};

}  // namespace skein::distributed
