#pragma once

#include <string>

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// CREATE INDEX ON t (a): PostgreSQL makes a name up, DuckDB's parser wants one. One that says so
/// is written into the text, and becomes a real one when the statement is prepared.

/// Whether DuckDB's parser said so.
bool WantsIndexName(const std::string& message);
/// Writes it behind each INDEX that has none, into two texts whose tokens stand at the same places.
void WriteIndexNames(std::string* sql, std::string* shown);
/// What the client wrote.
std::string WithoutIndexName(std::string sql);

/// Gives an index without a name PostgreSQL's: t_a_idx, or t_a_idx1 when there is one. Does nothing
/// to other statements. Opens a transaction for a moment when there is none.
void NameIndex(duckdb::ClientContext& context, duckdb::SQLStatement& statement);

}  // namespace skein::engine
