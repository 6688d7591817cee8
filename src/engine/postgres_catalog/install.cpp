#include "engine/postgres_catalog/install.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/generators.h"
#include "engine/postgres_catalog/pg_types.h"

namespace skein::engine::postgres_catalog {
namespace {

/// DuckDB's own in its main schema, which would be found before ours in pg_catalog.
void DropShadowing(duckdb::ClientContext& context, duckdb::Catalog& catalog) {
  auto drop = [&](const char* name, duckdb::CatalogType type) {
    duckdb::DropInfo info;
    info.type = type;
    info.schema = DEFAULT_SCHEMA;
    info.name = name;
    info.if_not_found = duckdb::OnEntryNotFound::RETURN_NULL;
    info.allow_drop_internal = true;
    catalog.DropEntry(context, info);
  };
  for (const char* name : {"version", "current_schema", "current_schemas", "current_setting"})
    drop(name, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY);
}

}  // namespace

void Install(duckdb::DatabaseInstance& db) {
  RegisterCasts(db);
  duckdb::Connection connection(db);
  auto& context = *connection.context;
  context.RunFunctionInTransaction([&] {
    auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
    for (const char* schema : {"pg_catalog", "information_schema"})
      SetGenerators(catalog.GetSchema(context, schema));
    SetMainGenerator(catalog.GetSchema(context, DEFAULT_SCHEMA));
    DropShadowing(context, catalog);
    AddVectorSubscripts(context, catalog);
  });
}

}  // namespace skein::engine::postgres_catalog
