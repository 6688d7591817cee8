#include "distributed/coordinator.h"

#include <arrow/record_batch.h>

#include "distributed/explain.h"
#include "distributed/planner/planned_query.h"
#include "distributed/query_settings.h"

namespace skein::distributed {

Result<std::shared_ptr<Coordinator>> Coordinator::Start(std::shared_ptr<engine::Engine> engine,
                                                        std::unique_ptr<Runner> runner) {
  std::shared_ptr<Coordinator> coordinator(new Coordinator(std::move(engine), std::move(runner)));
  SKEIN_RETURN_IF_ERROR(PlannedQuery::Register(*coordinator->engine_, coordinator->slots_));
  return coordinator;
}

Result<std::optional<engine::Outcome>> Coordinator::TryExecute(
    engine::Connection& connection, engine::Prepared& prepared,
    const std::vector<engine::BoundValue>& parameters, std::shared_ptr<CancelToken> cancel) {
  using When = QuerySettings::When;
  const uint32_t slots = runner_->slots();
  *slots_ = slots;
  // The cluster is not there: the session's own engine still is.
  const bool may_be_cut = prepared.command() == "SELECT" || prepared.command() == "COPY";
  if (!may_be_cut || slots == 0 || !PlannedQuery::Worthwhile(prepared))
    return std::optional<engine::Outcome>();
  auto setting = [&](const std::string& name) { return connection.setting(name); };
  SKEIN_ASSIGN_OR_RETURN(QuerySettings settings, ReadQuerySettings(setting, slots));
  if (settings.when == When::kOff) return std::optional<engine::Outcome>();
  std::string why_not;
  SKEIN_ASSIGN_OR_RETURN(
      std::unique_ptr<PlannedQuery> planned,
      PlannedQuery::Plan(*engine_, connection, prepared, parameters, settings.plan, &why_not));
  if (!planned) return std::optional<engine::Outcome>();
  if (settings.when == When::kAuto && planned->graph().scan_bytes < settings.min_bytes)
    return std::optional<engine::Outcome>();
  SKEIN_RETURN_IF_ERROR(planned->Begin());
  SKEIN_ASSIGN_OR_RETURN(RunOutput output, runner_->Run(planned->graph(), *planned, cancel));
  SKEIN_ASSIGN_OR_RETURN(engine::Outcome outcome,
                         planned->RunFinal(std::move(output), std::move(cancel)));
  return std::optional<engine::Outcome>(std::move(outcome));
}

Result<std::string> Coordinator::Explain(engine::Connection& connection, engine::Prepared& prepared,
                                         ExplainOptions options,
                                         std::shared_ptr<CancelToken> cancel) {
  const uint32_t slots = runner_->slots();
  *slots_ = slots;
  if (options.analyze && prepared.returns() != engine::Returns::kRows)
    return errors::NotSupported("EXPLAIN (ANALYZE, DISTRIBUTED) takes a query");
  if (options.analyze && slots == 0)
    return Status(StatusCode::kUnavailable, "57P03",
                  "the cluster is not there: the query can be explained, not run")
        .Retriable();
  auto setting = [&](const std::string& name) { return connection.setting(name); };
  SKEIN_ASSIGN_OR_RETURN(QuerySettings settings, ReadQuerySettings(setting, std::max(1u, slots)));
  settings.plan.describe = true;
  const auto began = Clock::now();
  auto since = [&began] { return std::chrono::duration<double>(Clock::now() - began).count(); };
  std::string why_not;
  SKEIN_ASSIGN_OR_RETURN(
      std::unique_ptr<PlannedQuery> planned,
      PlannedQuery::Plan(*engine_, connection, prepared, {}, settings.plan, &why_not));
  if (!planned) return ExplainNotCut(why_not, options.json);
  const StageGraph& graph = planned->graph();
  if (!options.analyze) {
    SKEIN_RETURN_IF_ERROR(planned->DecideAsPlanned());
    return options.json ? ExplainJson(graph, nullptr) : ExplainText(graph, nullptr);
  }
  RunFigures figures;
  figures.plan_seconds = since();
  SKEIN_RETURN_IF_ERROR(planned->Begin());
  SKEIN_ASSIGN_OR_RETURN(RunOutput output, runner_->Run(graph, *planned, cancel));
  figures.stage_seconds = since() - figures.plan_seconds;
  figures.stages = std::move(output.stages);
  figures.spilled_bytes = output.spilled_bytes;
  SKEIN_ASSIGN_OR_RETURN(engine::Outcome outcome,
                         planned->RunFinal(std::move(output), std::move(cancel)));
  while (outcome.rows) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, outcome.rows->Next());
    if (!batch) break;
    figures.rows += static_cast<uint64_t>(batch->num_rows());
  }
  figures.total_seconds = since();
  return options.json ? ExplainJson(graph, &figures) : ExplainText(graph, &figures);
}

}  // namespace skein::distributed
