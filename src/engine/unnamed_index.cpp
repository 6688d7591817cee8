#include "engine/unnamed_index.h"

#include <string_view>

#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parsed_data/create_index_info.hpp"
#include "duckdb/parser/statement/create_statement.hpp"

#include "engine/find_relation.h"
#include "engine/postgres_catalog/tokens.h"

namespace skein::engine {
namespace {

constexpr std::string_view kNoName = "index without a name";
constexpr std::string_view kWritten = "\"index without a name\" ";

/// What stands for a key in the index's name.
std::string KeyName(const duckdb::ParsedExpression& key) {
  if (key.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF)
    return key.Cast<duckdb::ColumnRefExpression>().GetColumnName();
  if (key.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return "expr";
  const std::string& name = key.Cast<duckdb::FunctionExpression>().function_name;
  bool word = !name.empty() && (duckdb::StringUtil::CharacterIsAlpha(name[0]) || name[0] == '_');
  return word ? name : "expr";
}

}  // namespace

bool WantsIndexName(const std::string& message) {
  return message.find("Please provide an index name") != std::string::npos;
}

void WriteIndexNames(std::string* sql, std::string* shown) {
  const auto tokens = postgres_catalog::Tokens(*sql);
  auto is = [&](size_t i, std::string_view text) {
    return !tokens[i].quoted && tokens[i].text == text;
  };
  for (size_t i = tokens.size(); i-- > 2;) {
    size_t index = is(i - 1, "concurrently") ? i - 2 : i - 1;
    if (!is(i, "on") || index == 0 || !is(index, "index")) continue;
    if (!is(index - 1, "create") && !is(index - 1, "unique")) continue;
    for (std::string* text : {sql, shown}) text->insert(tokens[i].start, kWritten);
  }
}

std::string WithoutIndexName(std::string sql) {
  for (size_t at; (at = sql.find(kWritten)) != std::string::npos;) sql.erase(at, kWritten.size());
  return sql;
}

void NameIndex(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::CREATE_STATEMENT) return;
  auto& info = *statement.Cast<duckdb::CreateStatement>().info;
  if (info.type != duckdb::CatalogType::INDEX_ENTRY) return;
  auto& index = info.Cast<duckdb::CreateIndexInfo>();
  if (index.index_name != kNoName) return;
  std::string stem = index.table;
  for (const auto& key : index.parsed_expressions) stem += "_" + KeyName(*key);
  stem += "_idx";
  context.RunFunctionInTransaction([&] {
    auto taken = [&](const std::string& name) {
      for (auto type : {duckdb::CatalogType::INDEX_ENTRY, duckdb::CatalogType::TABLE_ENTRY}) {
        if (FindEntry(context, type, index.catalog, index.schema, name)) return true;
      }
      return false;
    };
    std::string name = stem;
    for (int number = 1; taken(name); ++number) name = stem + std::to_string(number);
    index.index_name = name;
  });
}

}  // namespace skein::engine
