#include "engine/find_relation.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/planner/binder.hpp"

namespace skein::engine {

duckdb::optional_ptr<duckdb::CatalogEntry> FindRelation(duckdb::ClientContext& context,
                                                        std::string catalog, std::string schema,
                                                        const std::string& name) {
  duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
  return duckdb::Catalog::GetEntry(context, catalog, schema,
                                   duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, name),
                                   duckdb::OnEntryNotFound::RETURN_NULL);
}

}  // namespace skein::engine
