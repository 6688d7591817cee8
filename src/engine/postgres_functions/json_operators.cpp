#include "engine/postgres_functions/json_operators.h"

#include <unordered_map>

#include "duckdb/function/scalar_macro_function.hpp"
#include "duckdb/function/table_macro_function.hpp"
#include "duckdb/parser/constraints/check_constraint.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/lambda_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/parsed_data/create_index_info.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_type_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/statement/alter_statement.hpp"
#include "duckdb/parser/statement/call_statement.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/set_statement.hpp"

#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {

using duckdb::ExpressionClass;
using duckdb::ParsedExpressionIterator;

bool RewriteJsonOperator(Expression& expression, const std::string& text) {
  static const std::unordered_map<std::string_view, const char*> functions = {
      {"?", "jsonb_exists"},
      {"?|", "jsonb_exists_any"},
      {"?&", "jsonb_exists_all"},
      {"#>", "json_at_path"},
      {"#>>", "json_text_at_path"},
      {"#-", "jsonb_delete_path"},
      {"#", "xor"}};
  auto& function = expression->Cast<duckdb::FunctionExpression>();
  const std::string& name = function.function_name;
  if (!function.is_operator || name.empty()) return false;
  const bool arrow = name.starts_with(kArrow);
  if (!arrow && name[0] != kSign) return false;
  auto location = function.GetQueryLocation();
  if (!location.IsValid() || location.GetIndex() >= text.size()) return false;
  if (function.children.size() != 2) ThrowSql("42601", "an operator of json takes two operands");
  std::string_view written = std::string_view(text).substr(location.GetIndex(), name.size());
  if (arrow) {
    if (written == "->>") {
      function.function_name = written;
      return true;
    }
    if (written != "->") return false;
    // DuckDB's tree of an arrow: the binder finds that it is no lambda.
    auto tree = duckdb::make_uniq<duckdb::LambdaExpression>(std::move(function.children[0]),
                                                            std::move(function.children[1]));
    tree->SetAlias(expression->GetAlias());
    tree->SetQueryLocation(location);
    expression = std::move(tree);
    return true;
  }
  auto found = functions.find(written);
  if (found == functions.end()) return false;
  function.function_name = found->second;
  function.is_operator = false;
  const std::string* path = TextConstant(*function.children[1]);
  if (path && TakesPath(function.function_name)) {
    if (auto list = PostgresLiteral(*path, kArrayType)) function.children[1] = std::move(list);
  }
  return true;
}

void RewriteJsonOperators(Expression& expression, const std::string& text) {
  if (!expression) return;
  if (expression->GetExpressionClass() == ExpressionClass::FUNCTION) {
    RewriteJsonOperator(expression, text);
  } else if (expression->GetExpressionClass() == ExpressionClass::SUBQUERY) {
    RewriteJsonOperators(*expression->Cast<duckdb::SubqueryExpression>().subquery->node, text);
  }
  ParsedExpressionIterator::EnumerateChildren(
      *expression, [&](Expression& child) { RewriteJsonOperators(child, text); });
}

void RewriteJsonOperators(duckdb::PivotRef& pivot, const std::string& text) {
  for (auto& aggregate : pivot.aggregates) RewriteJsonOperators(aggregate, text);
  for (auto& column : pivot.pivots) {
    for (auto& expression : column.pivot_expressions) RewriteJsonOperators(expression, text);
    for (auto& entry : column.entries) RewriteJsonOperators(entry.expr, text);
    if (column.subquery) RewriteJsonOperators(*column.subquery, text);
  }
}

void RewriteJsonOperators(duckdb::QueryNode& query, const std::string& text) {
  ParsedExpressionIterator::EnumerateQueryNodeChildren(
      query, [&](Expression& child) { RewriteJsonOperators(child, text); },
      [&](duckdb::TableRef& ref) {
        if (ref.type == duckdb::TableReferenceType::PIVOT)
          RewriteJsonOperators(ref.Cast<duckdb::PivotRef>(), text);
      });
}

