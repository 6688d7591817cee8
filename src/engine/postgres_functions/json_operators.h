#pragma once

#include <string>
#include <string_view>

#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/sql_statement.hpp"
#include "duckdb/parser/tableref/pivotref.hpp"

#include "engine/postgres_functions/expressions.h"

namespace skein::engine {

/// How `->`, the beginning of `->>`, and the first character of `?`, `#` and what begins with them
/// are written for DuckDB's parser (postgres_catalog/operator_tokens.h).
inline constexpr std::string_view kArrow = "-<";
inline constexpr char kSign = '`';

/// Puts PostgreSQL's operator in the place of one that is written so, by what `text`, which is the
/// client's, has where it stands: a function, or DuckDB's arrow. False for every other function.
bool RewriteJsonOperator(Expression& expression, const std::string& text);

// All of an expression, a query, or what PIVOT says, for what the rest of the dialect leaves as it
// is.
void RewriteJsonOperators(Expression& expression, const std::string& text);
void RewriteJsonOperators(duckdb::QueryNode& query, const std::string& text);
void RewriteJsonOperators(duckdb::PivotRef& pivot, const std::string& text);
/// Those of a statement that are no query's and nothing that is written to a table: what tables,
/// columns, indexes, macros and types are made with, calls and variables.
void RewriteJsonOperators(duckdb::SQLStatement& statement, const std::string& text);

}  // namespace skein::engine
