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
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/numbered_columns.h"
#include "engine/postgres_catalog/array_literal.h"
#include "engine/postgres_catalog/tokens.h"
#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/sql_error.h"

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

/// What a constant is to a column of the type, where DuckDB's cast would not read it so; null
/// for anything else.
duckdb::unique_ptr<duckdb::ParsedExpression> ReadFor(const duckdb::LogicalType& type,
                                                     const duckdb::ParsedExpression& value) {
  if (type.id() == duckdb::LogicalTypeId::LIST) return ArrayOf(value);
  const std::string* text = TextConstant(value);
  if (!text) return nullptr;
  switch (type.id()) {
    case duckdb::LogicalTypeId::DATE:
      return PostgresLiteral(*text, "date");
    case duckdb::LogicalTypeId::TIMESTAMP:
      return PostgresLiteral(*text, "timestamp");
    case duckdb::LogicalTypeId::TIMESTAMP_TZ:
      return PostgresLiteral(*text, "timestamptz");
    default:
      return nullptr;
  }
}

/// A constant in a row of VALUES is read as its column's type would be.
void ReadConstants(const duckdb::TableCatalogEntry& table, duckdb::InsertStatement& insert) {
  auto values = insert.GetValuesList();
  if (!values) return;
  auto columns = insert.columns;
  for (const auto& column : table.GetColumns().Physical()) {
    if (insert.columns.empty()) columns.push_back(column.Name());
  }
  for (auto& row : values->values) {
    for (size_t i = 0; i < row.size() && i < columns.size(); ++i) {
      if (!table.ColumnExists(columns[i])) continue;
      if (auto read = ReadFor(table.GetColumn(columns[i]).Type(), *row[i]))
        row[i] = std::move(read);
    }
  }
}

bool HasTexts(const duckdb::InsertStatement& insert) {
  auto values = insert.GetValuesList();
  return values && std::any_of(values->values.begin(), values->values.end(), [](const auto& row) {
           return std::any_of(row.begin(), row.end(),
                              [](const auto& value) { return TextConstant(*value) != nullptr; });
         });
}

duckdb::optional_ptr<const duckdb::TableCatalogEntry> FindTable(duckdb::ClientContext& context,
                                                                std::string catalog,
                                                                std::string schema,
                                                                const std::string& name) {
  duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
  auto entry = duckdb::Catalog::GetEntry(
      context, catalog, schema, duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, name),
      duckdb::OnEntryNotFound::RETURN_NULL);
  if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return nullptr;
  return &entry->Cast<duckdb::TableCatalogEntry>();
}

/// The columns of the table that are GENERATED ALWAYS AS IDENTITY.
std::vector<std::string> AlwaysGenerated(duckdb::ClientContext& context,
                                         const duckdb::TableCatalogEntry& table) {
  std::vector<std::string> columns;
  for (const OwnedSequence& owned : OwnedSequences(context, table.ParentCatalog().GetName(),
                                                   table.ParentSchema().name, table.name)) {
    if (owned.always) columns.push_back(owned.column);
  }
  return columns;
}

/// DuckDB's grammar reads OVERRIDING SYSTEM VALUE, its tree does not keep it.
bool OverridesSystemValue(const duckdb::SQLStatement& statement) {
  size_t end = statement.stmt_length == 0 ? statement.query.size()
                                          : statement.stmt_location + statement.stmt_length;
  auto tokens = postgres_catalog::Tokens(statement.query.substr(0, end));
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].start >= statement.stmt_location && !tokens[i].quoted &&
        tokens[i].text == "overriding" && tokens[i + 1].text == "system")
      return true;
  }
  return false;
}

bool IsDefault(const duckdb::ParsedExpression& value) {
  return value.GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT;
}

void CheckInsertedIdentities(duckdb::ClientContext& context, const duckdb::TableCatalogEntry& table,
                             duckdb::InsertStatement& insert) {
  auto always = AlwaysGenerated(context, table);
  if (always.empty() || OverridesSystemValue(insert)) return;
  auto columns = insert.columns;
  if (columns.empty()) {
    for (const auto& column : table.GetColumns().Physical()) columns.push_back(column.Name());
  }
  auto values = insert.GetValuesList();
  for (const std::string& name : always) {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!duckdb::StringUtil::CIEquals(columns[i], name)) continue;
      bool given = !values ||
                   std::any_of(values->values.begin(), values->values.end(), [&](const auto& row) {
                     return i < row.size() && !IsDefault(*row[i]);
                   });
      if (given) {
        ThrowSql("428C9", "cannot insert a non-DEFAULT value into column \"" + name + "\"",
                 "It is an identity column defined as GENERATED ALWAYS: use OVERRIDING SYSTEM "
                 "VALUE to override.");
      }
    }
  }
}

void CheckUpdatedIdentities(duckdb::ClientContext& context, const duckdb::UpdateStatement& update) {
  if (update.table->type != duckdb::TableReferenceType::BASE_TABLE || !update.set_info) return;
  const auto& ref = update.table->Cast<duckdb::BaseTableRef>();
  context.RunFunctionInTransaction([&] {
    auto table = FindTable(context, ref.catalog_name, ref.schema_name, ref.table_name);
    if (!table) return;
    for (const std::string& name : AlwaysGenerated(context, *table)) {
      const auto& set = *update.set_info;
      for (size_t i = 0; i < set.columns.size(); ++i) {
        if (duckdb::StringUtil::CIEquals(set.columns[i], name) && !IsDefault(*set.expressions[i])) {
          ThrowSql("428C9", "column \"" + name + "\" can only be updated to DEFAULT",
                   "It is an identity column defined as GENERATED ALWAYS.");
        }
      }
    }
  });
}

}  // namespace

void CompleteInsert(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  if (statement.type == duckdb::StatementType::UPDATE_STATEMENT)
    return CheckUpdatedIdentities(context, statement.Cast<duckdb::UpdateStatement>());
  if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return;
  auto& insert = statement.Cast<duckdb::InsertStatement>();
  if (insert.default_values || insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME)
    return;
  const size_t count = insert.columns.empty() ? CountValues(insert) : 0;
  const bool texts = HasTexts(insert);
  context.RunFunctionInTransaction([&] {
    auto found = FindTable(context, insert.catalog, insert.schema, insert.table);
    if (!found) return;
    const auto& table = *found;
    const auto& columns = table.GetColumns();
    if (texts) ReadConstants(table, insert);
    // Generated columns take no values: DuckDB does not count them.
    bool fewer = count > 0 && count < columns.PhysicalColumnCount();
    for (const auto& column : columns.Physical()) {
      if (fewer && insert.columns.size() < count) insert.columns.push_back(column.Name());
    }
    CheckInsertedIdentities(context, table, insert);
  });
}

}  // namespace skein::engine
