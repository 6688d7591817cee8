#pragma once

#include <cstddef>
#include <string>

namespace skein::engine {

/// The schema of what is PostgreSQL's alone, in DuckDB's system catalog.
inline constexpr char kPgCatalog[] = "pg_catalog";

/// Whether a session of PostgreSQL's dialect finds `name` (lower case) in pg_catalog before it
/// looks at DuckDB's own: a function or an operator with another meaning there.
bool IsPgFunction(const std::string& name);
/// Whether its second argument is an array of text, for which a constant '{a,b}' may stand.
bool TakesPath(const std::string& name);
/// The same as IsPgFunction for functions that stand in FROM.
bool IsPgTableFunction(const std::string& name);
/// Functions in FROM whose rows are single values, which are called as the alias says.
bool ReturnsSetOfValues(const std::string& name);
/// An aggregate that is DuckDB's list() of each of its arguments, handed to a function of
/// pg_catalog.
struct JsonAggregate {
  const char* function = nullptr;
  size_t arguments = 0;
};
/// Without a function when `name` is none.
JsonAggregate JsonAggregateNamed(const std::string& name);

/// The function of pg_catalog that does what PostgreSQL means by the operator or function `name`,
/// where it goes by another name here; else null.
const char* PgFunctionInstead(const std::string& name);

}  // namespace skein::engine
