#pragma once

#include <optional>
#include <string>

namespace duckdb {
class ParsedExpression;
struct LogicalType;
}  // namespace duckdb

namespace skein::engine {

/// The name PostgreSQL gives to a column of a select list that has none ("?column?" for most
/// operators, the function's name for a call, the type's for a cast constant ...). Nothing when the
/// expression names itself or stands for several columns. To be asked before the tree is changed;
/// `text` is the statement's.
std::optional<std::string> PostgresColumnName(const duckdb::ParsedExpression& expression,
                                              const std::string& text);

/// The name of the type of a cast as DuckDB's parser has it, in lower case; "list" for arrays.
std::string WrittenTypeName(const duckdb::LogicalType& type);

/// The word of letters, digits and underscores that stands at `location` in `text`, in lower case.
std::string WordAt(const std::string& text, size_t location);

/// PostgreSQL's name of a type by the one DuckDB's parser knows it by: "INTEGER" is int4.
std::string PostgresTypeName(const std::string& duckdb_name);

}  // namespace skein::engine
