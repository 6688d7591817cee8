#include "distributed/planner/planned_query.h"

#include <algorithm>
#include <map>

#include "duckdb/main/client_config.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/sql_statement.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/planner.hpp"

#include "common/random.h"
#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/run_fragment.h"
#include "distributed/fragment/task_context.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/optimizer_passes.h"
#include "engine/duckdb_error.h"
#include "engine/native.h"
#include "engine/session_state.h"

namespace skein::distributed {
namespace {

using duckdb::LogicalGet;
using duckdb::LogicalOperatorType;

/// Within PlannedQuery, Plan is the function.
using LogicalPlan = Plan;

void CollectGets(duckdb::LogicalOperator& op, std::vector<LogicalGet*>* gets) {
  if (op.type == LogicalOperatorType::LOGICAL_GET) gets->push_back(&op.Cast<LogicalGet>());
  for (auto& child : op.children) CollectGets(*child, gets);
}

/// Splits over tasks: the largest first, each to the task that has least.
std::vector<std::vector<Split>> Spread(const std::vector<Split>& splits, uint32_t tasks) {
  std::vector<size_t> order(splits.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return splits[a].bytes > splits[b].bytes; });
  std::vector<std::vector<Split>> by_task(tasks);
  std::vector<uint64_t> bytes(tasks);
  for (size_t i : order) {
    size_t task = static_cast<size_t>(std::min_element(bytes.begin(), bytes.end()) - bytes.begin());
    by_task[task].push_back(splits[i]);
    bytes[task] += splits[i].bytes;
  }
  return by_task;
}

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

  const StageGraph& graph() const override { return graph_; }

  Result<TaskReport> RunLocalStage(const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                                   std::shared_ptr<CancelToken> cancel) override {
    return RunFragment(engine_, context_, std::move(local_plans_.at(task.stage)), task, inputs,
                       outputs, std::move(cancel));
  }

  Result<engine::Outcome> RunFinal(RunOutput output, std::shared_ptr<CancelToken> cancel) override;

 private:
  /// Gives exchange scans of one fragment the numbers of its own inputs.
  std::vector<Stage::Input> NumberInputs(const Cutter& cutter, std::vector<LogicalGet*>& gets);
  void Finish(Cutter& cutter, CutStage& cut, uint32_t tasks);

  engine::Engine& engine_;
  engine::Connection& connection_;
  engine::Prepared& prepared_;
  duckdb::ClientContext& context_;
  StageGraph graph_;
  LogicalPlan final_;
  std::map<uint32_t, LogicalPlan> local_plans_;
};

std::vector<Stage::Input> PlannedQueryImpl::NumberInputs(const Cutter& cutter,
                                                         std::vector<LogicalGet*>& gets) {
  std::vector<Stage::Input> inputs;
  for (LogicalGet* get : gets) {
    if (get->function.name != kExchangeScanName) continue;
    auto& data = get->bind_data->Cast<ExchangeScanData>();
    const CutExchange& exchange = cutter.exchanges.at(data.input);
    data.input = static_cast<uint32_t>(inputs.size());
    inputs.push_back({exchange.stage, exchange.mode});
  }
  return inputs;
}

void PlannedQueryImpl::Finish(Cutter& cutter, CutStage& cut, uint32_t tasks) {
  Stage stage;
  stage.id = cut.id;
  stage.output = cut.output;
  stage.partitions = cut.output == OutputKind::kHash ? tasks : 1;
  stage.tasks = cut.split ? tasks : 1;
  stage.output_name = std::move(cut.output_name);
  stage.decisions = std::move(cut.decisions);
  stage.estimated_rows = cut.estimated_rows;
  std::vector<LogicalGet*> gets;
  CollectGets(*cut.plan, &gets);
  stage.inputs = NumberInputs(cutter, gets);
  bool local = false;
  for (LogicalGet* get : gets) {
    local = local || (get->function.name != kExchangeScanName && !WhyNotParquetLeaf(*get).empty());
  }
  stage.plan_text = cut.plan->ToString();
  if (local) {
    if (cut.split) throw NotCut("a part that is split reads what only the coordinator has");
    stage.placement = Placement::kCoordinator;
    local_plans_.emplace(stage.id, std::move(cut.plan));
    graph_.stages.push_back(std::move(stage));
    return;
  }
  stage.scans.resize(stage.tasks);
  uint32_t scan_number = 0;
  for (LogicalGet* get : gets) {
    if (get->function.name == kExchangeScanName) continue;
    auto found = cutter.scans.find(get->table_index);
    if (found != cutter.scans.end() && cut.split) {
      CutScan& scan = found->second;
      auto by_task = Spread(scan.splits, stage.tasks);
      for (uint32_t task = 0; task < stage.tasks; ++task)
        stage.scans[task].push_back(std::move(by_task[task]));
      graph_.scan_bytes += scan.bytes;
      MakeParquetLeaf(context_, *get, scan_number++, scan.rows, scan.bytes, scan.ranges);
    } else {
      std::vector<Split> whole;
      uint64_t rows = 0;
      auto& bind = get->bind_data->Cast<duckdb::MultiFileBindData>();
      for (const auto& file : bind.file_list->GetAllFiles()) {
        Split split;
        split.path = file.path;
        split.properties = EncodeFileProperties(file);
        split.bytes = 1;
        whole.push_back(std::move(split));
      }
      if (get->function.cardinality) {
        auto estimate = get->function.cardinality(context_, get->bind_data.get());
        if (estimate && estimate->has_estimated_cardinality) rows = estimate->estimated_cardinality;
      }
      for (uint32_t task = 0; task < stage.tasks; ++task) stage.scans[task].push_back(whole);
      MakeParquetLeaf(context_, *get, scan_number++, rows, whole.size(), false);
    }
  }
  stage.plan = std::make_shared<const std::string>(SerializePlan(*cut.plan));
  graph_.stages.push_back(std::move(stage));
}

