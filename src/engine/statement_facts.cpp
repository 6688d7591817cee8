#include "engine/statement_facts.h"

#include <algorithm>
#include <string_view>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/parsed_data/create_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/parsed_data/transaction_info.hpp"
#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/statement/copy_statement.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/drop_statement.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/transaction_statement.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"

namespace skein::engine {

TransactionVerb VerbOf(duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::TRANSACTION_STATEMENT) return TransactionVerb::kNone;
  switch (statement.Cast<duckdb::TransactionStatement>().info->type) {
    case duckdb::TransactionType::BEGIN_TRANSACTION:
      return TransactionVerb::kBegin;
    case duckdb::TransactionType::COMMIT:
      return TransactionVerb::kCommit;
    default:
      return TransactionVerb::kRollback;
  }
}

std::string Trimmed(const std::string& text) {
  size_t begin = text.find_first_not_of(" \t\r\n;");
  if (begin == std::string::npos) return {};
  size_t end = text.find_last_not_of(" \t\r\n;");
  return text.substr(begin, end - begin + 1);
}

namespace {

bool Mentions(const std::string& text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
           return duckdb::StringUtil::CharacterToLower(a) == b;
         }) != text.end();
}

}  // namespace

bool MentionsPivot(const std::string& text) { return Mentions(text, "pivot"); }

bool MentionsAlter(const std::string& text) { return Mentions(text, "alter"); }

bool Changes(const duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::INSERT_STATEMENT:
    case duckdb::StatementType::UPDATE_STATEMENT:
    case duckdb::StatementType::DELETE_STATEMENT:
    case duckdb::StatementType::MERGE_INTO_STATEMENT:
    case duckdb::StatementType::ALTER_STATEMENT:
      return true;
    case duckdb::StatementType::CREATE_STATEMENT:
      return statement.Cast<duckdb::CreateStatement>().info->type !=
             duckdb::CatalogType::SECRET_ENTRY;
    case duckdb::StatementType::DROP_STATEMENT:
      return statement.Cast<duckdb::DropStatement>().info->type !=
             duckdb::CatalogType::SECRET_ENTRY;
    case duckdb::StatementType::COPY_STATEMENT:
      return statement.Cast<duckdb::CopyStatement>().info->is_from;
    case duckdb::StatementType::EXPLAIN_STATEMENT:
      return Changes(*statement.Cast<duckdb::ExplainStatement>().stmt);
    default:
      return false;
  }
}

bool MayChangeSettings(const duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::SELECT_STATEMENT:
    case duckdb::StatementType::INSERT_STATEMENT:
    case duckdb::StatementType::UPDATE_STATEMENT:
    case duckdb::StatementType::DELETE_STATEMENT:
    case duckdb::StatementType::MERGE_INTO_STATEMENT:
    case duckdb::StatementType::COPY_STATEMENT:
    case duckdb::StatementType::CREATE_STATEMENT:
    case duckdb::StatementType::DROP_STATEMENT:
    case duckdb::StatementType::ALTER_STATEMENT:
    case duckdb::StatementType::TRANSACTION_STATEMENT:
    case duckdb::StatementType::EXPLAIN_STATEMENT:
      return false;
    default:
      return true;
  }
}

bool InsertsOneChunk(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return false;
  const auto& insert = statement.Cast<duckdb::InsertStatement>();
  if (insert.on_conflict_info || insert.default_values) return false;
  auto values = insert.GetValuesList();
  return values && values->values.size() <= STANDARD_VECTOR_SIZE;
}

bool UpdatesOnConflict(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return false;
  const auto& conflict = statement.Cast<duckdb::InsertStatement>().on_conflict_info;
  return conflict && conflict->set_info;
}

bool Orders(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::SELECT_STATEMENT) return false;
  const auto& modifiers = statement.Cast<duckdb::SelectStatement>().node->modifiers;
  return std::any_of(modifiers.begin(), modifiers.end(), [](const auto& modifier) {
    return modifier->type == duckdb::ResultModifierType::ORDER_MODIFIER;
  });
}

}  // namespace skein::engine
