#include "engine/postgres_catalog/relation_number.h"

#include <string>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database_manager.hpp"

#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::CatalogType;

uint32_t WantedNumber(const std::string& database, const duckdb::CatalogEntry& entry,
                      const std::string& schema) {
  return StableOid("relation", database, schema, entry.name);
}

/// Whether another relation may have pushed `entry` away from `number`, or been pushed to it.
class NeighbourSearch {
 public:
  NeighbourSearch(duckdb::ClientContext& context, const duckdb::CatalogEntry& entry,
                  uint32_t number)
      : context_(context), entry_(entry), number_(number) {}

  bool Among(const std::string& database) {
    auto catalog = duckdb::Catalog::GetCatalogEntry(context_, database);
    if (!catalog) return false;
    bool found = false;
    for (auto& schema : catalog->GetSchemas(context_)) {
      const std::string& name = schema.get().name;
      auto look = [&](duckdb::CatalogEntry& other) {
        if (other.internal || &other == &entry_) return;
        found = found || IsNear(WantedNumber(database, other, name));
      };
      for (CatalogType type :
           {CatalogType::TABLE_ENTRY, CatalogType::SEQUENCE_ENTRY, CatalogType::INDEX_ENTRY})
        schema.get().Scan(context_, type, look);
    }
    return found;
  }

  bool AmongOwn() const {
    for (const RelationDef& definition : RelationDefs()) {
      uint32_t number = definition.oid
                            ? definition.oid
                            : StableOid("relation", "system", definition.schema, definition.name);
      if (IsNear(number)) return true;
    }
    return false;
  }

 private:
  /// As many as push each other on, one behind the other.
  static constexpr uint32_t kLongestQueue = 16;
  bool IsNear(uint32_t other) const { return other <= number_ && number_ - other < kLongestQueue; }

  duckdb::ClientContext& context_;
  const duckdb::CatalogEntry& entry_;
  const uint32_t number_;
};

}  // namespace

uint32_t RelationNumber(duckdb::ClientContext& context, duckdb::CatalogEntry& entry) {
  if (entry.internal) return 0;
  const std::string current = duckdb::DatabaseManager::GetDefaultDatabase(context);
  const std::string& database = entry.ParentCatalog().GetName();
  if (database != current && database != TEMP_CATALOG) return 0;
  const std::string& schema = entry.ParentSchema().name;
  if (schema == "pg_catalog" || schema == "information_schema") return 0;
  uint32_t number = WantedNumber(database, entry, schema);
  NeighbourSearch search(context, entry, number);
  if (!search.AmongOwn() && !search.Among(current) && !search.Among(TEMP_CATALOG)) return number;
  const Relation* relation = Snapshot::Of(context)->FindRelation(entry);
  return relation ? relation->oid : 0;
}

}  // namespace skein::engine::postgres_catalog
