#pragma once

#include <string>

#include "duckdb/common/enums/catalog_type.hpp"

namespace duckdb {
class Catalog;
class ClientContext;
}  // namespace duckdb

namespace skein::engine {

/// Takes one of DuckDB's own functions out of its main schema, where there is one. Within a
/// transaction; throws DuckDB's exceptions.
void DropBuiltIn(duckdb::ClientContext& context, duckdb::Catalog& system, duckdb::CatalogType type,
                 const std::string& name);

}  // namespace skein::engine
