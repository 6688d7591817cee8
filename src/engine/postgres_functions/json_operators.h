#pragma once

#include <string>
#include <string_view>

#include "engine/postgres_functions/expressions.h"

namespace skein::engine {

/// How `->`, the beginning of `->>`, and the first character of `?`, `#` and what begins with them
/// are written for DuckDB's parser (postgres_catalog/operator_tokens.h).
inline constexpr std::string_view kArrow = "-<";
inline constexpr char kSign = '`';

/// Puts PostgreSQL's operator in the place of one that is written so, by what `text`, which is the
/// client's, has where it stands: a function, or DuckDB's arrow. False for every other function.
bool RewriteJsonOperator(Expression& expression, const std::string& text);

/// All of an expression, for what the rest of the dialect leaves as it is.
void RewriteJsonOperators(Expression& expression, const std::string& text);

}  // namespace skein::engine
