#include "distributed/coordinator.h"

#include <ctime>

#include <arrow/record_batch.h>
#include <fmt/format.h>

#include "distributed/query_settings.h"

namespace skein::distributed {
namespace {

/// What planning takes: by the clock, and of this thread's processor, which other programs do not
/// change.
class PlanClock {
 public:
  void Stop(RunFigures* figures) const {
    figures->plan_seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    figures->plan_cpu_seconds = CpuSeconds() - cpu_began_;
  }

 private:
  static double CpuSeconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  const Clock::time_point began_ = Clock::now();
  const double cpu_began_ = CpuSeconds();
};

/// Rows that keep a query among those that run.
class TrackedRows : public results::BatchStream {
 public:
  TrackedRows(std::unique_ptr<results::BatchStream> rows, PlannedQuery::Tracking tracking)
      : rows_(std::move(rows)), tracking_(std::move(tracking)) {}
  const std::shared_ptr<arrow::Schema>& schema() const override { return rows_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override { return rows_->Next(); }

 private:
  std::unique_ptr<results::BatchStream> rows_;
  PlannedQuery::Tracking tracking_;
};

/// What `attempt` gives; if it sets the reason why CSV files are to be read whole, what it gives
/// with that reason.
template <typename Attempt>
auto AgainWithTextWhole(Attempt attempt) {
  std::string text_whole;
  auto first = attempt(&text_whole);
  return text_whole.empty() ? std::move(first) : attempt(&text_whole);
}

}  // namespace

Result<std::shared_ptr<Coordinator>> Coordinator::Start(std::shared_ptr<engine::Engine> engine,
                                                        std::unique_ptr<Runner> runner) {
  std::shared_ptr<Coordinator> coordinator(new Coordinator(std::move(engine), std::move(runner)));
  SKEIN_RETURN_IF_ERROR(PlannedQuery::Register(*coordinator->engine_, coordinator->slots_,
                                               coordinator->runner_->traits(),
                                               coordinator->board_));
  return coordinator;
}

Result<std::unique_ptr<PlannedQuery>> Coordinator::PlanIfCut(
    engine::Connection& connection, engine::Prepared& prepared,
    const std::vector<engine::BoundValue>& parameters, const std::string& text_whole,
    std::string* why_not) {
  using When = QuerySettings::When;
  std::unique_ptr<PlannedQuery> none;
  const uint32_t slots = runner_->slots();
  *slots_ = slots;
  const std::string& command = prepared.command();
  if (command != "SELECT" && command != "COPY" && command != "INSERT" &&
      command != "CREATE TABLE AS") {
    *why_not = "only SELECT, COPY TO, INSERT and CREATE TABLE AS are cut";
    return none;
  }
  // The cluster is not there: the session's own engine still is.
  if (slots == 0) {
    *why_not = "the cluster is not there (the server's log says why)";
    return none;
  }
  if (!PlannedQuery::Worthwhile(prepared)) {
    *why_not = "it reads no files that could be split";
    return none;
  }
  auto setting = [&](const std::string& name) { return connection.setting(name); };
  SKEIN_ASSIGN_OR_RETURN(QuerySettings settings,
                         ReadQuerySettings(setting, slots, runner_->traits()));
  if (settings.when == When::kOff) {
    *why_not = "skein_distributed is off";
    return none;
  }
  settings.plan.text_whole = text_whole;
  if (settings.when == When::kAuto) settings.plan.min_bytes = settings.min_bytes;
  SKEIN_ASSIGN_OR_RETURN(
      std::unique_ptr<PlannedQuery> planned,
      PlannedQuery::Plan(*engine_, connection, prepared, parameters, settings.plan, why_not));
  if (!planned) return none;
  if (settings.when == When::kAuto && planned->graph().scan_bytes < settings.min_bytes) {
    *why_not = fmt::format("it reads {} of files, less than skein_distributed_min_bytes ({})",
                           BytesText(planned->graph().scan_bytes), BytesText(settings.min_bytes));
    return none;
  }
  return planned;
}

Result<Coordinator::Started> Coordinator::Run(PlannedQuery& planned,
                                              std::shared_ptr<CancelToken> cancel,
                                              std::string* text_whole) {
  const auto began = Clock::now();
  PlannedQuery::Tracking tracking = planned.Track();
  board_->Add(tracking.progress);
  SKEIN_RETURN_IF_ERROR(planned.Begin());
  TrackedStages local(planned, planned.graph(), tracking.progress);
  auto ran = runner_->Run(planned.graph(), local, cancel);
  if (!ran.ok() && planned.graph().text_ranges && !cancel->cancelled()) {
    const std::string& why = ran.status().message();
    *text_whole = "in ranges of bytes it failed: " + why.substr(0, why.find('\n'));
  }
  SKEIN_RETURN_IF_ERROR(ran.status());
  RunOutput output = *std::move(ran);
  Started started;
  started.stages = std::move(output.stages);
  tracking.progress->Time(&started.stages);
  started.spilled_bytes = output.spilled_bytes;
  started.stage_seconds = std::chrono::duration<double>(Clock::now() - began).count();
  SKEIN_ASSIGN_OR_RETURN(started.outcome, planned.RunFinal(std::move(output), std::move(cancel)));
  if (started.outcome.rows) {
    started.outcome.rows =
        std::make_unique<TrackedRows>(std::move(started.outcome.rows), std::move(tracking));
  }
  return started;
}

Result<std::optional<engine::Outcome>> Coordinator::TryExecute(
    engine::Connection& connection, engine::Prepared& prepared,
    const std::vector<engine::BoundValue>& parameters, std::shared_ptr<CancelToken> cancel) {
  return AgainWithTextWhole([&](std::string* text_whole) -> Result<std::optional<engine::Outcome>> {
    std::string why_not;
    SKEIN_ASSIGN_OR_RETURN(auto planned,
                           PlanIfCut(connection, prepared, parameters, *text_whole, &why_not));
    if (!planned) return std::optional<engine::Outcome>();
    SKEIN_ASSIGN_OR_RETURN(Started started, Run(*planned, cancel, text_whole));
    return std::optional<engine::Outcome>(std::move(started.outcome));
  });
}

Result<std::string> Coordinator::RunAndExplain(PlannedQuery& planned, RunFigures figures, bool json,
                                               std::shared_ptr<CancelToken> cancel,
                                               std::string* text_whole) {
  SKEIN_RETURN_IF_ERROR(planned.Describe());
  const auto began = Clock::now();
  SKEIN_ASSIGN_OR_RETURN(Started started, Run(planned, std::move(cancel), text_whole));
  figures.stage_seconds = started.stage_seconds;
  figures.stages = std::move(started.stages);
  figures.spilled_bytes = started.spilled_bytes;
  while (started.outcome.rows) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, started.outcome.rows->Next());
    if (!batch) break;
    figures.rows += static_cast<uint64_t>(batch->num_rows());
  }
  figures.run_seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return json ? ExplainJson(planned.graph(), &figures) : ExplainText(planned.graph(), &figures);
}

