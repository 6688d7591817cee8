#include "engine/postgres_catalog/names.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/sql_statement.hpp"

#include "engine/postgres_catalog/name_resolver.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::SimplifiedTokenType;
using duckdb::StringUtil;

struct Token {
  std::string text;
  size_t start = 0;
  bool quoted = false;
};

std::vector<Token> Tokens(const std::string& sql) {
  std::vector<Token> tokens;
  auto raw = duckdb::Parser::Tokenize(sql);
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i].type == SimplifiedTokenType::SIMPLIFIED_TOKEN_COMMENT) continue;
    size_t end = i + 1 < raw.size() ? raw[i + 1].start : sql.size();
    Token token;
    token.start = raw[i].start;
    token.text = StringUtil::Lower(sql.substr(token.start, end - token.start));
    StringUtil::RTrim(token.text);
    token.quoted = raw[i].type == SimplifiedTokenType::SIMPLIFIED_TOKEN_STRING_CONSTANT;
    tokens.push_back(std::move(token));
  }
  return tokens;
}

/// The text with `pg_catalog.` blanked in front of types and around operators: of the same length,
/// the same but for these tokens. Literals and comments are no such tokens.
std::string WithoutQualifications(const std::string& sql) {
  std::string blanked = sql;
  auto blank = [&](const Token& token) {
    for (size_t i = 0; i < token.text.size(); ++i) blanked[token.start + i] = ' ';
  };
  std::vector<Token> tokens = Tokens(sql);
  auto is = [&](size_t i, std::string_view text) {
    return i < tokens.size() && !tokens[i].quoted && tokens[i].text == text;
  };
  for (size_t i = 1; i + 2 < tokens.size(); ++i) {
    bool schema = is(i, "pg_catalog") || is(i, "\"pg_catalog\"");
    if (!schema || !is(i + 1, ".")) continue;
    if (is(i - 1, "::") || is(i - 1, "as")) {
      blank(tokens[i]);
      blank(tokens[i + 1]);
    } else if (i >= 2 && is(i - 1, "(") && is(i - 2, "operator") && is(i + 3, ")")) {
      for (size_t part : {i - 2, i - 1, i, i + 1, i + 3}) blank(tokens[part]);
    }
  }
  return blanked;
}

/// Whether `public` is nobody's name in the current database, so that it can be main's.
bool MapsPublic(duckdb::ClientContext& context, const std::string& database) {
  bool free = false;
  try {
    context.RunFunctionInTransaction([&] {
      if (duckdb::Catalog::GetCatalogEntry(context, "public")) return;
      auto catalog = duckdb::Catalog::GetCatalogEntry(context, database);
      free =
          catalog && !catalog->GetSchema(context, "public", duckdb::OnEntryNotFound::RETURN_NULL);
    });
  } catch (const duckdb::Exception&) {
    // In a failed transaction nothing can be looked up, and nothing will run.
    return false;
  }
  return free;
}

}  // namespace

ParsedStatements ParseWithPostgresNames(
    duckdb::ClientContext& context, const std::string& sql,
    const std::function<ParsedStatements(const std::string&)>& parse) {
  ParsedStatements statements;
  std::string lower = StringUtil::Lower(sql);
  bool qualified = lower.find("pg_catalog") != std::string::npos;
  NameResolver::Scope scope;
  scope.text = sql;
  try {
    statements = parse(sql);
  } catch (const std::exception& refused) {
    if (!qualified || duckdb::ErrorData(refused).Type() != duckdb::ExceptionType::PARSER) throw;
    scope.text = WithoutQualifications(sql);
    if (scope.text == sql) throw;
    statements = parse(scope.text);
    // What is logged and pointed into is what the client sent.
    for (auto& statement : statements) statement->query = sql;
  }
  bool has_public = lower.find("public") != std::string::npos;
  if (!qualified && !has_public && lower.find("pg_temp") == std::string::npos &&
      lower.find("collate") == std::string::npos && lower.find("operator") == std::string::npos &&
      lower.find("information_schema") == std::string::npos &&
      lower.find('{') == std::string::npos) {
    return statements;
  }
  scope.database = duckdb::DatabaseManager::GetDefaultDatabase(context);
  scope.maps_public = has_public && MapsPublic(context, scope.database);
  scope.about_catalog = qualified;
  NameResolver resolver(scope);
  for (auto& statement : statements) resolver.Statement(*statement);
  return statements;
}

}  // namespace skein::engine::postgres_catalog
