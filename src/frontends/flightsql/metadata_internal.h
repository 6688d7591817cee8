#pragma once

#include <memory>
#include <string>

#include <arrow/scalar.h>

#include "frontends/flightsql/command_codec.h"
#include "frontends/flightsql/conversation.h"

namespace skein::frontends::flightsql {

/// SQL text with the values of its parameters.
struct Question {
  std::string sql;
  ParameterRow values;

  void Bind(const std::string& condition, const std::string& value) {
    values.push_back(engine::BoundValue{std::make_shared<arrow::StringScalar>(value), "VARCHAR"});
    sql += " AND " + condition + "$" + std::to_string(values.size());
  }
  /// A pattern of the protocol: % and _, which SqlInfo says can be escaped.
  void BindPattern(const std::string& column, const std::string& pattern) {
    Bind(column + " LIKE ", pattern);
    sql += " ESCAPE '\\'";
  }
  /// Whoever asks for main may mean the one that is shown as public.
  bool BindMain(const std::string& column, const std::string& name) {
    if (name != "main") return false;
    sql += " AND " + column + " IN ('main', 'public')";
    return true;
  }
  void BindSchema(const std::string& column, const std::string& name) {
    if (!BindMain(column, name)) Bind(column + " = ", name);
  }
  void BindSchemaPattern(const std::string& column, const std::string& pattern) {
    if (!BindMain(column, pattern)) BindPattern(column, pattern);
  }
};

/// The catalogue calls the schema main of the database in use public, as PostgreSQL's clients look
/// for it there. So do all questions, and take either name.
inline constexpr char kSchemaName[] =
    "CASE WHEN schema_name = 'main' AND database_name = current_database() THEN 'public' ELSE "
    "schema_name END";

/// For keys and types: the columns; nullptr when the command asks for something else.
std::shared_ptr<arrow::Schema> KeysSchema(const Command& command);
/// Precondition: KeysSchema gives some.
Question KeysQuestion(const Command& command);

}  // namespace skein::frontends::flightsql
