#pragma once

namespace duckdb {
class DatabaseInstance;
}

namespace skein::engine::postgres_catalog {

/// Before DuckDB's optimizer runs: reads of relations that have no rows here, ever (policies,
/// publications, inheritance), and all that is empty for their sake, are taken out of the plan.
/// psql's \d of one table is nine queries, five of which ask for nothing else.
void RegisterEmptyRelations(duckdb::DatabaseInstance& db);

}  // namespace skein::engine::postgres_catalog
