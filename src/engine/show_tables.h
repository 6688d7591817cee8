#pragma once

namespace duckdb {
class SQLStatement;
}

namespace skein::engine {

/// SHOW TABLES: DuckDB lists what its own catalog holds; here the file sets of the data directories
/// are tables, too. Changes the tree of that statement; leaves every other one alone.
void ShowFileSetsAsTables(duckdb::SQLStatement& statement);

}  // namespace skein::engine
