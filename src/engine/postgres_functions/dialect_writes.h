#pragma once

#include <vector>

#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref.hpp"

#include "engine/postgres_functions/expressions.h"

namespace skein::engine {

/// `SET (a, b) = (SELECT x, y ...)`: DuckDB's parser gives each column the whole subquery, which
/// gets the value of its place.
void SplitAssignedRows(duckdb::UpdateSetInfo& set);

/// Refuses in RETURNING what DuckDB cannot return, or returns without saying that something is
/// missing: parameters, and columns of `others`, the tables beside the one that is written.
/// Throws 0A000.
void CheckReturning(const duckdb::vector<Expression>& list,
                    const std::vector<const duckdb::TableRef*>& others);

}  // namespace skein::engine
