#include "engine/postgres_catalog/added_constraints.h"

#include <string_view>
#include <utility>

#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/statement/alter_statement.hpp"
#include "duckdb/parser/statement/multi_statement.hpp"

#include "engine/postgres_catalog/tokens.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine::postgres_catalog {

bool RefusesAddedConstraint(const std::string& message) {
  return message.find("Adding columns with constraints") != message.npos;
}

bool TakeAddedNotNull(std::string* sql) {
  const auto tokens = Tokens(*sql);
  auto is = [&](size_t i, std::string_view text) {
    return i < tokens.size() && !tokens[i].quoted && tokens[i].text == text;
  };
  if (!is(0, "alter") || !is(1, "table")) return false;
  size_t depth = 0;
  bool found = false;
  for (size_t i = 2; i < tokens.size(); ++i) {
    if (is(i, "(")) ++depth;
    if (is(i, ")") && depth > 0) --depth;
    // Behind IS it is part of a default.
    if (depth > 0 || !is(i, "not") || !is(i + 1, "null") || is(i - 1, "is")) continue;
    Blank(tokens[i], sql);
    Blank(tokens[i + 1], sql);
    found = true;
  }
  return found;
}

void SetAddedNotNull(duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>& statements) {
  if (statements.empty()) return;
  auto& first = statements[0];
  if (first->type != duckdb::StatementType::MULTI_STATEMENT) {
    auto several = duckdb::make_uniq<duckdb::MultiStatement>();
    several->query = first->query;
    several->stmt_location = first->stmt_location;
    several->stmt_length = first->stmt_length;
    several->statements.push_back(std::move(first));
    first = std::move(several);
  }
  auto& parts = first->Cast<duckdb::MultiStatement>().statements;
  if (parts.empty() || parts[0]->type != duckdb::StatementType::ALTER_STATEMENT) return;
  auto& alter = *parts[0]->Cast<duckdb::AlterStatement>().info;
  if (alter.type != duckdb::AlterType::ALTER_TABLE ||
      alter.Cast<duckdb::AlterTableInfo>().alter_table_type != duckdb::AlterTableType::ADD_COLUMN) {
    return;
  }
  auto& added = alter.Cast<duckdb::AddColumnInfo>();
  auto set = duckdb::make_uniq<duckdb::AlterStatement>();
  set->info =
      duckdb::make_uniq<duckdb::SetNotNullInfo>(added.GetAlterEntryData(), added.new_column.Name());
  parts.push_back(std::move(set));
}

void ThrowAddedConstraint() {
  ThrowSql("0A000", "ADD COLUMN with a constraint other than NOT NULL is not supported",
           "Add the column without it. CREATE UNIQUE INDEX makes the values of a column unique.");
}

}  // namespace skein::engine::postgres_catalog
