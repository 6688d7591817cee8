#pragma once

#include <string>

#include "duckdb/common/optional_ptr.hpp"

namespace duckdb {
class CatalogEntry;
class ClientContext;
}  // namespace duckdb

namespace skein::engine {

/// The table or view that a statement names; null when there is none. Parts that it left out are
/// empty, and the one before the name may be a schema or a database. A transaction is open.
duckdb::optional_ptr<duckdb::CatalogEntry> FindRelation(duckdb::ClientContext& context,
                                                        std::string catalog, std::string schema,
                                                        const std::string& name);

}  // namespace skein::engine
