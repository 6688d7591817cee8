#pragma once

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// INSERT of fewer values than the table has columns, without a list of these: PostgreSQL gives the
/// first columns the values and the others their defaults, DuckDB refuses. Puts the list of the
/// first columns into the tree of such a statement; leaves every other alone, and one that says
/// `SELECT *`. Opens a transaction for a moment when there is none.
void ListInsertedColumns(duckdb::ClientContext& context, duckdb::SQLStatement& statement);

}  // namespace skein::engine
