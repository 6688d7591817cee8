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
  /// What a column of text was declared as (DeclaredText); 0 where that was text.
  uint32_t declared_oid = 0;
  int32_t declared_typmod = -1;
};

/// The origins of the `count` columns that `statement` gives, as PostgreSQL says them in a
/// RowDescription: of columns of tables and views that a query selects as they are, by name or by
/// `*`, also through joins, subqueries and WITH, or that RETURNING gives back. Nothing where none
/// is known.
///
/// Reads the tree, whose names must have been found by the binder already. Opens a transaction for
/// a moment when there is none. Throws DuckDB's exceptions.
std::vector<ColumnOrigin> FindColumnOrigins(duckdb::ClientContext& context,
                                            const duckdb::SQLStatement& statement, size_t count);

/// The same for the columns of a view's query, without the numbers: what they were declared as.
/// Within a transaction.
std::vector<ColumnOrigin> FindDeclarations(duckdb::ClientContext& context,
                                           const duckdb::SQLStatement& query, size_t count);

}  // namespace skein::engine
