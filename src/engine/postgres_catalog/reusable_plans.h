#pragma once

namespace duckdb {
class LogicalOperator;
}

namespace skein::engine::postgres_catalog {

/// Whether a plan as it was bound, before anything was computed ahead, says the same as a new one
/// would, as long as the catalogue, the search path and the settings stay: it reads nothing but the
/// catalogue's relations, and the optimizer can compute nothing in it ahead that may be another the
/// next time (a setting, the size of a table).
bool IsReusable(duckdb::LogicalOperator& plan);

}  // namespace skein::engine::postgres_catalog
