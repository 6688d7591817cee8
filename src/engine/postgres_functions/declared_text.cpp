#include "engine/postgres_functions/declared_text.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/column_definition.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/type_expression.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/alter_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/find_relation.h"
#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/text_lengths.h"
#include "results/pg_type.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;

constexpr int32_t kTypmodHeader = 4;
constexpr char kVarchar[] = "varchar";
constexpr char kBpchar[] = "bpchar";
// A cast of a cast: every DuckDB knows json.
constexpr char kJson[] = "json";

const duckdb::TypeExpression* TreeOf(const duckdb::LogicalType& type) {
  if (type.id() != duckdb::LogicalTypeId::UNBOUND) return nullptr;
  const auto& tree = duckdb::UnboundType::GetTypeExpression(type);
  if (!tree || tree->GetExpressionClass() != ExpressionClass::TYPE) return nullptr;
  return &tree->Cast<duckdb::TypeExpression>();
}

/// The one number between the brackets; 0 when there is none.
int32_t LengthOf(const duckdb::TypeExpression& type) {
  if (type.GetChildren().size() != 1 ||
      type.GetChildren()[0]->GetExpressionClass() != ExpressionClass::CONSTANT) {
    return 0;
  }
  const auto& value = type.GetChildren()[0]->Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || !value.type().IsIntegral()) return 0;
  int64_t length = value.GetValue<int64_t>();
  constexpr int64_t kLongest = 10485760;  // PostgreSQL's
  return length > 0 && length <= kLongest ? static_cast<int32_t>(length) : 0;
}

/// DuckDB's parser calls all of them varchar; the text says which was meant.
const char* WrittenName(const duckdb::TypeExpression& type, const std::string& text) {
  auto location = type.GetQueryLocation();
  if (!location.IsValid() || location.GetIndex() >= text.size())
    return LengthOf(type) > 0 ? kVarchar : nullptr;
  size_t at = location.GetIndex();
  std::string word = WordAt(text, at);
  if (word == "varchar") return kVarchar;
  if (word == "bpchar") return kBpchar;
  if (word != "char" && word != "character") return nullptr;
  size_t next = text.find_first_not_of(" \t\r\n", at + word.size());
  return next != text.npos && WordAt(text, next) == "varying" ? kVarchar : kBpchar;
}

/// The expression as a cast to what is called so; null for everything else.
const duckdb::CastExpression* CastTo(const duckdb::ParsedExpression& expression,
                                     std::initializer_list<std::string_view> names) {
  if (expression.GetExpressionClass() != ExpressionClass::CAST) return nullptr;
  const auto& cast = expression.Cast<duckdb::CastExpression>();
  const auto* tree = TreeOf(cast.cast_type);
  bool found = tree && std::find(names.begin(), names.end(), tree->GetTypeName()) != names.end();
  return found ? &cast : nullptr;
}

/// The cast that says it, whose child is the default that was written; null for a default of
/// another kind.
const duckdb::CastExpression* DeclarationOf(const duckdb::ColumnDefinition& column) {
  if (column.Generated() || !column.HasDefaultValue() ||
      column.Type().id() != duckdb::LogicalTypeId::VARCHAR) {
    return nullptr;
  }
  if (!column.Type().IsJSONType()) return CastTo(column.DefaultValue(), {kVarchar, kBpchar});
  const auto* outer = CastTo(column.DefaultValue(), {kJson});
  return outer ? CastTo(*outer->child, {kJson}) : nullptr;
}

using Modifiers = duckdb::vector<Expression>;

Modifiers ModifiersOf(int32_t length) {
  Modifiers modifiers;
  if (length > 0) {
    modifiers.push_back(
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(length)));
  }
  return modifiers;
}

