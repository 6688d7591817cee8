#include "engine/dropped_objects.h"

#include <algorithm>

#include "duckdb/catalog/catalog_entry/macro_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/statement/drop_statement.hpp"

#include "engine/find_relation.h"
#include "engine/in_transaction.h"
#include "engine/numbered_columns.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

const duckdb::DropInfo& InfoOf(const duckdb::SQLStatement& statement) {
  return *statement.Cast<duckdb::DropStatement>().info;
}

/// Whether one of the tables to be dropped references the one of `drop`.
bool IsReferenced(duckdb::ClientContext& context, const duckdb::SQLStatement& drop,
                  const Drops& pending) {
  const auto& info = InfoOf(drop);
  if (info.type != duckdb::CatalogType::TABLE_ENTRY) return false;
  for (const std::string& table :
       TablesReferencing(context, info.catalog, info.schema, info.name)) {
    for (const auto& other : pending) {
      if (other.get() != &drop && duckdb::StringUtil::CIEquals(InfoOf(*other).name, table))
        return true;
    }
  }
  return false;
}

}  // namespace

bool AreDrops(const Drops& parts) {
  return !parts.empty() && std::all_of(parts.begin(), parts.end(), [](const auto& part) {
    return part->type == duckdb::StatementType::DROP_STATEMENT;
  });
}

void DropAll(duckdb::Connection& connection, const Drops& drops) {
  Drops pending;
  for (const auto& drop : drops) pending.push_back(drop->Copy());
  InTransaction(connection, [&] {
    while (!pending.empty()) {
      auto next = std::find_if(pending.begin(), pending.end(), [&](const auto& drop) {
        return !IsReferenced(*connection.context, *drop, pending);
      });
      if (next == pending.end()) next = pending.begin();
      auto drop = std::move(*next);
      pending.erase(next);
      if (DropsNumberedTable(*connection.context, *drop)) {
        DropNumberedTable(connection, *drop);
      } else {
        RunNow(connection, std::move(drop));
      }
    }
  });
}

void CheckDroppedFunction(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                          const std::string& text) {
  if (statement.type != duckdb::StatementType::DROP_STATEMENT || text.find('(') == text.npos)
    return;
  const auto& info = InfoOf(statement);
  if (info.type != duckdb::CatalogType::MACRO_ENTRY) return;
  context.RunFunctionInTransaction([&] {
    auto entry = FindEntry(context, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, info.catalog,
                           info.schema, info.name);
    if (entry && entry->type == duckdb::CatalogType::MACRO_ENTRY &&
        entry->Cast<duckdb::MacroCatalogEntry>().macros.size() > 1) {
      ThrowSql("0A000", "DROP FUNCTION of one among several functions of a name is not supported",
               "DROP FUNCTION without the arguments removes all of them.");
    }
  });
}

}  // namespace skein::engine
