#pragma once

#include "duckdb/main/connection.hpp"

namespace skein::engine {

/// Makes variant_normalize, which DuckDB has GROUP BY, DISTINCT and joins of VARIANT values go
/// through, safe with rows that share one value in memory: those of a constant in CASE or coalesce,
/// of a list that unnest repeats, of one side of a cross product. Once per instance.
///
/// DuckDB 1.5.5 makes room for as many keys and values as the argument holds, and writes those of
/// every row: beyond the end, when rows share them.
void NormalizeSharedVariants(duckdb::Connection& connection);

}  // namespace skein::engine