/// `written`, or NULL when there is none, as a default that declares.
Expression Declaring(const char* name, int32_t length, const duckdb::ParsedExpression* written) {
  Expression inner;
  if (written) {
    inner = written->Copy();
  } else {
    inner = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value());
  }
  auto cast = [&](Expression child) -> Expression {
    return duckdb::make_uniq<duckdb::CastExpression>(
        duckdb::LogicalType::UNBOUND(
            duckdb::make_uniq<duckdb::TypeExpression>(name, ModifiersOf(length))),
        std::move(child));
  };
  if (std::string_view(name) == kJson) inner = cast(std::move(inner));
  return cast(std::move(inner));
}

const duckdb::AlterTableInfo* AlteredTable(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::ALTER_STATEMENT) return nullptr;
  const auto& info = *statement.Cast<duckdb::AlterStatement>().info;
  return info.type == duckdb::AlterType::ALTER_TABLE ? &info.Cast<duckdb::AlterTableInfo>()
                                                     : nullptr;
}

/// Calls `work` with the column, if it is there.
template <typename Work>
void WithColumn(duckdb::ClientContext& context, const duckdb::AlterTableInfo& info,
                const std::string& column, Work work) {
  auto look = [&] {
    auto entry = FindRelation(context, info.catalog, info.schema, info.name);
    if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return;
    const auto& table = entry->Cast<duckdb::TableCatalogEntry>();
    if (table.ColumnExists(column)) work(table.GetColumn(column));
  };
  if (context.transaction.HasActiveTransaction()) {
    look();
  } else {
    context.RunFunctionInTransaction(look);
  }
}

}  // namespace

void NameDeclaredText(duckdb::LogicalType& type, const std::string& text) {
  const auto* tree = TreeOf(type);
  if (!tree || WrittenTypeName(type) != kVarchar) return;
  const char* name = WrittenName(*tree, text);
  int32_t length = LengthOf(*tree);
  if (length == 0 && name == kBpchar) length = 1;
  type = duckdb::LogicalType::UNBOUND(duckdb::make_uniq<duckdb::TypeExpression>(
      name ? name : "text", name ? ModifiersOf(length) : Modifiers()));
}

void KeepDeclarationInDefault(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  const auto* table = AlteredTable(statement);
  if (!table || table->alter_table_type != duckdb::AlterTableType::SET_DEFAULT) return;
  auto& info = statement.Cast<duckdb::AlterStatement>().info->Cast<duckdb::SetDefaultInfo>();
  WithColumn(context, info, info.column_name, [&](const duckdb::ColumnDefinition& column) {
    const auto* cast = DeclarationOf(column);
    if (!cast) return;
    const auto& tree = *TreeOf(cast->cast_type);
    info.expression = Declaring(tree.GetTypeName().c_str(), LengthOf(tree), info.expression.get());
  });
}

duckdb::unique_ptr<duckdb::SQLStatement> DeclareAfter(duckdb::ClientContext& context,
                                                      const duckdb::SQLStatement& statement) {
  const auto* table = AlteredTable(statement);
  if (!table || table->alter_table_type != duckdb::AlterTableType::ALTER_COLUMN_TYPE)
    return nullptr;
  const auto& info = table->Cast<duckdb::ChangeColumnTypeInfo>();
  const auto* tree = TreeOf(info.target_type);
  bool declares = tree && (tree->GetTypeName() == kVarchar || tree->GetTypeName() == kBpchar);
  duckdb::unique_ptr<duckdb::SQLStatement> after;
  WithColumn(context, info, info.column_name, [&](const duckdb::ColumnDefinition& column) {
    if (!declares && !DeclarationOf(column)) return;
    const auto* written = WrittenDefault(column);
    Expression value = declares  ? Declaring(tree->GetTypeName().c_str(), LengthOf(*tree), written)
                       : written ? written->Copy()
                                 : nullptr;
    auto alter = duckdb::make_uniq<duckdb::AlterStatement>();
    alter->info = duckdb::make_uniq<duckdb::SetDefaultInfo>(info.GetAlterEntryData(),
                                                            info.column_name, std::move(value));
    after = std::move(alter);
  });
  return after;
}

