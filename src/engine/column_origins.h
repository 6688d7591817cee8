#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// Which column of which relation a column of a result is, by PostgreSQL's numbers; 0 for what is
/// computed.
struct ColumnOrigin {
  uint32_t relation = 0;
  int16_t column = 0;
};

/// The origins of the `count` columns that `statement` gives, as PostgreSQL says them in a
/// RowDescription: of columns of tables and views that a query selects as they are, by name or by
/// `*`, also through joins. Nothing where none is known; a column of a subquery has no origin here.
///
/// Reads the tree, whose names must have been found by the binder already. Opens a transaction for
/// a moment when there is none. Throws DuckDB's exceptions.
std::vector<ColumnOrigin> FindColumnOrigins(duckdb::ClientContext& context,
                                            const duckdb::SQLStatement& statement, size_t count);

}  // namespace skein::engine
