#pragma once

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// What PostgreSQL takes from an INSERT and DuckDB does not, by the columns of its table, and what
/// it refuses. Changes the tree of such a statement; opens a transaction for a moment when there is
/// none. Throws DuckDB's exceptions.
///
/// INSERT of fewer values than the table has columns, without a list of these: PostgreSQL gives the
/// first columns the values and the others their defaults, DuckDB refuses. The list of the first
/// columns is put in, but for `SELECT *`. And '{1,2}' in VALUES is a list where the column is one.
///
/// INSERT and UPDATE give a column that is GENERATED ALWAYS AS IDENTITY its default only: any other
/// value is 428C9, unless the INSERT says OVERRIDING SYSTEM VALUE.
void CompleteInsert(duckdb::ClientContext& context, duckdb::SQLStatement& statement);

}  // namespace skein::engine
