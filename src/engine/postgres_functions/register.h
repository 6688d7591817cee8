#pragma once

namespace duckdb {
class Connection;
}

namespace skein::engine {

/// Adds to the engine what PostgreSQL has and DuckDB lacks, or has with another meaning. Called
/// once while the engine opens, after its extensions are loaded. Throws DuckDB's exceptions.
///
/// A name that DuckDB does not know is found by every door. One that DuckDB knows with another
/// meaning lies in the schema pg_catalog: every door finds it there by its full name, and
/// PostgreSQL's sessions find it first (dialect.h).
void RegisterPostgresFunctions(duckdb::Connection& connection);

}  // namespace skein::engine
