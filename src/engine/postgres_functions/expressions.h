#pragma once

#include <string>

#include "duckdb/parser/parsed_expression.hpp"

namespace skein::engine {

/// What the rules of the dialect change: one expression of a parsed statement.
using Expression = duckdb::unique_ptr<duckdb::ParsedExpression>;

/// A call of a function of pg_catalog.
Expression Call(const char* name, duckdb::vector<Expression> arguments);

/// The function that a cast to text becomes where it may be one of an array.
inline constexpr const char* kAsText = "as_text";

/// The text of a text constant, null for everything else.
const std::string* TextConstant(const duckdb::ParsedExpression& expression);

}  // namespace skein::engine
