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
};

/// For keys and types: the columns; nullptr when the command asks for something else.
std::shared_ptr<arrow::Schema> KeysSchema(const Command& command);
/// Precondition: KeysSchema gives some.
Question KeysQuestion(const Command& command);

}  // namespace skein::frontends::flightsql
