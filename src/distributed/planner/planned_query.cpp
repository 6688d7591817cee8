#include "distributed/planner/planned_query.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/query_result.hpp"
#include "duckdb/transaction/meta_transaction.hpp"

#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/run_fragment.h"
#include "distributed/fragment/task_context.h"
#include "distributed/planner/cut_query.h"
#include "distributed/planner/explain_function.h"
#include "distributed/planner/progress_function.h"
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

  ~PlannedQueryImpl() override;

  /// Gives the reason why it is not cut, or nothing.
  std::string Cut(const std::vector<engine::BoundValue>& parameters, const PlanOptions& options);

  const StageGraph& graph() const override { return cut_.open->graph; }

  Tracking Track() override {
    auto session = engine::SessionOf(context_);
    auto progress = std::make_shared<QueryProgress>(graph(), session ? session->pid : 0,
                                                    session ? session->user : std::string());
    auto shown = std::make_shared<engine::ProgressScope>(
        connection_, [progress] { return engine::Progress{progress->percent(), 0, 0}; });
    return {std::move(progress), std::move(shown)};
  }

  Status DecideAsPlanned() override {
    return InTransaction([&] { cut_.open->DecideAsPlanned(); });
  }

  Status Describe() override {
    return InTransaction([&] { cut_.Describe(); });
  }

  Result<std::vector<uint32_t>> StageFinished(uint32_t stage, const StageReport& report) override {
    std::vector<uint32_t> changed;
    SKEIN_RETURN_IF_ERROR(
        InTransaction([&] { changed = cut_.open->Finished(context_, stage, report); }));
    return changed;
  }

  Result<TaskReport> RunLocalStage(const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                                   std::shared_ptr<CancelToken> cancel) override {
    return RunFragment(engine_, context_, std::move(cut_.open->local.at(task.stage)), task, inputs,
                       outputs, std::move(cancel));
  }

  Status Begin() override;
  Result<engine::Outcome> RunFinal(RunOutput output, std::shared_ptr<CancelToken> cancel) override;

 private:
  /// With a COPY by tasks: the final plan's rows say what to commit.
  Result<engine::Outcome> Commit(std::shared_ptr<CancelToken> cancel);
  /// With a final plan that changes tables.
  Result<engine::Outcome> Write(std::shared_ptr<CancelToken> cancel);
  /// The rows of a plan that reads exchanges.
  Result<duckdb::unique_ptr<duckdb::QueryResult>> RunPlan(
      LogicalPlan plan, const std::shared_ptr<CancelToken>& cancel);
  /// Of the session's transactions: BEGIN and the like.
  Status Say(const char* sql);

  template <typename Work>
  Status InTransaction(Work work) {
    try {
      context_.RunFunctionInTransaction(work);
      return Status::OK();
    } catch (...) {
      return engine::FromCurrentException();
    }
  }

  engine::Engine& engine_;
  engine::Connection& connection_;
  engine::Prepared& prepared_;
  duckdb::ClientContext& context_;
  CutQuery cut_;
  bool writes_ = false;  ///< to tables
  bool own_transaction_ = false;
};

PlannedQueryImpl::~PlannedQueryImpl() {
  if (own_transaction_) (void)Say("ROLLBACK");
  // Files are removed with the session's credentials, which a transaction gives.
  if (cut_.table_write) (void)InTransaction([&] { cut_.table_write.reset(); });
  if (cut_.task_copy) (void)InTransaction([&] { cut_.task_copy.reset(); });
}

Status PlannedQueryImpl::Say(const char* sql) {
  auto result = context_.Query(sql, duckdb::QueryParameters(false));
  return result->HasError() ? engine::FromDuckdb(result->GetErrorObject()) : Status::OK();
}

std::string PlannedQueryImpl::Cut(const std::vector<engine::BoundValue>& parameters,
                                  const PlanOptions& options) {
  auto values = engine::NativeParameters(connection_, prepared_, parameters);
  auto statement = engine::NativeStatement(prepared_);
  writes_ = WritesToTables(*statement);
  if (writes_ && context_.transaction.IsAutoCommit()) {
    if (Status begun = Say("BEGIN TRANSACTION"); !begun.ok()) return begun.message();
    own_transaction_ = true;
  }
  context_.RunFunctionInTransaction(
      [&] { cut_ = CutStatement(context_, std::move(statement), values, options); });
  if (cut_.why_not.empty()) {
    cut_.open->graph.session =
        std::make_shared<const std::string>(engine::ExportSessionState(engine_, connection_));
  }
  return cut_.why_not;
}

