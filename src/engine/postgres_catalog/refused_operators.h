#pragma once

#include <string>

namespace skein::engine::postgres_catalog {

/// For a text that DuckDB's parser has refused. Its lexer has no token for some operators of
/// PostgreSQL's jsonb (`#>`, `#>>`, `#-`, `?`, `?|`, `?&`), nor for `#` of numbers: where the text
/// has one between two operands this throws 0A000, which names the function that does the same.
/// Else nothing happens.
void ThrowIfJsonOperator(const std::string& sql);

}  // namespace skein::engine::postgres_catalog
