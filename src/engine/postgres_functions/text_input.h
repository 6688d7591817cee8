#pragma once

namespace duckdb {
class DatabaseInstance;
}

namespace skein::engine {

/// Casts of text to bytea, date, time, timestamp and interval, written or implied (a constant that
/// a column is given or compared with, a column of text), read PostgreSQL's notation in a session
/// of its dialect: '\xDEad' is two bytes, '1-2' an interval. Elsewhere they are DuckDB's.
void RegisterTextInput(duckdb::DatabaseInstance& db);

}  // namespace skein::engine
