#include "engine/postgres_catalog/identity_clauses.h"

#include <optional>
#include <string_view>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/statement/create_statement.hpp"

#include "engine/numbered_columns.h"
#include "engine/postgres_catalog/tokens.h"

namespace skein::engine::postgres_catalog {
namespace {

std::string ColumnName(const std::string& written) {
  if (written.size() < 2 || written.front() != '"') return written;
  return duckdb::StringUtil::Replace(written.substr(1, written.size() - 2), "\"\"", "\"");
}

class ClauseFinder {
 public:
  explicit ClauseFinder(std::string* sql) : sql_(*sql), tokens_(Tokens(*sql)) {}

  std::vector<IdentityClause> Take() {
    // The columns of a table are between its brackets; commas of types and checks are deeper.
    size_t depth = 0;
    size_t element = 0;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (Is(i, "(") || (Is(i, ",") && depth == 1)) {
        depth += Is(i, "(");
        if (depth == 1) element = i + 1;
      } else if (Is(i, ")") && depth > 0) {
        --depth;
      } else if (Is(i, ";")) {
        depth = 0;
      } else if (depth == 1 && i > element) {
        if (auto end = ClauseEnd(i)) i = Note(element, i, *end);
      }
    }
    return std::move(clauses_);
  }

 private:
  bool Is(size_t i, std::string_view text) const {
    return i < tokens_.size() && !tokens_[i].quoted && tokens_[i].text == text;
  }

  /// Behind IDENTITY, when a clause begins at token `i`.
  std::optional<size_t> ClauseEnd(size_t i) const {
    if (!Is(i, "generated")) return std::nullopt;
    size_t next = Is(i + 1, "always") ? i + 2 : Is(i + 1, "by") && Is(i + 2, "default") ? i + 3 : i;
    if (next == i || !Is(next, "as") || !Is(next + 1, "identity")) return std::nullopt;
    return next + 2;
  }

  /// The last token of the clause.
  size_t Note(size_t element, size_t begin, size_t end) {
    IdentityClause clause;
    clause.start = tokens_[begin].start;
    clause.always = Is(begin + 1, "always");
    const Token& name = tokens_[element];
    clause.column = ColumnName(name.text.front() == '"' ? sql_.substr(name.start, name.text.size())
                                                        : name.text);
    if (Is(end, "(")) {
      size_t close = end + 1;
      while (close < tokens_.size() && !Is(close, ")")) ++close;
      if (close < tokens_.size()) {
        size_t from = tokens_[end].start + 1;
        clause.options = sql_.substr(from, tokens_[close].start - from);
        end = close + 1;
      }
    }
    for (size_t i = begin; i < end; ++i) Blank(tokens_[i], &sql_);
    clauses_.push_back(std::move(clause));
    return end - 1;
  }

  std::string& sql_;
  std::vector<Token> tokens_;
  std::vector<IdentityClause> clauses_;
};

}  // namespace

std::vector<IdentityClause> TakeIdentityClauses(std::string* sql) {
  return ClauseFinder(sql).Take();
}

void NoteIdentityColumns(const std::vector<IdentityClause>& clauses,
                         duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>& statements) {
  for (const auto& clause : clauses) {
    for (auto& statement : statements) {
      bool inside = statement->stmt_location <= clause.start &&
                    (statement->stmt_length == 0 ||
                     clause.start < statement->stmt_location + statement->stmt_length);
      if (!inside || statement->type != duckdb::StatementType::CREATE_STATEMENT) continue;
      auto& info = *statement->Cast<duckdb::CreateStatement>().info;
      if (info.type == duckdb::CatalogType::TABLE_ENTRY)
        info.tags[(clause.always ? kAlwaysTag : kIdentityTag) + clause.column] = clause.options;
    }
  }
}

}  // namespace skein::engine::postgres_catalog
