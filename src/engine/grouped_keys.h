#pragma once

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// A query that groups by the primary key of a table may name the table's other columns, as in
/// PostgreSQL: there is one value of them for each group. They are added to the grouping, which
/// makes no other groups. Queries with several grouping sets stay as they are.
///
/// Needs no transaction. Throws DuckDB's exceptions.
void CompleteGrouping(duckdb::ClientContext& context, duckdb::SQLStatement& statement);

}  // namespace skein::engine
