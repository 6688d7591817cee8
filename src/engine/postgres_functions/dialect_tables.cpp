#include "engine/postgres_functions/dialect_tables.h"

#include <vector>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/tableref/list.hpp"

#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_functions/dialect_functions.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

using duckdb::FunctionExpression;
using duckdb::StringUtil;

void AddCatalogTables(const duckdb::TableRef& from, CatalogTables* tables) {
  if (from.type == duckdb::TableReferenceType::JOIN) {
    const auto& join = from.Cast<duckdb::JoinRef>();
    AddCatalogTables(*join.left, tables);
    AddCatalogTables(*join.right, tables);
    return;
  }
  if (from.type != duckdb::TableReferenceType::BASE_TABLE) return;
  const auto& table = from.Cast<duckdb::BaseTableRef>();
  if (!table.schema_name.empty() && !StringUtil::CIEquals(table.schema_name, kPgCatalog)) return;
  const auto* definition =
      postgres_catalog::FindRelationDef(kPgCatalog, StringUtil::Lower(table.table_name));
  if (definition && definition->oid)
    (*tables)[StringUtil::Lower(table.alias.empty() ? table.table_name : table.alias)] =
        definition->oid;
}

/// What a column of a select list is called in the result; empty when DuckDB names it.
std::string OutputName(const duckdb::ParsedExpression& item) {
  if (item.HasAlias()) return item.GetAlias();
  if (item.GetExpressionClass() != duckdb::ExpressionClass::COLUMN_REF) return {};
  return item.Cast<duckdb::ColumnRefExpression>().GetColumnName();
}

}  // namespace

duckdb::unique_ptr<duckdb::TableRef> UnnestSideBySide(duckdb::TableFunctionRef& ref) {
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  select->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  auto call = [](const char* name, auto... arguments) {
    duckdb::vector<Expression> all;
    (all.push_back(std::move(arguments)), ...);
    return duckdb::make_uniq<FunctionExpression>(name, std::move(all));
  };
  auto number = [](int64_t value) -> Expression {
    return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BIGINT(value));
  };
  duckdb::vector<Expression> lengths;
  for (auto& child : ref.function->Cast<FunctionExpression>().children) {
    lengths.push_back(call("len", child->Copy()));
    select->select_list.push_back(call("unnest", std::move(child)));
  }
  if (ref.with_ordinality == duckdb::OrdinalityType::WITH_ORDINALITY) {
    Expression longest = duckdb::make_uniq<FunctionExpression>("greatest", std::move(lengths));
    Expression end = call("+", std::move(longest), number(1));
    Expression numbers = call("range", number(1), std::move(end));
    select->select_list.push_back(call("unnest", std::move(numbers)));
    select->select_list.back()->SetAlias("ordinality");
  }
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(statement),
                                                         ref.alias.empty() ? "unnest" : ref.alias);
  subquery->column_name_alias = ref.column_name_alias;
  return subquery;
}

duckdb::unique_ptr<duckdb::TableRef> NoPartitionAncestors(const duckdb::TableFunctionRef& ref) {
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  select->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  auto add = [&](const char* name, const duckdb::Value& value) {
    auto column = duckdb::make_uniq<duckdb::ConstantExpression>(value);
    column->SetAlias(name);
    select->select_list.push_back(std::move(column));
  };
  add("relid", duckdb::Value::UINTEGER(0));
  add("ordinality", duckdb::Value::BIGINT(0));
  select->where_clause =
      duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(false));
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(
      std::move(statement), ref.alias.empty() ? "pg_partition_ancestors" : ref.alias);
  subquery->column_name_alias = ref.column_name_alias;
  return subquery;
}

void CountInIntegers(duckdb::unique_ptr<duckdb::TableRef>& series, const std::string& name) {
  auto& ref = series->Cast<duckdb::TableFunctionRef>();
  if (ref.with_ordinality != duckdb::OrdinalityType::WITHOUT_ORDINALITY ||
      !AreIntegers(ref.function->Cast<FunctionExpression>().children)) {
    return;
  }
  std::string alias = ref.alias.empty() ? name : ref.alias;
  auto columns = std::move(ref.column_name_alias);
  if (columns.empty()) columns.push_back(alias);
  ref.alias = "series";
  ref.column_name_alias = {"value"};
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  select->select_list.push_back(duckdb::make_uniq<duckdb::CastExpression>(
      duckdb::LogicalType::INTEGER,
      duckdb::make_uniq<duckdb::ColumnRefExpression>("value", "series")));
  select->from_table = std::move(series);
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(select);
  series = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(statement), alias);
  series->column_name_alias = std::move(columns);
}

CatalogTables CatalogTablesIn(const duckdb::TableRef* from) {
  CatalogTables tables;
  if (from) AddCatalogTables(*from, &tables);
  return tables;
}

ElementAliases ElementAliasesIn(const duckdb::TableRef* from) {
  ElementAliases aliases;
  if (!from) return aliases;
  if (from->type == duckdb::TableReferenceType::JOIN) {
    const auto& join = from->Cast<duckdb::JoinRef>();
    aliases = ElementAliasesIn(join.left.get());
    aliases.merge(ElementAliasesIn(join.right.get()));
  } else if (from->type == duckdb::TableReferenceType::TABLE_FUNCTION && !from->alias.empty() &&
             from->column_name_alias.empty()) {
    const auto& function = from->Cast<duckdb::TableFunctionRef>().function;
    if (function && function->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION &&
        function->Cast<duckdb::FunctionExpression>().function_name.find("array_elements") !=
            std::string::npos) {
      aliases.insert(StringUtil::Lower(from->alias));
    }
  }
  return aliases;
}

void CheckOrderNames(const duckdb::SelectNode& select) {
  for (const auto& modifier : select.modifiers) {
    if (modifier->type != duckdb::ResultModifierType::ORDER_MODIFIER) continue;
    for (const auto& order : modifier->Cast<duckdb::OrderModifier>().orders) {
      if (order.expression->GetExpressionClass() != duckdb::ExpressionClass::COLUMN_REF) continue;
      const auto& column = order.expression->Cast<duckdb::ColumnRefExpression>();
      if (column.IsQualified()) continue;
      const duckdb::ParsedExpression* first = nullptr;
      for (const auto& item : select.select_list) {
        if (!StringUtil::CIEquals(OutputName(*item), column.GetColumnName())) continue;
        if (first && !first->Equals(*item))
          ThrowSql("42702", "ORDER BY \"" + column.GetColumnName() + "\" is ambiguous");
        first = item.get();
      }
    }
  }
}

}  // namespace skein::engine
