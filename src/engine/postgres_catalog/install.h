#pragma once

namespace duckdb {
class DatabaseInstance;
}

namespace skein::engine::postgres_catalog {

/// Puts PostgreSQL's schemas pg_catalog and information_schema where DuckDB has its own: relations,
/// functions and types are made by name when a statement first asks for them, so that opening an
/// engine costs next to nothing. Call once, before the first client's statement.
void Install(duckdb::DatabaseInstance& db);

}  // namespace skein::engine::postgres_catalog