Result<std::string> Coordinator::Explain(engine::Connection& connection, engine::Prepared& prepared,
                                         const std::vector<engine::BoundValue>& parameters,
                                         ExplainOptions options,
                                         std::shared_ptr<CancelToken> cancel) {
  const uint32_t slots = runner_->slots();
  *slots_ = slots;
  if (options.analyze && prepared.returns() != engine::Returns::kRows)
    return errors::NotSupported("EXPLAIN (ANALYZE, DISTRIBUTED) takes a query");
  if (options.analyze && slots == 0)
    return Status(StatusCode::kUnavailable, "57P03",
                  "the cluster is not there: the query can be explained, not run")
        .WithHint("The server's log says why; it tries again by itself.")
        .Retriable();
  auto setting = [&](const std::string& name) { return connection.setting(name); };
  SKEIN_ASSIGN_OR_RETURN(QuerySettings settings,
                         ReadQuerySettings(setting, std::max(1u, slots), runner_->traits()));
  return AgainWithTextWhole([&](std::string* text_whole) -> Result<std::string> {
    settings.plan.text_whole = *text_whole;
    const PlanClock clock;
    std::string why_not;
    SKEIN_ASSIGN_OR_RETURN(
        std::unique_ptr<PlannedQuery> planned,
        PlannedQuery::Plan(*engine_, connection, prepared, parameters, settings.plan, &why_not));
    if (!planned) return ExplainNotCut(why_not, options.json);
    RunFigures figures;
    clock.Stop(&figures);
    if (options.analyze)
      return RunAndExplain(*planned, std::move(figures), options.json, cancel, text_whole);
    SKEIN_RETURN_IF_ERROR(planned->Describe());
    SKEIN_RETURN_IF_ERROR(planned->DecideAsPlanned());
    return options.json ? ExplainJson(planned->graph(), nullptr)
                        : ExplainText(planned->graph(), nullptr);
  });
}

Result<Coordinator::Verdict> Coordinator::ExplainAsRun(
    engine::Connection& connection, engine::Prepared& prepared,
    const std::vector<engine::BoundValue>& parameters, ExplainOptions options,
    std::shared_ptr<CancelToken> cancel) {
  return AgainWithTextWhole([&](std::string* text_whole) -> Result<Verdict> {
    const PlanClock clock;
    Verdict verdict;
    std::string why_not;
    SKEIN_ASSIGN_OR_RETURN(auto planned,
                           PlanIfCut(connection, prepared, parameters, *text_whole, &why_not));
    if (!planned) {
      verdict.text = "Not distributed: " + why_not + '\n';
      return verdict;
    }
    RunFigures figures;
    clock.Stop(&figures);
    verdict.cut = true;
    if (options.analyze) {
      SKEIN_ASSIGN_OR_RETURN(verdict.text, RunAndExplain(*planned, std::move(figures), options.json,
                                                         cancel, text_whole));
      return verdict;
    }
    SKEIN_RETURN_IF_ERROR(planned->DecideAsPlanned());
    verdict.text = ExplainSummary(planned->graph()) + "; EXPLAIN (DISTRIBUTED) shows them\n";
    return verdict;
  });
}

}  // namespace skein::distributed