namespace {

void InColumn(duckdb::ColumnDefinition& column, const std::string& text) {
  if (column.Generated()) {
    Expression value = column.GeneratedExpression().Copy();
    RewriteJsonOperators(value, text);
    column.SetGeneratedExpression(std::move(value));
  } else if (column.HasDefaultValue()) {
    Expression value = column.DefaultValue().Copy();
    RewriteJsonOperators(value, text);
    column.SetDefaultValue(std::move(value));
  }
}

void InCreate(duckdb::CreateInfo& info, const std::string& text) {
  switch (info.type) {
    case duckdb::CatalogType::TABLE_ENTRY: {
      auto& table = info.Cast<duckdb::CreateTableInfo>();
      for (auto& constraint : table.constraints) {
        if (constraint->type == duckdb::ConstraintType::CHECK)
          RewriteJsonOperators(constraint->Cast<duckdb::CheckConstraint>().expression, text);
      }
      for (duckdb::idx_t i = 0; i < table.columns.LogicalColumnCount(); ++i)
        InColumn(table.columns.GetColumnMutable(duckdb::LogicalIndex(i)), text);
      return;
    }
    case duckdb::CatalogType::INDEX_ENTRY: {
      auto& index = info.Cast<duckdb::CreateIndexInfo>();
      for (auto* expressions : {&index.expressions, &index.parsed_expressions}) {
        for (auto& expression : *expressions) RewriteJsonOperators(expression, text);
      }
      return;
    }
    case duckdb::CatalogType::MACRO_ENTRY:
    case duckdb::CatalogType::TABLE_MACRO_ENTRY:
      for (auto& macro : info.Cast<duckdb::CreateMacroInfo>().macros) {
        for (auto& [name, value] : macro->default_parameters) RewriteJsonOperators(value, text);
        if (macro->type == duckdb::MacroType::SCALAR_MACRO) {
          RewriteJsonOperators(macro->Cast<duckdb::ScalarMacroFunction>().expression, text);
        } else if (macro->type == duckdb::MacroType::TABLE_MACRO) {
          RewriteJsonOperators(*macro->Cast<duckdb::TableMacroFunction>().query_node, text);
        }
      }
      return;
    case duckdb::CatalogType::TYPE_ENTRY: {
      auto& query = info.Cast<duckdb::CreateTypeInfo>().query;
      if (query && query->type == duckdb::StatementType::SELECT_STATEMENT)
        RewriteJsonOperators(*query->Cast<duckdb::SelectStatement>().node, text);
      return;
    }
    default:
      return;
  }
}

void InAlter(duckdb::AlterInfo& info, const std::string& text) {
  if (info.type != duckdb::AlterType::ALTER_TABLE) return;
  auto& table = info.Cast<duckdb::AlterTableInfo>();
  if (table.alter_table_type == duckdb::AlterTableType::ADD_COLUMN) {
    InColumn(table.Cast<duckdb::AddColumnInfo>().new_column, text);
  } else if (table.alter_table_type == duckdb::AlterTableType::SET_DEFAULT) {
    RewriteJsonOperators(table.Cast<duckdb::SetDefaultInfo>().expression, text);
  }
}

}  // namespace

void RewriteJsonOperators(duckdb::SQLStatement& statement, const std::string& text) {
  switch (statement.type) {
    case duckdb::StatementType::CREATE_STATEMENT:
      return InCreate(*statement.Cast<duckdb::CreateStatement>().info, text);
    case duckdb::StatementType::ALTER_STATEMENT:
      return InAlter(*statement.Cast<duckdb::AlterStatement>().info, text);
    case duckdb::StatementType::CALL_STATEMENT:
      return RewriteJsonOperators(statement.Cast<duckdb::CallStatement>().function, text);
    case duckdb::StatementType::SET_STATEMENT:
      if (statement.Cast<duckdb::SetStatement>().set_type == duckdb::SetType::SET)
        RewriteJsonOperators(statement.Cast<duckdb::SetVariableStatement>().value, text);
      return;
    default:
      return;
  }
}

}  // namespace skein::engine
