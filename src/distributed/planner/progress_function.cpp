#include "distributed/planner/progress_function.h"

#include "duckdb/function/table_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

#include "engine/native.h"

namespace skein::distributed {
namespace {

using duckdb::LogicalType;
using duckdb::unique_ptr;
using duckdb::Value;
using State = QueryProgress::State;

struct Info : public duckdb::TableFunctionInfo {
  std::shared_ptr<const ProgressBoard> board;
};

struct BindData : public duckdb::TableFunctionData {
  std::shared_ptr<const ProgressBoard> board;
};

/// The rows as of the beginning of the scan.
struct Rows : public duckdb::GlobalTableFunctionState {
  std::vector<std::vector<Value>> rows;
  size_t next = 0;
};

const char* Name(State state) {
  switch (state) {
    case State::kWaiting:
      return "waiting";
    case State::kRunning:
      return "running";
    case State::kFinished:
      return "finished";
    case State::kNotRun:
      return "not run";
  }
  return "";
}

unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                      duckdb::vector<LogicalType>& types,
                                      duckdb::vector<std::string>& names) {
  names = {"pid",    "query_id",      "percent", "stage",          "runs_on",
           "output", "state",         "tasks",   "tasks_finished", "rows",
           "bytes",  "spilled_bytes", "seconds", "began_seconds",  "elapsed_seconds"};
  types = {LogicalType::INTEGER, LogicalType::VARCHAR, LogicalType::DOUBLE,  LogicalType::INTEGER,
           LogicalType::VARCHAR, LogicalType::VARCHAR, LogicalType::VARCHAR, LogicalType::INTEGER,
           LogicalType::INTEGER, LogicalType::BIGINT,  LogicalType::BIGINT,  LogicalType::BIGINT,
           LogicalType::DOUBLE,  LogicalType::DOUBLE,  LogicalType::DOUBLE};
  auto data = duckdb::make_uniq<BindData>();
  data->board = input.info->Cast<Info>().board;
  return data;
}

unique_ptr<duckdb::GlobalTableFunctionState> Init(duckdb::ClientContext& context,
                                                  duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<Rows>();
  auto session = engine::SessionOf(context);
  auto integer = [](auto number) { return Value::INTEGER(static_cast<int32_t>(number)); };
  auto bigint = [](auto number) { return Value::BIGINT(static_cast<int64_t>(number)); };
  for (const auto& query : input.bind_data->Cast<BindData>().board->List()) {
    // As in pg_stat_activity, what others do is theirs.
    if (session && session->user != query->user()) continue;
    const double percent = query->percent();
    for (const auto& stage : query->stages()) {
      const auto& began = stage.began_seconds;
      state->rows.push_back({integer(query->pid()), Value(query->query_id()),
                             Value::DOUBLE(percent), integer(stage.stage),
                             Value(stage.on_workers ? "workers" : "session"), Value(stage.output),
                             Value(Name(stage.state)), integer(stage.tasks),
                             integer(stage.tasks_finished), bigint(stage.rows), bigint(stage.bytes),
                             bigint(stage.spilled_bytes), Value::DOUBLE(stage.task_seconds),
                             began ? Value::DOUBLE(*began) : Value(),
                             began ? Value::DOUBLE(stage.elapsed_seconds) : Value()});
    }
  }
  return state;
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& out) {
  auto& state = input.global_state->Cast<Rows>();
  duckdb::idx_t count = 0;
  for (; state.next < state.rows.size() && count < STANDARD_VECTOR_SIZE; ++state.next, ++count) {
    for (size_t i = 0; i < state.rows[state.next].size(); ++i)
      out.SetValue(i, count, state.rows[state.next][i]);
  }
  out.SetCardinality(count);
}

}  // namespace

void RegisterProgressFunction(duckdb::DatabaseInstance& instance,
                              std::shared_ptr<const ProgressBoard> board) {
  duckdb::TableFunction function("skein_progress", {}, Scan, Bind, Init);
  auto info = duckdb::make_shared_ptr<Info>();
  info->board = std::move(board);
  function.function_info = std::move(info);
  duckdb::ExtensionLoader loader(instance, "skein");
  loader.RegisterFunction(std::move(function));
}

}  // namespace skein::distributed
