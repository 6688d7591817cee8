#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "duckdb/function/table_function.hpp"

namespace duckdb {
class LogicalGet;
}

namespace skein::engine::postgres_catalog {

/// postgres_catalog_rows('schema', 'relation'): the rows of one relation of PostgreSQL's own
/// schemas. The views of these schemas are made over it. Takes projections, and conditions of the
/// form column = value or column IN (values) as hints of what to read.
duckdb::TableFunction CatalogTableFunction();
inline constexpr const char* kCatalogTableFunction = "postgres_catalog_rows";

/// Whether this reads a relation that has no rows, whatever the database holds.
bool NeverHasRows(const duckdb::LogicalGet& get);

/// Whether this reads such a relation, and may do so again without being bound again.
bool IsReusableRead(const duckdb::LogicalGet& get);

/// The name that a pattern of the form ^(name)$ asks for, as psql says "of this name"; nothing
/// where there is more to it.
std::optional<std::string> NameInPattern(std::string_view pattern);

}  // namespace skein::engine::postgres_catalog
