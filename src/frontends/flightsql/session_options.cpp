// Session options: the settings of SET and SHOW, and the current catalogue and schema.

#include <arrow/api.h>
#include <fmt/format.h>

#include "common/utf8.h"
#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/service.h"
#include "sql/token.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;
using Problem = fl::SetSessionOptionErrorValue;

/// The door's own option.
constexpr char kColumnTypes[] = "column_types";

std::string TextOf(const fl::SessionOptionValue& value) {
  struct Writer {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(bool yes) const { return yes ? "true" : "false"; }
    std::string operator()(int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{}", number); }
    std::string operator()(const std::vector<std::string>& list) const {
      std::string text;
      for (const std::string& item : list) text += (text.empty() ? "" : ",") + item;
      return text;
    }
  };
  return std::visit(Writer{}, value);
}

bool IsText(const std::string& text) {
  return IsValidUtf8(text) && text.find('\0') == std::string::npos;
}

Problem ProblemOf(const Status& status) {
  if (status.sqlstate() == "42704") return Problem::kInvalidName;
  if (status.sqlstate().starts_with("22") || status.sqlstate() == "3D000" ||
      status.sqlstate() == "3F000" || status.code() == StatusCode::kNotFound ||
      status.code() == StatusCode::kInvalidArgument) {
    return Problem::kInvalidValue;
  }
  return Problem::kError;
}

Result<std::string> StatementFor(const std::string& name, const fl::SessionOptionValue& value) {
  if (!IsText(name) || name.empty()) {
    return Status(StatusCode::kNotFound, "42704", "the option's name is no text");
  }
  std::string text = TextOf(value);
  if (!IsText(text)) return errors::InvalidParameter("the option's value is no text");
  bool unset = std::holds_alternative<std::monostate>(value);
  if (name == "catalog" || name == "schema") {
    if (unset) return errors::InvalidParameter("a session has a catalogue and a schema");
    return "USE " + sql::QuoteName(text);
  }
  if (unset) return "RESET " + sql::QuoteName(name);
  return "SET " + sql::QuoteName(name) + " = " + sql::QuoteLiteral(text);
}

}  // namespace

Result<fl::SetSessionOptionsResult> FlightService::SetOptions(
    const Context& context, const fl::SetSessionOptionsRequest& request) {
  auto conversation = CallOf(context).conversation();
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  fl::SetSessionOptionsResult answer;
  for (const auto& [name, value] : request.session_options) {
    if (name == kColumnTypes) {
      std::string text = TextOf(value);
      if (WireTypes::Parse(text).ok()) {
        conversation->column_types = std::move(text);
      } else {
        answer.errors.emplace(name, fl::SetSessionOptionsResult::Error{Problem::kInvalidValue});
      }
      continue;
    }
    auto statement = StatementFor(name, value);
    Status set = statement.ok() ? conversation->RunPlain(context, *statement) : statement.status();
    if (!set.ok()) answer.errors.emplace(name, fl::SetSessionOptionsResult::Error{ProblemOf(set)});
  }
  return answer;
}

Result<fl::GetSessionOptionsResult> FlightService::GetOptions(const Context& context) {
  auto conversation = CallOf(context).conversation();
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  fl::GetSessionOptionsResult answer;
  answer.session_options[kColumnTypes] = conversation->column_types;
  for (const char* question : {"SHOW ALL",
                               "SELECT 'catalog', current_catalog() UNION ALL SELECT 'schema', "
                               "current_schema()"}) {
    SKEIN_ASSIGN_OR_RETURN(auto prepared, conversation->PrepareOne(question));
    SKEIN_ASSIGN_OR_RETURN(auto run, conversation->Run(&context, prepared, {}));
    while (true) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, run->Next());
      if (!batch) break;
      const auto& names = static_cast<const arrow::StringArray&>(*batch->column(0));
      const auto& values = static_cast<const arrow::StringArray&>(*batch->column(1));
      for (int64_t row = 0; row < batch->num_rows(); ++row)
        answer.session_options[names.GetString(row)] = values.GetString(row);
    }
  }
  return answer;
}

}  // namespace skein::frontends::flightsql
