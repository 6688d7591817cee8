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
#include "duckdb/parser/statement/multi_statement.hpp"

#include "engine/postgres_catalog/added_constraints.h"
#include "engine/postgres_catalog/identity_clauses.h"
#include "engine/postgres_catalog/name_resolver.h"
#include "engine/postgres_catalog/operator_classes.h"
#include "engine/postgres_catalog/operator_tokens.h"
#include "engine/postgres_catalog/refused_statements.h"
#include "engine/postgres_catalog/tokens.h"
#include "engine/postgres_catalog/written_drops.h"
#include "engine/unnamed_index.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::StringUtil;

/// The text with `pg_catalog.` blanked in front of types and around operators: of the same length,
/// the same but for these tokens. Literals and comments are no such tokens.
std::string WithoutQualifications(const std::string& sql) {
  std::string blanked = sql;
  std::vector<Token> tokens = Tokens(sql);
  auto is = [&](size_t i, std::string_view text) {
    return i < tokens.size() && !tokens[i].quoted && tokens[i].text == text;
  };
  for (size_t i = 1; i + 2 < tokens.size(); ++i) {
    bool schema = is(i, "pg_catalog") || is(i, "\"pg_catalog\"");
    if (!schema || !is(i + 1, ".")) continue;
    if (is(i - 1, "::") || is(i - 1, "as")) {
      Blank(tokens[i], &blanked);
      Blank(tokens[i + 1], &blanked);
    } else if (i >= 2 && is(i - 1, "(") && is(i - 2, "operator") && is(i + 3, ")")) {
      for (size_t part : {i - 2, i - 1, i, i + 1, i + 3}) Blank(tokens[part], &blanked);
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

/// Whether DuckDB says that what stands for an operator is out of place.
bool NamesWrittenOperator(const std::string& message) {
  return message.find("near \"`") != message.npos || message.find("near \"-<") != message.npos;
}

}  // namespace

ParsedStatements ParseWithPostgresNames(
    duckdb::ClientContext& context, const std::string& sql, bool postgres_dialect,
    const std::function<ParsedStatements(const std::string&)>& parse) {
  ParsedStatements statements;
  std::string lower = StringUtil::Lower(sql);
  bool qualified = lower.find("pg_catalog") != std::string::npos;
  NameResolver::Scope scope;
  scope.text = sql;
  if (postgres_dialect) WriteArrows(&scope.text);
  std::string shown = sql;
  bool operators_written = false;
  bool added_not_null = false;
  std::vector<IdentityClause> identities;
  for (bool parsed = false; !parsed;) {
    try {
      statements = parse(scope.text);
      parsed = true;
    } catch (const std::exception& refused) {
      auto type = duckdb::ErrorData(refused).Type();
      std::string changed = scope.text;
      bool refused_text = type == duckdb::ExceptionType::PARSER;
      const bool unimplemented = type == duckdb::ExceptionType::NOT_IMPLEMENTED;
      if ((refused_text || unimplemented) && identities.empty() &&
          lower.find("identity") != std::string::npos)
        identities = TakeIdentityClauses(&changed);
      if (changed == scope.text && unimplemented && postgres_dialect && !TakeSymmetric(&changed))
        TakeOperatorClasses(&changed);
      if (changed == scope.text && postgres_dialect &&
          WantsIndexName(duckdb::ErrorData(refused).RawMessage()))
        WriteIndexNames(&changed, &shown);
      if (WantsOneObject(duckdb::ErrorData(refused).RawMessage())) {
        auto several = duckdb::make_uniq<duckdb::MultiStatement>();
        for (const std::string& drop : SeparateDrops(scope.text)) {
          for (auto& statement : parse(drop)) several->statements.push_back(std::move(statement));
        }
        if (!several->statements.empty()) {
          several->query = sql;
          statements.push_back(std::move(several));
          break;
        }
      }
      if (changed == scope.text && refused_text) TakeDroppedArguments(&changed);
      if (changed == scope.text && refused_text && qualified)
        changed = WithoutQualifications(scope.text);
      const bool constraint =
          refused_text && RefusesAddedConstraint(duckdb::ErrorData(refused).RawMessage());
      if (changed == scope.text && constraint) added_not_null = TakeAddedNotNull(&changed);
      if (changed == scope.text && refused_text && postgres_dialect && !operators_written)
        operators_written = WriteJsonOperators(&changed);
      if (changed == scope.text) {
        if (constraint) ThrowAddedConstraint();
        if (refused_text) {
          if (!postgres_dialect) ThrowIfJsonOperator(scope.text);
          ThrowIfUnsupportedStatement(scope.text);
          // What the client reads is what it wrote.
          if (NamesWrittenOperator(duckdb::ErrorData(refused).RawMessage())) parse(sql);
        }
        if (unimplemented) ThrowIfUnsupportedStatement(scope.text);
        throw;
      }
      scope.text = changed;
    }
  }
  if (added_not_null) SetAddedNotNull(statements);
  if (scope.text != sql) {
    // What is logged and pointed into is what the client sent.
    for (auto& statement : statements) statement->query = shown;
    NoteIdentityColumns(identities, statements);
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
