#pragma once

#include <cstddef>
#include <vector>

#include "duckdb/common/types.hpp"
#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/parser/sql_statement.hpp"

#include "common/status.h"

namespace duckdb {
class ClientContext;
}

namespace skein::engine {

// A statement bound and planned by DuckDB. All of it throws what DuckDB throws; what DuckDB keeps
// as the error of a prepared statement is a Status.

/// As DuckDB prepares it, which may be with an error. `declared`: the types of $1, $2, ..., INVALID
/// where they are to be inferred; there may be fewer.
duckdb::unique_ptr<duckdb::PreparedStatement> Bind(
    duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
    const std::vector<duckdb::LogicalType>& declared);

/// Bound so that everything has a type before it is run: parameters that DuckDB cannot infer are
/// text, as in PostgreSQL, or what fits where text does not. Those that fit nothing stay
/// unresolved: the values' own types decide.
Result<duckdb::unique_ptr<duckdb::PreparedStatement>> BindWithParameterTypes(
    duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
    std::vector<duckdb::LogicalType> declared);

/// The type of $number.
duckdb::LogicalType ParameterType(const duckdb::PreparedStatement& prepared, size_t number);
bool IsUnresolved(const duckdb::LogicalType& type);

}  // namespace skein::engine
