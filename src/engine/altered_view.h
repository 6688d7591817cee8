#pragma once

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// ALTER TABLE v RENAME TO w, where v is a view: PostgreSQL takes it, and dbt writes it; DuckDB
/// wants ALTER VIEW. Changes the tree of the statement; leaves every other statement alone. Opens a
/// transaction for a moment when there is none.
void RenameViewAsTable(duckdb::ClientContext& context, duckdb::SQLStatement& statement);

}  // namespace skein::engine
