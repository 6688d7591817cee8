#pragma once

#include <string>
#include <vector>

#include "duckdb/common/enums/catalog_type.hpp"
#include "duckdb/common/optional_ptr.hpp"

namespace duckdb {
class CatalogEntry;
class ClientContext;
}  // namespace duckdb

namespace skein::engine {

/// What a statement names, of a kind; null when there is none. Parts that it left out are empty,
/// and the one before the name may be a schema or a database. A transaction is open.
duckdb::optional_ptr<duckdb::CatalogEntry> FindEntry(duckdb::ClientContext& context,
                                                     duckdb::CatalogType type, std::string catalog,
                                                     std::string schema, const std::string& name);

/// The same of a table or a view.
duckdb::optional_ptr<duckdb::CatalogEntry> FindRelation(duckdb::ClientContext& context,
                                                        std::string catalog, std::string schema,
                                                        const std::string& name);

/// The names of the tables with a foreign key to this one; none when it is no table.
std::vector<std::string> TablesReferencing(duckdb::ClientContext& context,
                                           const std::string& catalog, const std::string& schema,
                                           const std::string& name);

}  // namespace skein::engine
