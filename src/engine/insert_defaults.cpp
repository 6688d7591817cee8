#include "engine/insert_defaults.h"

#include <algorithm>
#include <string>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/postgres_catalog/array_literal.h"
#include "engine/postgres_functions/expressions.h"

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

/// The list that a constant stands for in PostgreSQL's notation, '{1,2}'; null for anything else.
duckdb::unique_ptr<duckdb::ParsedExpression> ArrayOf(const duckdb::ParsedExpression& value) {
  const std::string* text = TextConstant(value);
  if (!text || text->empty() || text->front() != '{') return nullptr;
  auto array = postgres_catalog::ParseArrayLiteral(*text);
  if (!array) return nullptr;
  return duckdb::make_uniq<duckdb::ConstantExpression>(std::move(*array));
}

bool IsList(const duckdb::TableCatalogEntry& table, const std::string& column) {
  return table.ColumnExists(column) &&
         table.GetColumn(column).Type().id() == duckdb::LogicalTypeId::LIST;
}

/// A constant in a row of VALUES is read as its column's type would be.
void ReadArrays(const duckdb::TableCatalogEntry& table, duckdb::InsertStatement& insert) {
  auto values = insert.GetValuesList();
  if (!values) return;
  auto columns = insert.columns;
  for (const auto& column : table.GetColumns().Physical()) {
    if (insert.columns.empty()) columns.push_back(column.Name());
  }
  for (auto& row : values->values) {
    for (size_t i = 0; i < row.size() && i < columns.size(); ++i) {
      if (!IsList(table, columns[i])) continue;
      if (auto array = ArrayOf(*row[i])) row[i] = std::move(array);
    }
  }
}

bool HasArrays(const duckdb::InsertStatement& insert) {
  auto values = insert.GetValuesList();
  return values && std::any_of(values->values.begin(), values->values.end(), [](const auto& row) {
           return std::any_of(row.begin(), row.end(), [](const auto& value) {
             const std::string* text = TextConstant(*value);
             return text && !text->empty() && text->front() == '{';
           });
         });
}

}  // namespace

void CompleteInsert(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return;
  auto& insert = statement.Cast<duckdb::InsertStatement>();
  if (insert.default_values || insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME)
    return;
  const size_t count = insert.columns.empty() ? CountValues(insert) : 0;
  const bool arrays = HasArrays(insert);
  if (count == 0 && !arrays) return;
  context.RunFunctionInTransaction([&] {
    std::string catalog = insert.catalog;
    std::string schema = insert.schema;
    duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
    auto entry = duckdb::Catalog::GetEntry(
        context, catalog, schema,
        duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, insert.table),
        duckdb::OnEntryNotFound::RETURN_NULL);
    if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return;
    const auto& table = entry->Cast<duckdb::TableCatalogEntry>();
    const auto& columns = table.GetColumns();
    if (arrays) ReadArrays(table, insert);
    // Generated columns take no values: DuckDB does not count them.
    if (columns.PhysicalColumnCount() <= count) return;
    for (const auto& column : columns.Physical()) {
      if (insert.columns.size() < count) insert.columns.push_back(column.Name());
    }
  });
}

}  // namespace skein::engine
