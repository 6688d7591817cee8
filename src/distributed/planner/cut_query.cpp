#include "distributed/planner/cut_query.h"

#include <algorithm>

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/planner.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"

#include "common/random.h"
#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/merge_scan.h"
#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/split_file.h"
#include "distributed/fragment/text_leaf.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/optimizer_passes.h"

namespace skein::distributed {
namespace {

using duckdb::LogicalGet;

void CollectGets(duckdb::LogicalOperator& op, std::vector<LogicalGet*>* gets) {
  if (op.type == duckdb::LogicalOperatorType::LOGICAL_GET) gets->push_back(&op.Cast<LogicalGet>());
  for (auto& child : op.children) CollectGets(*child, gets);
}

/// What was said of these scans, before what was said of what is above them.
void AddScanDecisions(const Cutter& cutter, const std::vector<LogicalGet*>& gets,
                      std::vector<std::string>* decisions) {
  std::vector<std::string> said;
  for (const LogicalGet* get : gets) {
    auto found = cutter.scan_decisions.find(get->table_index);
    if (found != cutter.scan_decisions.end()) said.push_back(found->second);
  }
  decisions->insert(decisions->begin(), said.begin(), said.end());
}

bool ReadsExchange(const LogicalGet& get) {
  return get.function.name == kExchangeScanName || get.function.name == kMergeScanName;
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

/// The stage that a cut makes, with what its tasks scan; its plan stays open.
void AddStage(duckdb::ClientContext& context, Cutter& cutter, CutStage& cut, uint32_t tasks,
              uint32_t* scan_number, StageGraph* graph) {
  Stage stage;
  stage.id = cut.id;
  stage.output = cut.output;
  stage.partitions =
      cut.output == OutputKind::kHash || cut.output == OutputKind::kRange ? tasks : 1;
  stage.sample_keys = cut.sample_keys;
  stage.ties_together = cut.ties_together;
  stage.tasks = cut.split ? tasks : 1;
  stage.output_name = std::move(cut.output_name);
  stage.decisions = std::move(cut.decisions);
  stage.estimated_rows = cut.estimated_rows;
  std::vector<LogicalGet*> gets;
  CollectGets(*cut.plan, &gets);
  AddScanDecisions(cutter, gets, &stage.decisions);
  bool local = false;
  for (LogicalGet* get : gets) {
    local = local ||
            !(ReadsExchange(*get) || WhyNotParquetLeaf(*get).empty() || ReadsTableFormat(*get) ||
              (ReadsText(*get) && cutter.scans.count(get->table_index) > 0));
  }
  if (local) {
    if (cut.split) throw NotCut("a part that is split reads what only the coordinator has");
    stage.placement = Placement::kCoordinator;
    graph->stages.push_back(std::move(stage));
    return;
  }
  stage.scans.resize(stage.tasks);
  // Scans are numbered through the query: stages may become one.
  for (LogicalGet* get : gets) {
    if (ReadsExchange(*get)) continue;
    for (auto& task : stage.scans) task.resize(*scan_number + 1);
    auto found = cutter.scans.find(get->table_index);
    if (found != cutter.scans.end() && cut.split) {
      CutScan& scan = found->second;
      auto by_task = Spread(scan.splits, stage.tasks);
      for (uint32_t task = 0; task < stage.tasks; ++task)
        stage.scans[task][*scan_number] = std::move(by_task[task]);
      graph->scan_bytes += scan.bytes;
      if (ReadsText(*get)) graph->text_ranges |= scan.ranges;
      if (!scan.text_options.empty()) {
        MakeTextRangeLeaf(*get, (*scan_number)++, scan.splits.at(0).path, scan.text_options);
      } else if (ReadsText(*get)) {
        MakeTextLeaf(*get, (*scan_number)++);
      } else {
        MakeParquetLeaf(context, *get, (*scan_number)++, scan.rows, scan.bytes, scan.ranges);
      }
    } else if (auto all = cutter.whole_scans.find(get->table_index);
               all != cutter.whole_scans.end()) {
      CutScan& scan = all->second;
      for (auto& task : stage.scans) task[*scan_number] = scan.splits;
      MakeParquetLeaf(context, *get, (*scan_number)++, scan.rows, scan.bytes, scan.ranges);
    } else {
      std::vector<Split> whole;
      uint64_t rows = 0;
      auto& bind = get->bind_data->Cast<duckdb::MultiFileBindData>();
      for (const auto& file : bind.file_list->GetAllFiles()) {
        whole.push_back(SplitOfFile(context, file));
        whole.back().bytes = 1;
      }
      if (get->function.cardinality) {
        auto estimate = get->function.cardinality(context, get->bind_data.get());
        if (estimate && estimate->has_estimated_cardinality) rows = estimate->estimated_cardinality;
      }
      for (uint32_t task = 0; task < stage.tasks; ++task) stage.scans[task][*scan_number] = whole;
      if (ReadsText(*get)) {
        MakeTextLeaf(*get, (*scan_number)++);
      } else {
        MakeParquetLeaf(context, *get, (*scan_number)++, rows, whole.size(), false);
      }
    }
  }
  graph->stages.push_back(std::move(stage));
}

/// Files of table formats are asked for one by one when they are cut: not where a look at their
/// sizes shows that they are not worth it.
void RefuseSmallTables(duckdb::ClientContext& context, duckdb::LogicalOperator& plan,
                       uint64_t min_bytes) {
  std::vector<LogicalGet*> gets;
  CollectGets(plan, &gets);
  if (std::none_of(gets.begin(), gets.end(), [](auto* get) { return ReadsTableFormat(*get); }))
    return;
  uint64_t bytes = 0;
  for (LogicalGet* get : gets) {
    auto* bind = dynamic_cast<duckdb::MultiFileBindData*>(get->bind_data.get());
    if (!bind) continue;
    for (const auto& file : bind->file_list->GetAllFiles()) {
      bytes += KnownSize(context, file);
      if (bytes >= min_bytes) return;
    }
  }
  throw NotCut("it reads less than skein_distributed_min_bytes");
}

void PlanAndCut(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement,
                const duckdb::vector<duckdb::Value>& parameters, const PlanOptions& options,
                CutQuery* query) {
  if (statement->type != duckdb::StatementType::SELECT_STATEMENT &&
      statement->type != duckdb::StatementType::COPY_STATEMENT && !WritesToTables(*statement))
    throw NotCut("only SELECT, COPY TO, INSERT and CREATE TABLE AS are cut");
  duckdb::Planner planner(context);
  for (size_t i = 0; i < parameters.size(); ++i) {
    planner.parameter_data.emplace(std::to_string(i + 1),
                                   duckdb::BoundParameterData(parameters[i]));
  }
  planner.CreatePlan(std::move(statement));
  Plan plan = OptimizeForCut(context, *planner.binder, std::move(planner.plan));
  if (options.min_bytes > 0) RefuseSmallTables(context, *plan, options.min_bytes);
  CutOptions cut_options;
  cut_options.tasks = options.tasks;
  cut_options.broadcast_bytes = options.broadcast_bytes;
  cut_options.split_rows = options.split_rows;
  cut_options.range_rows = options.range_rows;
  cut_options.range_windows = options.range_windows;
  cut_options.divisible = options.divisible;
  cut_options.text_whole = options.text_whole;
  Cutter cutter(context, *planner.binder, cut_options);
  cutter.Cut(std::move(plan));
  if (cutter.scans.empty()) {
    std::string why_not = "nothing it reads is large enough to be split";
    for (const std::string& reason : cutter.not_split) why_not += "; " + reason;
    throw NotCut(why_not);
  }
  StageGraph graph;
  graph.query_id = NewId();
  uint32_t scan_number = 0;
  for (CutStage& stage : cutter.stages)
    AddStage(context, cutter, stage, options.tasks, &scan_number, &graph);
  OpenPlan::Options open{options.broadcast_bytes, options.task_bytes, options.skew_bytes,
                         options.filters};
  query->open = std::make_unique<OpenPlan>(std::move(graph), open, std::move(cutter.stages),
                                           std::move(cutter.exchanges), std::move(cutter.joins));
  query->final = std::move(cutter.root);
  query->task_copy = std::move(cutter.task_copy);
  query->table_write = std::move(cutter.table_write);
  for (const auto& [database, change] : planner.properties.modified_databases)
    query->changes.emplace_back(database, change.modifications);
  StageGraph& planned = query->open->graph;
  planned.one_attempt = query->task_copy && query->task_copy->in_place();
  planned.final_inputs = query->open->NumberInputs(*query->final);
  planned.final_decisions = std::move(cutter.decisions);
  std::vector<LogicalGet*> final_gets;
  CollectGets(*query->final, &final_gets);
  AddScanDecisions(cutter, final_gets, &planned.final_decisions);
  query->open->Begin();
}

}  // namespace

void CutQuery::Describe() {
  open->Describe();
  open->graph.final_plan_text = final->ToString();
}

bool WritesToTables(const duckdb::SQLStatement& statement) {
  if (statement.type == duckdb::StatementType::INSERT_STATEMENT) return true;
  if (statement.type != duckdb::StatementType::CREATE_STATEMENT) return false;
  const auto* table = dynamic_cast<const duckdb::CreateTableInfo*>(
      statement.Cast<duckdb::CreateStatement>().info.get());
  return table && table->query;
}

CutQuery CutStatement(duckdb::ClientContext& context,
                      duckdb::unique_ptr<duckdb::SQLStatement> statement,
                      const duckdb::vector<duckdb::Value>& parameters, const PlanOptions& options) {
  CutQuery query;
  try {
    PlanAndCut(context, std::move(statement), parameters, options, &query);
  } catch (const duckdb::InterruptException&) {
    throw;
  } catch (const NotCut& reason) {
    query.why_not = reason.what();
  } catch (const std::exception& error) {
    query.why_not = duckdb::ErrorData(error).RawMessage();
  }
  return query;
}

void SetInputRows(duckdb::LogicalOperator& plan, const std::vector<uint64_t>& rows) {
  std::vector<LogicalGet*> gets;
  CollectGets(plan, &gets);
  for (LogicalGet* get : gets) {
    if (get->function.name == kExchangeScanName) {
      auto& data = get->bind_data->Cast<ExchangeScanData>();
      data.rows = rows.at(data.input);
    } else if (get->function.name == kMergeScanName) {
      auto& data = get->bind_data->Cast<MergeScanData>();
      data.rows = 0;
      for (uint32_t i = 0; i < data.inputs; ++i) data.rows += rows.at(data.first_input + i);
    }
  }
}

}  // namespace skein::distributed
