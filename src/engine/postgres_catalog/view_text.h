#pragma once

#include <string>

namespace duckdb {
class ParsedExpression;
class SelectStatement;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

/// A view's query as a PostgreSQL client can read it, and as this server reads it back with the
/// same meaning: operators where the dialect put functions of its own in their place, PostgreSQL's
/// names of types, `public` for DuckDB's main schema.
std::string ViewText(const duckdb::SelectStatement& query);

/// The same of a default, a check, or what a column is generated as.
std::string ExpressionText(const duckdb::ParsedExpression& expression);

}  // namespace skein::engine::postgres_catalog
