#pragma once

#include <string>

#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression/bound_aggregate_expression.hpp"

namespace skein::distributed {

/// What aggregates are put together of, when tasks make parts of them.

bool IsCount(const std::string& name);
/// Unlike a count it is NULL when there is nothing to look at.
bool IsCountIf(const std::string& name);
/// The value whose key is the greatest or the least. Of equal keys any one may be chosen.
bool IsByKey(const std::string& name);

/// Aggregates that can be made of parts: of values of SQL that other aggregates put together, or of
/// states.
bool Decomposable(const duckdb::BoundAggregateExpression& aggregate, bool grouped);

duckdb::unique_ptr<duckdb::BoundAggregateExpression> BindAggregate(
    duckdb::ClientContext& context, const std::string& name,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments,
    const char* schema = DEFAULT_SCHEMA);

/// Whether an average of this type is PostgreSQL's, a numeric.
bool IsExactAverage(const duckdb::LogicalType& type);

/// The average of `type` that `sum` and `count` make.
duckdb::unique_ptr<duckdb::Expression> AverageOf(duckdb::ClientContext& context,
                                                 duckdb::unique_ptr<duckdb::Expression> sum,
                                                 duckdb::unique_ptr<duckdb::Expression> count,
                                                 const duckdb::LogicalType& type);

}  // namespace skein::distributed
