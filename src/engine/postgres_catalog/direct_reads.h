#pragma once

namespace duckdb {
class QueryNode;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

// FROM pg_catalog.pg_class becomes FROM postgres_catalog_rows('pg_catalog', 'pg_class') AS
// pg_class, which is what the view says, in all of a query. To bind a view costs a binder, a SELECT
// * and a projection of all its columns, a fifth of the time of a query about one table.

/// Of a SELECT, in a tree that is about to be bound: nothing that keeps its text may be given.
void ReadRelationsDirectly(duckdb::SQLStatement& statement);
void ReadRelationsDirectly(duckdb::QueryNode& query);

}  // namespace skein::engine::postgres_catalog
