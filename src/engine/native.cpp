#include "engine/native.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/parser/sql_statement.hpp"

#include "engine/arrow_stream.h"
#include "engine/engine_impl.h"
#include "engine/parameters.h"
#include "engine/postgres_catalog/session_state.h"

namespace skein::engine {

duckdb::DatabaseInstance& NativeInstance(Engine& engine) {
  return *static_cast<EngineImpl&>(engine).db().instance;
}

std::shared_ptr<SessionEntry> SessionOf(duckdb::ClientContext& context) {
  using postgres_catalog::SessionState;
  auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  return state ? state->entry : nullptr;
}

duckdb::unique_ptr<duckdb::SQLStatement> NativeStatement(Prepared& prepared) {
  return prepared.impl().parsed.statement->Copy();
}

duckdb::vector<duckdb::Value> NativeParameters(Connection& connection, Prepared& prepared,
                                               const std::vector<BoundValue>& parameters) {
  duckdb::vector<duckdb::Value> values;
  for (size_t i = 0; i < parameters.size(); ++i) {
    values.push_back(ToDuckdbValue(NativeContext(connection), parameters[i],
                                   prepared.impl().parameter_types.at(i)));
  }
  return values;
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> RunToEnd(
    Engine& engine, duckdb::ClientContext& context,
    const std::function<duckdb::unique_ptr<duckdb::PendingQueryResult>()>& start,
    std::shared_ptr<CancelToken> cancel) {
  Running run(std::move(cancel), context, static_cast<EngineImpl&>(engine).task_threads());
  auto pending = start();
  if (pending->HasError()) return run.Failure(pending->GetErrorObject());
  return run.ToEnd(*pending);
}

}  // namespace skein::engine
