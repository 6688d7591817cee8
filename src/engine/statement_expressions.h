#pragma once

#include <functional>

#include "duckdb/parser/parsed_expression.hpp"
#include "duckdb/parser/sql_statement.hpp"

namespace skein::engine {

/// Where an expression of a statement stands.
enum class ExpressionPlace {
  kAnywhere,
  kAssigned  ///< the whole value that a column is given
};

/// Looks at an expression, and may put another one in its place. False keeps away from what is
/// below.
using ExpressionVisit =
    std::function<bool(duckdb::unique_ptr<duckdb::ParsedExpression>&, ExpressionPlace)>;

/// Calls `visit` for every expression of a query, and of the statements that take parameters, from
/// above to below, subqueries too. Statements of other kinds are passed over.
void VisitExpressions(duckdb::SQLStatement& statement, const ExpressionVisit& visit);

}  // namespace skein::engine