duckdb::unique_ptr<duckdb::SQLStatement> MeasureBefore(duckdb::SQLStatement& statement) {
  const auto* table = AlteredTable(statement);
  if (!table || table->alter_table_type != duckdb::AlterTableType::ALTER_COLUMN_TYPE)
    return nullptr;
  auto& info = statement.Cast<duckdb::AlterStatement>().info->Cast<duckdb::ChangeColumnTypeInfo>();
  const auto* tree = TreeOf(info.target_type);
  bool padded = tree && tree->GetTypeName() == kBpchar;
  int32_t length = tree && (padded || tree->GetTypeName() == kVarchar) ? LengthOf(*tree) : 0;
  if (length == 0 || !info.expression ||
      info.if_not_found != duckdb::OnEntryNotFound::THROW_EXCEPTION)
    return nullptr;
  // A function of DuckDB's own: the expression goes into its log, which is read before ours exist.
  Expression text = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::VARCHAR,
                                                              std::move(info.expression));
  auto number = duckdb::Value::INTEGER(length);
  duckdb::vector<Expression> cut;
  cut.push_back(text->Copy());
  cut.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(number));
  info.expression = duckdb::make_uniq<duckdb::FunctionExpression>("left", std::move(cut));

  duckdb::vector<Expression> measured;
  measured.push_back(std::move(text));
  measured.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(number));
  measured.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(padded)));
  duckdb::vector<Expression> all;
  all.push_back(Call(kTextOfLength, std::move(measured)));
  auto select = duckdb::make_uniq<duckdb::SelectNode>();
  select->select_list.push_back(
      duckdb::make_uniq<duckdb::FunctionExpression>("max", std::move(all)));
  auto from = duckdb::make_uniq<duckdb::BaseTableRef>();
  from->catalog_name = info.catalog;
  from->schema_name = info.schema;
  from->table_name = info.name;
  select->from_table = std::move(from);
  auto query = duckdb::make_uniq<duckdb::SelectStatement>();
  query->node = std::move(select);
  return query;
}

void KeepDeclaredText(duckdb::ColumnDefinition& column, const std::string& text) {
  if (column.Generated()) return;
  const auto* tree = TreeOf(column.Type());
  if (!tree) return;
  const std::string type = WrittenTypeName(column.Type());
  if (type != "varchar" && type != "jsonb") return;
  const char* name = type == "jsonb" ? kJson : WrittenName(*tree, text);
  if (!name) return;
  int32_t length = LengthOf(*tree);
  if (length == 0 && name == kBpchar) length = 1;  // char is char(1)
  column.SetDefaultValue(
      Declaring(name, length, column.HasDefaultValue() ? &column.DefaultValue() : nullptr));
}

std::optional<DeclaredText> DeclaredTextOf(const duckdb::ColumnDefinition& column) {
  const auto* cast = DeclarationOf(column);
  if (!cast) return std::nullopt;
  const auto& tree = *TreeOf(cast->cast_type);
  if (tree.GetTypeName() == kJson) return DeclaredText{results::pg_oid::kJsonb, -1};
  int32_t length = LengthOf(tree);
  return DeclaredText{
      tree.GetTypeName() == kBpchar ? results::pg_oid::kBpchar : results::pg_oid::kVarchar,
      length > 0 ? length + kTypmodHeader : -1};
}

const duckdb::ParsedExpression* WrittenDefault(const duckdb::ColumnDefinition& column) {
  if (!column.HasDefaultValue()) return nullptr;
  const auto* cast = DeclarationOf(column);
  if (!cast) return &column.DefaultValue();
  bool none = cast->child->GetExpressionClass() == ExpressionClass::CONSTANT &&
              cast->child->Cast<duckdb::ConstantExpression>().value.IsNull();
  return none ? nullptr : cast->child.get();
}

}  // namespace skein::engine
