#pragma once

#include <string>

namespace duckdb {
class SchemaCatalogEntry;
}

namespace skein::engine::postgres_catalog {

/// Gives a schema of the system catalogue (pg_catalog, information_schema) its views, functions,
/// table functions and types, each made when it is first looked up.
void SetGenerators(duckdb::SchemaCatalogEntry& schema);

/// DuckDB makes current_user and its kin anew whenever they are looked up in its main schema, where
/// they are found before pg_catalog's: there, too, they are ours.
void SetMainGenerator(duckdb::SchemaCatalogEntry& schema);

/// Whether this relation is a view that is nothing but the rows of CatalogTableFunction. Names in
/// lower case.
bool IsViewOfRows(const std::string& schema, const std::string& name);

}  // namespace skein::engine::postgres_catalog
