#include "engine/show_tables.h"

#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/showref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"

namespace skein::engine {
namespace {

constexpr const char* kTables =
    "SELECT table_name AS name FROM information_schema.tables "
    "WHERE table_schema = ANY (pg_catalog.current_schemas(false)) OR table_type = 'LOCAL "
    "TEMPORARY' "
    "ORDER BY table_name";

bool IsShowTables(const duckdb::TableRef& table) {
  if (table.type != duckdb::TableReferenceType::SHOW_REF) return false;
  const auto& show = table.Cast<duckdb::ShowRef>();
  return show.show_type == duckdb::ShowType::SHOW_UNQUALIFIED && show.table_name == "\"tables\"";
}

}  // namespace

void ShowFileSetsAsTables(duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::SELECT_STATEMENT) return;
  auto& node = *statement.Cast<duckdb::SelectStatement>().node;
  if (node.type != duckdb::QueryNodeType::SELECT_NODE) return;
  auto& from = node.Cast<duckdb::SelectNode>().from_table;
  if (!from || !IsShowTables(*from)) return;
  duckdb::Parser parser;
  parser.ParseQuery(kTables);
  from = duckdb::make_uniq<duckdb::SubqueryRef>(
      duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
          std::move(parser.statements[0])));
}

}  // namespace skein::engine
