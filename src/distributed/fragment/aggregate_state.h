#pragma once

#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/planner/expression/bound_aggregate_expression.hpp"

namespace duckdb {
class ClientContext;
class ExtensionLoader;
}  // namespace duckdb

namespace skein::distributed {

// Aggregates in two phases whose parts are no values of SQL (stddev, corr, approx_count_distinct,
// ...): the first phase gives the state that DuckDB's own function keeps, as bytes, and the second
// combines such states as that function does itself. Only for states without pointers.

/// Whether `aggregate` can be made in this way.
bool HasPlainState(const duckdb::BoundAggregateExpression& aggregate);

/// Of the first phase: the state of `aggregate` over its rows, a BLOB that is never NULL.
duckdb::unique_ptr<duckdb::BoundAggregateExpression> StateOf(
    const duckdb::BoundAggregateExpression& aggregate);

/// Of the second: `aggregate` of all rows behind `states`.
duckdb::unique_ptr<duckdb::BoundAggregateExpression> MergeStates(
    const duckdb::BoundAggregateExpression& aggregate,
    duckdb::unique_ptr<duckdb::Expression> states);

/// Makes an instance know them, for plans that come serialized. They cannot be called.
void RegisterStateAggregates(duckdb::ClientContext& context, duckdb::ExtensionLoader& loader);

}  // namespace skein::distributed
