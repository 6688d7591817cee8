#include "engine/altered_view.h"

#include <memory>

#include "duckdb/catalog/catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/statement/alter_statement.hpp"

#include "engine/find_relation.h"

namespace skein::engine {

void RenameViewAsTable(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::ALTER_STATEMENT) return;
  auto& alter = statement.Cast<duckdb::AlterStatement>();
  if (alter.info->type != duckdb::AlterType::ALTER_TABLE ||
      alter.info->Cast<duckdb::AlterTableInfo>().alter_table_type !=
          duckdb::AlterTableType::RENAME_TABLE) {
    return;
  }
  auto& rename = alter.info->Cast<duckdb::RenameTableInfo>();
  bool view = false;
  context.RunFunctionInTransaction([&] {
    auto entry = FindRelation(context, rename.catalog, rename.schema, rename.name);
    view = entry && entry->type == duckdb::CatalogType::VIEW_ENTRY;
  });
  if (!view) return;
  alter.info =
      duckdb::make_uniq<duckdb::RenameViewInfo>(rename.GetAlterEntryData(), rename.new_table_name);
}

}  // namespace skein::engine
