#pragma once

#include <string>

namespace skein::engine {

/// The schema of what is PostgreSQL's alone, in DuckDB's system catalog.
inline constexpr char kPgCatalog[] = "pg_catalog";

/// Whether a session of PostgreSQL's dialect finds `name` (lower case) in pg_catalog before it
/// looks at DuckDB's own: a function or an operator with another meaning there.
bool IsPgFunction(const std::string& name);
/// The same for functions that stand in FROM.
bool IsPgTableFunction(const std::string& name);
/// Functions in FROM whose rows are single values, which are called as the alias says.
bool ReturnsSetOfValues(const std::string& name);
/// The function of pg_catalog that does what PostgreSQL means by the operator or function `name`,
/// where it goes by another name here; else null.
const char* PgFunctionInstead(const std::string& name);

}  // namespace skein::engine
