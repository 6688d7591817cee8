#pragma once

#include <functional>
#include <string>

namespace duckdb {
class SQLStatement;
}

namespace skein::engine {

/// Makes a parsed statement mean in DuckDB what it means in PostgreSQL, for sessions that speak
/// that dialect. It changes the tree of the statement, never its text:
///
/// - functions and operators that are PostgreSQL's as well as DuckDB's under one name are looked up
///   in pg_catalog first, as PostgreSQL does (a name that is written with its schema stays);
/// - ORDER BY without NULLS has PostgreSQL's order: NULLs are larger than everything;
/// - columns without a name are named as PostgreSQL names them;
/// - functions that return sets may stand in the select list.
///
/// What a view or a macro is made of keeps the meaning it had in the session that made it.
/// `text` is what the statement was parsed from: operators that DuckDB's parser makes one function
/// of are told apart by it. `has_enums` is asked where a text may be an enum's label
/// (enum_texts.h).
void ApplyPostgresDialect(duckdb::SQLStatement& statement, const std::string& text,
                          const std::function<bool()>& has_enums);

}  // namespace skein::engine
