#pragma once

#include <atomic>
#include <memory>

#include "distributed/explain.h"
#include "distributed/planner/planned_query.h"
#include "distributed/progress.h"
#include "distributed/runner/runner.h"
#include "engine/engine.h"
#include "session/distributed_explain.h"
#include "session/distributed_queries.h"

namespace skein::distributed {

/// Decides for each query whether it is cut, cuts it and runs it over a runner. The settings of the
/// session (engine/own_settings.h) say how.
class Coordinator : public session::DistributedQueries, public session::DistributedExplain {
 public:
  static Result<std::shared_ptr<Coordinator>> Start(std::shared_ptr<engine::Engine> engine,
                                                    std::unique_ptr<Runner> runner);

  Result<std::optional<engine::Outcome>> TryExecute(
      engine::Connection& connection, engine::Prepared& prepared,
      const std::vector<engine::BoundValue>& parameters,
      std::shared_ptr<CancelToken> cancel) override;
  Result<std::string> Explain(engine::Connection& connection, engine::Prepared& prepared,
                              const std::vector<engine::BoundValue>& parameters,
                              ExplainOptions options, std::shared_ptr<CancelToken> cancel) override;
  Result<Verdict> ExplainAsRun(engine::Connection& connection, engine::Prepared& prepared,
                               const std::vector<engine::BoundValue>& parameters,
                               ExplainOptions options,
                               std::shared_ptr<CancelToken> cancel) override;

 private:
  Coordinator(std::shared_ptr<engine::Engine> engine, std::unique_ptr<Runner> runner)
      : engine_(std::move(engine)), runner_(std::move(runner)) {}

  /// The query cut, when it is to be; else nothing, and `why_not`.
  Result<std::unique_ptr<PlannedQuery>> PlanIfCut(engine::Connection& connection,
                                                  engine::Prepared& prepared,
                                                  const std::vector<engine::BoundValue>& parameters,
                                                  const std::string& text_whole,
                                                  std::string* why_not);
  /// Runs its stages and starts the final plan.
  struct Started {
    engine::Outcome outcome;
    std::vector<StageReport> stages;
    uint64_t spilled_bytes = 0;
    double stage_seconds = 0;
  };
  /// `text_whole` is set when it failed, and CSV files were read in ranges of bytes: planned with
  /// that it succeeds, or fails with the error that is the query's own.
  Result<Started> Run(PlannedQuery& planned, std::shared_ptr<CancelToken> cancel,
                      std::string* text_whole);
  /// Runs it to the last row; `figures` has what planning took.
  Result<std::string> RunAndExplain(PlannedQuery& planned, RunFigures figures, bool json,
                                    std::shared_ptr<CancelToken> cancel, std::string* text_whole);

  std::shared_ptr<engine::Engine> engine_;
  std::unique_ptr<Runner> runner_;
  /// The runner's, as of the latest query: skein_explain, which the engine keeps, looks here.
  std::shared_ptr<std::atomic<uint32_t>> slots_ = std::make_shared<std::atomic<uint32_t>>(1);
  std::shared_ptr<ProgressBoard> board_ = std::make_shared<ProgressBoard>();
};

}  // namespace skein::distributed
