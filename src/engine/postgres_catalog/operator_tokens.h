#pragma once

#include <string>

namespace skein::engine::postgres_catalog {

/// Operators of PostgreSQL's json that DuckDB's lexer has no token for, and one that its grammar
/// takes for something else. Each is written as an operator that DuckDB's lexer takes for one
/// somebody defined, and gives PostgreSQL's precedence of such; it is as long as the one it stands
/// for, so every position stays. The dialect (postgres_functions/json_operators.h) puts the
/// functions in their places, and tells them by the text that the client sent.
///
///   -> ->>              -< -<<      which DuckDB has, but below everything else, as a lambda's
///   ? ?| ?&             ` `| `&
///   #> #>> #- and #     `> `>> `- and `
///
/// Literals, comments and quoted names are no such tokens.

/// Writes `->` and `->>`, but for lambda's arrows and in a text with a PIVOT, which is DuckDB's.
/// False when there is none.
bool WriteArrows(std::string* sql);

/// For a text that DuckDB's parser has refused. A `?` or a `#` is an operator where an operand
/// stands before it, else it is DuckDB's parameter or position and stays. False when there is none.
bool WriteJsonOperators(std::string* sql);

/// Blanks the word behind BETWEEN SYMMETRIC, which DuckDB's parser knows and cannot transform; the
/// dialect finds it in the text that the client sent. False when there is none.
bool TakeSymmetric(std::string* sql);

/// For such a text in a session that speaks DuckDB's dialect: throws 0A000, which names the
/// function that does the same, where WriteJsonOperators would change something.
void ThrowIfJsonOperator(const std::string& sql);

}  // namespace skein::engine::postgres_catalog