std::string PlannedQueryImpl::Cut(const std::vector<engine::BoundValue>& parameters,
                                  const PlanOptions& options) {
  auto statement = engine::NativeStatement(prepared_);
  if (statement->type != duckdb::StatementType::SELECT_STATEMENT) return "only a SELECT is cut";
  auto values = engine::NativeParameters(connection_, prepared_, parameters);
  CutOptions cut_options;
  cut_options.tasks = options.tasks;
  cut_options.broadcast_bytes = options.broadcast_bytes;
  cut_options.split_rows = options.split_rows;
  std::string why_not;
  auto cut = [&] {
    duckdb::Planner planner(context_);
    for (size_t i = 0; i < values.size(); ++i) {
      planner.parameter_data.emplace(std::to_string(i + 1), duckdb::BoundParameterData(values[i]));
    }
    planner.CreatePlan(std::move(statement));
    LogicalPlan plan = OptimizeForCut(context_, *planner.binder, std::move(planner.plan));
    Cutter cutter(context_, *planner.binder, cut_options);
    cutter.Cut(std::move(plan));
    if (cutter.scans.empty()) throw NotCut("nothing it reads is large enough to be split");
    graph_.query_id = NewId();
    for (CutStage& stage : cutter.stages) Finish(cutter, stage, options.tasks);
    final_ = std::move(cutter.root);
    std::vector<LogicalGet*> gets;
    CollectGets(*final_, &gets);
    graph_.final_inputs = NumberInputs(cutter, gets);
    graph_.final_decisions = std::move(cutter.decisions);
    graph_.final_plan_text = final_->ToString();
  };
  context_.RunFunctionInTransaction([&] {
    // An exception that leaves this function would fail the client's transaction, though the query
    // can still run whole.
    try {
      cut();
    } catch (const duckdb::InterruptException&) {
      throw;
    } catch (const std::exception& error) {
      why_not = dynamic_cast<const NotCut*>(&error) ? error.what()
                                                    : duckdb::ErrorData(error).RawMessage();
    }
  });
  if (why_not.empty()) {
    graph_.session =
        std::make_shared<const std::string>(engine::ExportSessionState(engine_, connection_));
  }
  return why_not;
}

Result<engine::Outcome> PlannedQueryImpl::RunFinal(RunOutput output,
                                                   std::shared_ptr<CancelToken> cancel) {
  auto run = std::make_unique<FinalRun>();
  run->output = std::move(output);
  run->spec.query_id = graph_.query_id;
  for (size_t i = 0; i < graph_.final_inputs.size(); ++i) {
    run->spec.inputs.push_back(
        {graph_.final_inputs[i].stage, graph_.final_inputs[i].mode, run->output.input_rows.at(i)});
  }
  try {
    run->scope =
        std::make_unique<TaskScope>(context_, &run->spec, run->output.inputs.get(), nullptr);
    std::vector<LogicalGet*> gets;
    CollectGets(*final_, &gets);
    for (LogicalGet* get : gets) {
      if (get->function.name != kExchangeScanName) continue;
      auto& data = get->bind_data->Cast<ExchangeScanData>();
      data.rows = run->spec.inputs[data.input].rows;
    }
    context_.RunFunctionInTransaction(
        [&] { final_ = OptimizeFragment(context_, std::move(final_)); });
  } catch (...) {
    return engine::FromCurrentException();
  }
  SKEIN_ASSIGN_OR_RETURN(
      engine::Outcome outcome,
      engine::ExecutePlan(connection_, prepared_,
                          duckdb::make_uniq<FragmentStatement>(std::move(final_)),
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

Status PlannedQuery::Register(engine::Engine& engine) {
  try {
    RegisterFragmentFunctions(engine::NativeInstance(engine));
    return Status::OK();
  } catch (...) {
    return engine::FromCurrentException();
  }
}

}  // namespace skein::distributed