Status PlannedQueryImpl::Begin() {
  try {
    if (cut_.task_copy) context_.RunFunctionInTransaction([&] { cut_.task_copy->Begin(); });
    if (cut_.table_write) cut_.table_write->Begin();
    return Status::OK();
  } catch (...) {
    return engine::FromCurrentException();
  }
}

Result<engine::Outcome> PlannedQueryImpl::Commit(std::shared_ptr<CancelToken> cancel) {
  try {
    SKEIN_ASSIGN_OR_RETURN(auto result, RunPlan(std::move(cut_.final), cancel));
    engine::Outcome outcome;
    outcome.changed_rows = 0;
    std::vector<TaskCopy::Written> tasks;
    while (auto chunk = result->Fetch()) {
      for (duckdb::idx_t row = 0; row < chunk->size(); ++row) {
        auto& task = tasks.emplace_back();
        task.rows = chunk->GetValue(0, row).GetValue<int64_t>();
        *outcome.changed_rows += task.rows;
        const auto files = chunk->GetValue(1, row);
        for (const auto& file : duckdb::ListValue::GetChildren(files))
          task.files.push_back(file.ToString());
      }
    }
    if (cancel->cancelled()) return cancel->status();
    context_.RunFunctionInTransaction([&] { cut_.task_copy->Commit(std::move(tasks)); });
    return outcome;
  } catch (...) {
    return engine::FromCurrentException();
  }
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> PlannedQueryImpl::RunPlan(
    LogicalPlan plan, const std::shared_ptr<CancelToken>& cancel) {
  return engine::RunToEnd(
      engine_, context_,
      [&] {
        return context_.PendingQuery(duckdb::make_uniq<FragmentStatement>(std::move(plan)),
                                     duckdb::QueryParameters(false));
      },
      cancel);
}

Result<engine::Outcome> PlannedQueryImpl::Write(std::shared_ptr<CancelToken> cancel) {
  try {
    std::vector<std::string> taken;
    if (cut_.table_write) {
      LogicalPlan written;
      context_.RunFunctionInTransaction([&] { written = cut_.final->children[0]->Copy(context_); });
      SKEIN_ASSIGN_OR_RETURN(auto result, RunPlan(std::move(written), cancel));
      while (auto chunk = result->Fetch()) {
        for (duckdb::idx_t row = 0; row < chunk->size(); ++row)
          taken.push_back(chunk->GetValue(0, row).ToString());
      }
    }
    context_.RunFunctionInTransaction([&] {
      for (const auto& [name, change] : cut_.changes) {
        auto database = duckdb::DatabaseManager::Get(context_).GetDatabase(context_, name);
        if (database) duckdb::MetaTransaction::Get(context_).ModifyDatabase(*database, change);
      }
    });
    SKEIN_ASSIGN_OR_RETURN(
        engine::Outcome outcome,
        engine::ExecutePlan(connection_, prepared_,
                            duckdb::make_uniq<FragmentStatement>(std::move(cut_.final)), cancel));
    if (cut_.table_write)
      context_.RunFunctionInTransaction([&] { cut_.table_write->Finish(taken); });
    if (own_transaction_) {
      own_transaction_ = false;
      SKEIN_RETURN_IF_ERROR(connection_.Commit());
    }
    return outcome;
  } catch (...) {
    return engine::FromCurrentException();
  }
}

Result<engine::Outcome> PlannedQueryImpl::RunFinal(RunOutput output,
                                                   std::shared_ptr<CancelToken> cancel) {
  auto run = std::make_unique<FinalRun>();
  run->output = std::move(output);
  run->spec.query_id = graph().query_id;
  for (size_t i = 0; i < graph().final_inputs.size(); ++i) {
    const Stage::Input& input = graph().final_inputs[i];
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
  if (cut_.task_copy) return Commit(std::move(cancel));
  if (writes_) return Write(std::move(cancel));
  SKEIN_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::ExecutePlan(connection_, prepared_,
                          duckdb::make_uniq<FragmentStatement>(std::move(cut_.final)),
                          std::move(cancel)));
  if (outcome.rows)
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
                              std::shared_ptr<const std::atomic<uint32_t>> slots,
                              RunnerTraits traits, std::shared_ptr<const ProgressBoard> board) {
  try {
    RegisterFragmentFunctions(engine::NativeInstance(engine));
    RegisterExplainFunction(engine::NativeInstance(engine), std::move(slots), traits);
    RegisterProgressFunction(engine::NativeInstance(engine), std::move(board));
    return Status::OK();
  } catch (...) {
    return engine::FromCurrentException();
  }
}

}  // namespace skein::distributed
