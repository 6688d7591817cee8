#include "distributed/planner/planned_query.h"

#include "duckdb/main/client_context.hpp"

#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/run_fragment.h"
#include "distributed/fragment/task_context.h"
#include "distributed/planner/cut_query.h"
#include "distributed/planner/explain_function.h"
#include "engine/duckdb_error.h"
#include "engine/native.h"
#include "engine/session_state.h"

namespace skein::distributed {
namespace {

/// Within PlannedQuery, Plan is the function.
using LogicalPlan = Plan;

/// The final plan's own inputs, which stay open while its rows are read.
struct FinalRun {
  TaskSpec spec;
  RunOutput output;
  std::unique_ptr<TaskScope> scope;
};

class FinalStream : public results::BatchStream {
 public:
  FinalStream(std::unique_ptr<FinalRun> run, std::unique_ptr<results::BatchStream> rows)
      : run_(std::move(run)), rows_(std::move(rows)) {}
  const std::shared_ptr<arrow::Schema>& schema() const override { return rows_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override { return rows_->Next(); }

 private:
  // The rows go first: they read from the run.
  std::unique_ptr<FinalRun> run_;
  std::unique_ptr<results::BatchStream> rows_;
};

class PlannedQueryImpl : public PlannedQuery {
 public:
  PlannedQueryImpl(engine::Engine& engine, engine::Connection& connection,
                   engine::Prepared& prepared)
      : engine_(engine),
        connection_(connection),
        prepared_(prepared),
        context_(engine::NativeContext(connection)) {}

  /// Gives the reason why it is not cut, or nothing.
  std::string Cut(const std::vector<engine::BoundValue>& parameters, const PlanOptions& options);

  const StageGraph& graph() const override { return cut_.graph; }

  Result<TaskReport> RunLocalStage(const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                                   std::shared_ptr<CancelToken> cancel) override {
    return RunFragment(engine_, context_, std::move(cut_.local.at(task.stage)), task, inputs,
                       outputs, std::move(cancel));
  }

  Result<engine::Outcome> RunFinal(RunOutput output, std::shared_ptr<CancelToken> cancel) override;

 private:
  engine::Engine& engine_;
  engine::Connection& connection_;
  engine::Prepared& prepared_;
  duckdb::ClientContext& context_;
  CutQuery cut_;
};

std::string PlannedQueryImpl::Cut(const std::vector<engine::BoundValue>& parameters,
                                  const PlanOptions& options) {
  auto values = engine::NativeParameters(connection_, prepared_, parameters);
  context_.RunFunctionInTransaction(
      [&] { cut_ = CutStatement(context_, engine::NativeStatement(prepared_), values, options); });
  if (cut_.why_not.empty()) {
    cut_.graph.session =
        std::make_shared<const std::string>(engine::ExportSessionState(engine_, connection_));
  }
  return cut_.why_not;
}

Result<engine::Outcome> PlannedQueryImpl::RunFinal(RunOutput output,
                                                   std::shared_ptr<CancelToken> cancel) {
  auto run = std::make_unique<FinalRun>();
  run->output = std::move(output);
  run->spec.query_id = cut_.graph.query_id;
  for (size_t i = 0; i < cut_.graph.final_inputs.size(); ++i) {
    const Stage::Input& input = cut_.graph.final_inputs[i];
    run->spec.inputs.push_back({input.stage, input.mode, input.part, run->output.input_rows.at(i)});
  }
  try {
    run->scope =
        std::make_unique<TaskScope>(context_, &run->spec, run->output.inputs.get(), nullptr);
    SetInputRows(*cut_.final, run->output.input_rows);
    context_.RunFunctionInTransaction(
        [&] { cut_.final = OptimizeFragment(context_, std::move(cut_.final)); });
  } catch (...) {
    return engine::FromCurrentException();
  }
  SKEIN_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::ExecutePlan(connection_, prepared_,
                          duckdb::make_uniq<FragmentStatement>(std::move(cut_.final)),
                          std::move(cancel)));
  outcome.rows = std::make_unique<FinalStream>(std::move(run), std::move(outcome.rows));
  return outcome;
}

}  // namespace

Result<std::unique_ptr<PlannedQuery>> PlannedQuery::Plan(
    engine::Engine& engine, engine::Connection& connection, engine::Prepared& prepared,
    const std::vector<engine::BoundValue>& parameters, const PlanOptions& options,
    std::string* why_not) {
  try {
    auto planned = std::make_unique<PlannedQueryImpl>(engine, connection, prepared);
    *why_not = planned->Cut(parameters, options);
    if (!why_not->empty()) return std::unique_ptr<PlannedQuery>();
    return std::unique_ptr<PlannedQuery>(std::move(planned));
  } catch (...) {
    return engine::FromCurrentException();
  }
}

bool PlannedQuery::Worthwhile(engine::Prepared& prepared) { return engine::ScansFiles(prepared); }

Status PlannedQuery::Register(engine::Engine& engine,
                              std::shared_ptr<const std::atomic<uint32_t>> slots) {
  try {
    RegisterFragmentFunctions(engine::NativeInstance(engine));
    RegisterExplainFunction(engine::NativeInstance(engine), std::move(slots));
    return Status::OK();
  } catch (...) {
    return engine::FromCurrentException();
  }
}

}  // namespace skein::distributed
