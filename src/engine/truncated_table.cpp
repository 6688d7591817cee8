#include "engine/truncated_table.h"

#include "duckdb/catalog/catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"

#include "engine/find_relation.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {

void CheckTruncated(duckdb::ClientContext& context, const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::DELETE_STATEMENT) return;
  const auto& table = *statement.Cast<duckdb::DeleteStatement>().table;
  if (table.type != duckdb::TableReferenceType::BASE_TABLE) return;
  const auto& ref = table.Cast<duckdb::BaseTableRef>();
  context.RunFunctionInTransaction([&] {
    auto tables = TablesReferencing(context, ref.catalog_name, ref.schema_name, ref.table_name);
    if (tables.empty()) return;
    auto entry = FindRelation(context, ref.catalog_name, ref.schema_name, ref.table_name);
    ThrowSql("0A000", "cannot truncate a table referenced in a foreign key constraint",
             "Table \"" + tables[0] + "\" references \"" + entry->name +
                 "\": DELETE the rows of that first, and then those of this one. CASCADE is not "
                 "supported.");
  });
}

}  // namespace skein::engine
