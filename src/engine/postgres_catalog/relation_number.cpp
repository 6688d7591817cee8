#include "engine/postgres_catalog/relation_number.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
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

/// The numbers that the relations of each database would have if nobody were in their way, sorted,
/// for as long as its catalogue stays as it is: a session that makes one temporary table after
/// another does not look at all others each time.
class WantedNumbers : public duckdb::ClientContextState {
 public:
  using Sorted = std::vector<std::pair<uint32_t, const duckdb::CatalogEntry*>>;

  static WantedNumbers& Of(duckdb::ClientContext& context) {
    return *context.registered_state->GetOrCreate<WantedNumbers>("skein_wanted_numbers");
  }

  const Sorted& In(duckdb::ClientContext& context, const std::string& database) {
    Known& known = known_[database];
    auto catalog = duckdb::Catalog::GetCatalogEntry(context, database);
    auto version = catalog ? catalog->GetCatalogVersion(context) : duckdb::optional_idx();
    // Another database of the name has another number.
    uint64_t oid = catalog ? catalog->GetOid() : 0;
    if (version.IsValid() && known.version == version && known.oid == oid) return known.numbers;
    known = {version, oid, {}};
    if (catalog) Collect(context, *catalog, database, known.numbers);
    std::sort(known.numbers.begin(), known.numbers.end());
    return known.numbers;
  }

 private:
  static void Collect(duckdb::ClientContext& context, duckdb::Catalog& catalog,
                      const std::string& database, Sorted& numbers) {
    for (auto& schema : catalog.GetSchemas(context)) {
      const std::string& name = schema.get().name;
      auto add = [&](duckdb::CatalogEntry& entry) {
        if (!entry.internal) numbers.emplace_back(WantedNumber(database, entry, name), &entry);
      };
      for (CatalogType type :
           {CatalogType::TABLE_ENTRY, CatalogType::SEQUENCE_ENTRY, CatalogType::INDEX_ENTRY})
        schema.get().Scan(context, type, add);
    }
  }

  struct Known {
    duckdb::optional_idx version;
    uint64_t oid = 0;
    Sorted numbers;
  };
  std::map<std::string, Known> known_;
};

/// As many as push each other on, one behind the other.
constexpr uint32_t kLongestQueue = 16;

bool IsNear(uint32_t other, uint32_t number) {
  return other <= number && number - other < kLongestQueue;
}

/// Whether another relation may have pushed `entry` away from `number`, or been pushed to it.
bool HasNeighbour(const WantedNumbers::Sorted& numbers, const duckdb::CatalogEntry& entry,
                  uint32_t number) {
  uint32_t first = number < kLongestQueue ? 0 : number - kLongestQueue + 1;
  auto found =
      std::lower_bound(numbers.begin(), numbers.end(), first,
                       [](const auto& wanted, uint32_t value) { return wanted.first < value; });
  for (; found != numbers.end() && found->first <= number; ++found) {
    if (found->second != &entry) return true;
  }
  return false;
}

bool HasNeighbourAmongOwn(uint32_t number) {
  static const auto* numbers = [] {
    auto* all = new std::vector<uint32_t>();
    for (const RelationDef& definition : RelationDefs())
      all->push_back(definition.oid
                         ? definition.oid
                         : StableOid("relation", "system", definition.schema, definition.name));
    return all;
  }();
  return std::any_of(numbers->begin(), numbers->end(),
                     [&](uint32_t other) { return IsNear(other, number); });
}

}  // namespace

uint32_t RelationNumber(duckdb::ClientContext& context, duckdb::CatalogEntry& entry) {
  if (entry.internal) return 0;
  const std::string current = duckdb::DatabaseManager::GetDefaultDatabase(context);
  const std::string& database = entry.ParentCatalog().GetName();
  if (database != current && database != TEMP_CATALOG) return 0;
  const std::string& schema = entry.ParentSchema().name;
  if (schema == "pg_catalog" || schema == "information_schema") return 0;
  uint32_t number = WantedNumber(database, entry, schema);
  auto& wanted = WantedNumbers::Of(context);
  bool moved = HasNeighbourAmongOwn(number);
  for (const std::string& near : {current, std::string(TEMP_CATALOG)})
    moved = moved || HasNeighbour(wanted.In(context, near), entry, number);
  if (!moved) return number;
  const Relation* relation = Snapshot::Of(context)->FindRelation(entry);
  return relation ? relation->oid : 0;
}

}  // namespace skein::engine::postgres_catalog
