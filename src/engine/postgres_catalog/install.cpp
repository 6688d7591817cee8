#include "engine/postgres_catalog/install.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"

#include "engine/built_in.h"
#include "engine/postgres_catalog/empty_relations.h"
#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/generators.h"
#include "engine/postgres_catalog/pg_types.h"

namespace skein::engine::postgres_catalog {
namespace {

/// DuckDB's own in its main schema, which would be found before ours in pg_catalog.
void DropShadowing(duckdb::ClientContext& context, duckdb::Catalog& catalog) {
  for (const char* name : {"version", "current_schema", "current_schemas", "current_setting"})
    DropBuiltIn(context, catalog, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, name);
}

}  // namespace

void Install(duckdb::DatabaseInstance& db) {
  RegisterCasts(db);
  RegisterEmptyRelations(db);
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
