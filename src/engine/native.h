#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/common/vector.hpp"

#include "engine/connection.h"
#include "engine/engine.h"

namespace duckdb {
class ClientContext;
class DatabaseInstance;
class PendingQueryResult;
class QueryResult;
class SQLStatement;
class Value;
}  // namespace duckdb

namespace skein::engine {

// DuckDB behind the engine's interfaces, for the rooms of src/distributed that cut its plans and
// run the pieces. What is returned belongs to the engine or connection asked. These throw DuckDB's
// exceptions unless they return a Result.

duckdb::DatabaseInstance& NativeInstance(Engine& engine);
duckdb::ClientContext& NativeContext(Connection& connection);

/// The client's session that a connection is, or null.
std::shared_ptr<SessionEntry> SessionOf(duckdb::ClientContext& context);

/// While one lives: what the connection's GetProgress gives, from any thread, because its statement
/// runs elsewhere. Of several the latest counts.
class ProgressScope {
 public:
  using Source = std::function<Progress()>;
  ProgressScope(Connection& connection, Source source);
  ~ProgressScope();
  ProgressScope(const ProgressScope&) = delete;
  ProgressScope& operator=(const ProgressScope&) = delete;

 private:
  Connection& connection_;
  std::shared_ptr<const Source> source_;
};

/// A copy of what was prepared, to be planned anew.
duckdb::unique_ptr<duckdb::SQLStatement> NativeStatement(Prepared& prepared);

/// Parameters as the statement takes them, in order.
duckdb::vector<duckdb::Value> NativeParameters(Connection& connection, Prepared& prepared,
                                               const std::vector<BoundValue>& parameters);

/// Whether its plan reads what could be split: Parquet files, or several CSV or JSON files.
bool ScansFiles(Prepared& prepared);

/// Runs `plan` (a statement that holds a logical plan) in the place of `prepared`, which says the
/// names and types of its rows. As Connection::Execute otherwise; DuckDB's optimizer leaves the
/// plan as it is.
Result<Outcome> ExecutePlan(Connection& connection, Prepared& prepared,
                            duckdb::unique_ptr<duckdb::SQLStatement> plan,
                            std::shared_ptr<CancelToken> cancel);

/// Runs what `start` begins to its end, with the engine's threads.
Result<duckdb::unique_ptr<duckdb::QueryResult>> RunToEnd(
    Engine& engine, duckdb::ClientContext& context,
    const std::function<duckdb::unique_ptr<duckdb::PendingQueryResult>()>& start,
    std::shared_ptr<CancelToken> cancel);

}  // namespace skein::engine
