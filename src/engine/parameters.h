#pragma once

#include <vector>

#include "duckdb/common/types.hpp"
#include "duckdb/common/types/value.hpp"

#include "common/status.h"
#include "engine/statement.h"

namespace duckdb {
class ClientContext;
class ParsedExpression;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// The type of that name; built-in names cost a look-up in a cache. Opens a transaction for a
/// moment when the name is new. Throws when there is none.
duckdb::LogicalType TypeByName(duckdb::ClientContext& context, const std::string& name);

/// What `types` say of a parameter; INVALID when they say nothing.
duckdb::LogicalType DeclaredType(const duckdb::ParsedExpression& parameter,
                                 const std::vector<duckdb::LogicalType>& types);

/// Gives $1, $2, ... of `statement` the types in `types` (INVALID = leave it to the binder), by
/// putting a cast around each parameter in the parse tree. Statements whose expressions cannot be
/// reached keep their parameters as they are.
void DeclareParameterTypes(duckdb::SQLStatement& statement,
                           const std::vector<duckdb::LogicalType>& types);

/// A bound value as DuckDB's, cast to bound.type and then to `expected` (unless that is unknown).
/// Throws DuckDB's conversion error when it does not fit.
duckdb::Value ToDuckdbValue(duckdb::ClientContext& context, const BoundValue& bound,
                            const duckdb::LogicalType& expected);

}  // namespace skein::engine
