#include "distributed/coordinator.h"

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
  if (prepared.command() != "SELECT" || slots == 0 || !PlannedQuery::Worthwhile(prepared))
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
  SKEIN_ASSIGN_OR_RETURN(RunOutput output, runner_->Run(planned->graph(), *planned, cancel));
  SKEIN_ASSIGN_OR_RETURN(engine::Outcome outcome,
                         planned->RunFinal(std::move(output), std::move(cancel)));
  return std::optional<engine::Outcome>(std::move(outcome));
}

}  // namespace skein::distributed
