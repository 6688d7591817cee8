#pragma once

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// TRUNCATE, which DuckDB's parser makes a DELETE: throws 0A000 for a table that others reference,
/// with CASCADE, too, as only the table that is named would be emptied. Opens a transaction for a
/// moment when there is none.
void CheckTruncated(duckdb::ClientContext& context, const duckdb::SQLStatement& statement);

}  // namespace skein::engine
