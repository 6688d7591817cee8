#include "engine/insert_defaults.h"

#include <algorithm>
#include <string>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/planner/binder.hpp"

namespace skein::engine {
namespace {

/// `*`, COLUMNS(…) and unnest() of a struct stand for as many columns as the binder finds.
bool MayBeSeveral(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::STAR) return true;
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::FUNCTION &&
      duckdb::StringUtil::CIEquals(expression.Cast<duckdb::FunctionExpression>().function_name,
                                   "unnest")) {
    return true;
  }
  bool several = false;
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      expression,
      [&](const duckdb::ParsedExpression& child) { several = several || MayBeSeveral(child); });
  return several;
}

/// How many columns the source has; 0 when only the binder can tell.
size_t CountValues(const duckdb::InsertStatement& insert) {
  if (auto values = insert.GetValuesList())
    return values->values.empty() ? 0 : values->values[0].size();
  if (!insert.select_statement ||
      insert.select_statement->node->type != duckdb::QueryNodeType::SELECT_NODE) {
    return 0;
  }
  const auto& list = insert.select_statement->node->Cast<duckdb::SelectNode>().select_list;
  bool several =
      std::any_of(list.begin(), list.end(), [](const auto& item) { return MayBeSeveral(*item); });
  return several ? 0 : list.size();
}

}  // namespace

void ListInsertedColumns(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return;
  auto& insert = statement.Cast<duckdb::InsertStatement>();
  if (!insert.columns.empty() || insert.default_values ||
      insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME) {
    return;
  }
  size_t count = CountValues(insert);
  if (count == 0) return;
  context.RunFunctionInTransaction([&] {
    std::string catalog = insert.catalog;
    std::string schema = insert.schema;
    duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
    auto entry = duckdb::Catalog::GetEntry(
        context, catalog, schema,
        duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, insert.table),
        duckdb::OnEntryNotFound::RETURN_NULL);
    if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return;
    const auto& columns = entry->Cast<duckdb::TableCatalogEntry>().GetColumns();
    // Generated columns take no values: DuckDB does not count them.
    if (columns.PhysicalColumnCount() <= count) return;
    for (const auto& column : columns.Physical()) {
      if (insert.columns.size() < count) insert.columns.push_back(column.Name());
    }
  });
}

}  // namespace skein::engine
