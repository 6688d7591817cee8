#pragma once

#include <memory>

#include "engine/arrow_batch_builder.h"
#include "results/batch_stream.h"

namespace duckdb {
class ClientContext;
class PreparedStatementData;
}  // namespace duckdb

namespace skein::engine {

/// Whether the statement is a SELECT without FROM whose expressions depend on nothing outside of
/// them (`SELECT 1`, with which pools and health checks ask whether a server lives).
bool IsSingleRow(const duckdb::PreparedStatementData& statement);

/// The row of such a statement, evaluated here and now: what the executor makes for a plan
/// (pipelines, their states and tasks) takes several times as long as this row. In the
/// connection's transaction, or one of its own; what fails, fails the transaction as in the
/// executor. Returns null if the statement has to be bound anew. Throws DuckDB's exceptions.
std::unique_ptr<results::BatchStream> EvaluateSingleRow(
    duckdb::ClientContext& context, duckdb::PreparedStatementData& statement,
    const std::shared_ptr<const ArrowShape>& shape);

}  // namespace skein::engine
