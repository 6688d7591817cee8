#pragma once

#include <vector>

#include "common/status.h"
#include "duckdb/common/types.hpp"
#include "duckdb/common/types/value.hpp"
#include "engine/statement.h"

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// Gives $1, $2, ... of `statement` the types in `types` (invalid = leave it to the binder), by putting a cast around
/// each parameter in the parse tree. Statements whose expressions cannot be reached keep their parameters as they are.
void DeclareParameterTypes(duckdb::SQLStatement& statement, const std::vector<duckdb::LogicalType>& types);

/// A bound value as DuckDB's, cast to bound.type and then to `expected` (unless that is unknown). Throws DuckDB's
/// conversion error when it does not fit.
duckdb::Value ToDuckdbValue(duckdb::ClientContext& context, const BoundValue& bound,
                            const duckdb::LogicalType& expected);

}  // namespace skein::engine
