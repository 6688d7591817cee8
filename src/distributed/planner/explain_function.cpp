#include "distributed/planner/explain_function.h"

#include <algorithm>
#include <optional>

#include "duckdb/common/exception.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/planner/planner.hpp"

#include "distributed/explain.h"
#include "distributed/planner/cut_query.h"
#include "distributed/query_settings.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;
using duckdb::unique_ptr;
using duckdb::Value;

struct Info : public duckdb::TableFunctionInfo {
  std::shared_ptr<const std::atomic<uint32_t>> slots;
  RunnerTraits traits;
};

struct Rows : public duckdb::TableFunctionData {
  std::vector<std::vector<Value>> rows;
};

struct Position : public duckdb::GlobalTableFunctionState {
  size_t next = 0;
};

std::vector<std::vector<Value>> Describe(const CutQuery& query) {
  std::vector<std::vector<Value>> rows;
  if (!query.why_not.empty()) {
    rows.push_back({Value(), Value("session"), Value::INTEGER(1), Value::INTEGER(0), Value(),
                    Value(), Value(), Value("not cut: " + query.why_not), Value()});
    return rows;
  }
  for (const Stage& stage : query.open->graph.stages) {
    rows.push_back({Value::INTEGER(static_cast<int32_t>(stage.id)),
                    Value(stage.placement == Placement::kWorkers ? "workers" : "session"),
                    Value::INTEGER(static_cast<int32_t>(stage.tasks)),
                    Value::INTEGER(static_cast<int32_t>(ScanningTasks(stage))),
                    Value(ReadsOf(stage.inputs)), Value(stage.output_name),
                    Value::BIGINT(static_cast<int64_t>(stage.estimated_rows)),
                    Value(Joined(stage.decisions)), Value(stage.plan_text)});
  }
  rows.push_back({Value(), Value("session"), Value::INTEGER(1), Value::INTEGER(0),
                  Value(ReadsOf(query.open->graph.final_inputs)), Value("result"), Value(),
                  Value(Joined(query.open->graph.final_decisions)),
                  Value(query.open->graph.final_plan_text)});
  return rows;
}

unique_ptr<duckdb::FunctionData> Bind(ClientContext& context, duckdb::TableFunctionBindInput& input,
                                      duckdb::vector<LogicalType>& types,
                                      duckdb::vector<std::string>& names) {
  names = {"stage",          "runs_on",   "tasks", "scanning_tasks", "reads", "output",
           "estimated_rows", "decisions", "plan"};
  types = {LogicalType::INTEGER, LogicalType::VARCHAR, LogicalType::INTEGER,
           LogicalType::INTEGER, LogicalType::VARCHAR, LogicalType::VARCHAR,
           LogicalType::BIGINT,  LogicalType::VARCHAR, LogicalType::VARCHAR};
  if (input.inputs[0].IsNull()) throw duckdb::BinderException("skein_explain takes a query");
  duckdb::Parser parser(context.GetParserOptions());
  parser.ParseQuery(input.inputs[0].GetValue<std::string>());
  if (parser.statements.size() != 1)
    throw duckdb::BinderException("skein_explain takes one query, not %llu",
                                  static_cast<uint64_t>(parser.statements.size()));
  // Its columns are the values that are there: they are read by a statement before the query's own,
  // and a function cannot run one.
  if (parser.statements[0]->type == duckdb::StatementType::MULTI_STATEMENT) {
    engine::ThrowSql(
        "0A000", "skein_explain does not take a PIVOT without the values of IN",
        "Use EXPLAIN (DISTRIBUTED), or say which values: PIVOT ... ON column IN (...).");
  }
  auto setting = [&](const std::string& name) -> std::optional<std::string> {
    Value value;
    if (!context.TryGetCurrentSetting(name, value) || value.IsNull()) return std::nullopt;
    return value.ToString();
  };
  const auto& info = input.info->Cast<Info>();
  auto settings = ReadQuerySettings(setting, std::max(1u, info.slots->load()), info.traits);
  if (!settings.ok()) throw duckdb::BinderException(settings.status().message());
  // What is wrong with the query itself is said by binding it, as any query's is.
  duckdb::Planner check(context);
  check.CreatePlan(parser.statements[0]->Copy());
  auto rows = duckdb::make_uniq<Rows>();
  CutQuery query = CutStatement(context, std::move(parser.statements[0]), {}, settings->plan);
  if (query.open) {
    query.Describe();
    query.open->DecideAsPlanned();
  }
  rows->rows = Describe(query);
  return rows;
}

unique_ptr<duckdb::GlobalTableFunctionState> Init(ClientContext&, duckdb::TableFunctionInitInput&) {
  return duckdb::make_uniq<Position>();
}

void Scan(ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& out) {
  const auto& rows = input.bind_data->Cast<Rows>().rows;
  auto& position = input.global_state->Cast<Position>();
  duckdb::idx_t count = 0;
  for (; position.next < rows.size() && count < STANDARD_VECTOR_SIZE; ++position.next, ++count) {
    for (size_t i = 0; i < rows[position.next].size(); ++i)
      out.SetValue(i, count, rows[position.next][i]);
  }
  out.SetCardinality(count);
}

}  // namespace

void RegisterExplainFunction(duckdb::DatabaseInstance& instance,
                             std::shared_ptr<const std::atomic<uint32_t>> slots,
                             RunnerTraits traits) {
  duckdb::TableFunction function("skein_explain", {LogicalType::VARCHAR}, Scan, Bind, Init);
  auto info = duckdb::make_shared_ptr<Info>();
  info->slots = std::move(slots);
  info->traits = traits;
  function.function_info = std::move(info);
  duckdb::ExtensionLoader loader(instance, "skein");
  loader.RegisterFunction(std::move(function));
}

}  // namespace skein::distributed
