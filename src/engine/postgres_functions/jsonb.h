#pragma once

#include "engine/postgres_functions/expressions.h"

namespace skein::engine {

/// jsonb is DuckDB's json, a text. What a statement casts to jsonb gets jsonb's spaces, and its
/// order of members; what is compared with it is compared by value.

/// `expression` is a cast to jsonb of what is no constant.
void CastToJsonb(Expression& expression);
/// Whether the text says that it is jsonb: it is cast to it. Of columns nobody knows yet.
bool IsJsonb(const duckdb::ParsedExpression& expression);
/// Whether a call of this function, as the dialect writes it, gives jsonb whatever it takes.
bool MakesJsonb(const std::string& function);
/// The function that writes json as jsonb is written.
inline constexpr const char* kJsonbOf = "jsonb_of";
/// `expression` is a comparison, or a test of IN. `=` and `<>` of what may be jsonb, or an array,
/// and a constant in its notation: the binder knows the type.
void CompareByValue(Expression& expression);
/// `expression` is a call of @>, <@ or &&, where a constant may be one in the notation of an array.
void ReadArrayOperand(Expression& expression);

}  // namespace skein::engine
