#include "engine/find_relation.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/parser/constraints/foreign_key_constraint.hpp"
#include "duckdb/planner/binder.hpp"

namespace skein::engine {

duckdb::optional_ptr<duckdb::CatalogEntry> FindEntry(duckdb::ClientContext& context,
                                                     duckdb::CatalogType type, std::string catalog,
                                                     std::string schema, const std::string& name) {
  duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
  return duckdb::Catalog::GetEntry(context, catalog, schema, duckdb::EntryLookupInfo(type, name),
                                   duckdb::OnEntryNotFound::RETURN_NULL);
}

duckdb::optional_ptr<duckdb::CatalogEntry> FindRelation(duckdb::ClientContext& context,
                                                        std::string catalog, std::string schema,
                                                        const std::string& name) {
  return FindEntry(context, duckdb::CatalogType::TABLE_ENTRY, std::move(catalog), std::move(schema),
                   name);
}

std::vector<std::string> TablesReferencing(duckdb::ClientContext& context,
                                           const std::string& catalog, const std::string& schema,
                                           const std::string& name) {
  std::vector<std::string> tables;
  auto entry = FindRelation(context, catalog, schema, name);
  if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return tables;
  for (const auto& constraint : entry->Cast<duckdb::TableCatalogEntry>().GetConstraints()) {
    if (constraint->type != duckdb::ConstraintType::FOREIGN_KEY) continue;
    const auto& foreign = constraint->Cast<duckdb::ForeignKeyConstraint>().info;
    if (foreign.type == duckdb::ForeignKeyType::FK_TYPE_PRIMARY_KEY_TABLE)
      tables.push_back(foreign.table);
  }
  return tables;
}

}  // namespace skein::engine
