#include "engine/postgres_functions/jsonb.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>

#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression_binder.hpp"

#include "engine/postgres_catalog/array_literal.h"
#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/json_tree.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::string_t;
using Bound = duckdb::unique_ptr<duckdb::Expression>;

constexpr const char* kAsJsonb = "as_jsonb";  // of any type
constexpr const char* kEquals = "equals_by_value";
constexpr const char* kWithArray = "operator_of_arrays";  // (name, operand, operand)
constexpr const char* kJsonbEquals = "jsonb_eq";

void JsonbOf(duckdb::DataChunk& input, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(
      input.data[0], result, input.size(), [&](string_t text) {
        return duckdb::StringVector::AddString(
            result, WriteJson(ParseJson({text.GetData(), text.GetSize()}), JsonStyle::kJsonb));
      });
}

void JsonbEquals(duckdb::DataChunk& input, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<string_t, string_t, bool>(
      input.data[0], input.data[1], result, input.size(), [](string_t left, string_t right) {
        if (left == right) return true;
        JsonTree trees[] = {ParseJson({left.GetData(), left.GetSize()}),
                            ParseJson({right.GetData(), right.GetSize()})};
        for (JsonTree& tree : trees) Normalise(tree);
        return trees[0] == trees[1];
      });
}

Bound CallBound(duckdb::ClientContext& context, const char* name, duckdb::vector<Bound> arguments) {
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(context).BindScalarFunction(kPgCatalog, name,
                                                                  std::move(arguments), error);
  if (!bound) error.Throw();
  return bound;
}

/// A json column keeps its text: to write all of it anew where one member is read would be dear.
Bound BindAsJsonb(duckdb::FunctionBindExpressionInput& input) {
  auto& child = input.children[0];
  const LogicalType type = child->return_type;
  if (type.IsJSONType()) return std::move(child);
  auto json = duckdb::BoundCastExpression::AddCastToType(input.context, std::move(child),
                                                         LogicalType::JSON());
  duckdb::vector<Bound> arguments;
  arguments.push_back(std::move(json));
  return type.id() == LogicalTypeId::VARCHAR
             ? CallBound(input.context, kJsonbOf, std::move(arguments))
             : std::move(arguments[0]);
}

/// A constant in PostgreSQL's notation of an array becomes one.
void ReadArray(Bound& operand, const LogicalType& other) {
  if (other.id() != LogicalTypeId::LIST ||
      operand->GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) {
    return;
  }
  const auto& value = operand->Cast<duckdb::BoundConstantExpression>().value;
  if (value.IsNull() || value.type().id() != LogicalTypeId::VARCHAR) return;
  const std::string& text = duckdb::StringValue::Get(value);
  if (text.find_first_not_of(" \t\r\n") == text.npos ||
      text[text.find_first_not_of(" \t\r\n")] != '{') {
    return;
  }
  const char* why = nullptr;
  auto array = postgres_catalog::ParseArrayLiteral(text, &why);
  if (!array) ThrowSql("22P02", "malformed array literal: \"" + text + "\"", why);
  operand = duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(*array));
}

Bound BindEquals(duckdb::FunctionBindExpressionInput& input) {
  auto& context = input.context;
  auto& left = input.children[0];
  auto& right = input.children[1];
  if (left->return_type.IsJSONType() || right->return_type.IsJSONType()) {
    duckdb::vector<Bound> arguments;
    for (Bound* side : {&left, &right})
      arguments.push_back(duckdb::BoundCastExpression::AddCastToType(context, std::move(*side),
                                                                     LogicalType::JSON()));
    return CallBound(context, kJsonbEquals, std::move(arguments));
  }
  ReadArray(left, right->return_type);
  ReadArray(right, left->return_type);
  auto type = duckdb::BoundComparisonExpression::BindComparison(
      context, duckdb::ExpressionBinder::GetExpressionReturnType(*left),
      duckdb::ExpressionBinder::GetExpressionReturnType(*right),
      duckdb::ExpressionType::COMPARE_EQUAL);
  for (Bound* side : {&left, &right}) {
    *side = duckdb::BoundCastExpression::AddCastToType(context, std::move(*side), type);
    duckdb::ExpressionBinder::PushCollation(context, *side, type);
  }
  return duckdb::make_uniq<duckdb::BoundComparisonExpression>(duckdb::ExpressionType::COMPARE_EQUAL,
                                                              std::move(left), std::move(right));
}

Bound BindWithArray(duckdb::FunctionBindExpressionInput& input) {
  auto& children = input.children;
  const auto* name = children[0]->GetExpressionClass() == ExpressionClass::BOUND_CONSTANT
                         ? &children[0]->Cast<duckdb::BoundConstantExpression>().value
                         : nullptr;
  if (!name || name->IsNull() || name->type().id() != LogicalTypeId::VARCHAR)
    ThrowSql("42883", std::string(kWithArray) + " takes an operator and two operands");
  const std::string op = duckdb::StringValue::Get(*name);
  ReadArray(children[1], children[2]->return_type);
  ReadArray(children[2], children[1]->return_type);
  duckdb::vector<Bound> operands;
  for (size_t i : {1, 2}) operands.push_back(std::move(children[i]));
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(input.context)
                   .BindScalarFunction(op == "&&" ? DEFAULT_SCHEMA : kPgCatalog, op,
                                       std::move(operands), error, op == "&&");
  if (!bound) error.Throw();
  return bound;
}

/// @> and <@: of arrays where one of the two is one, else of json.
Bound BindContainment(duckdb::FunctionBindExpressionInput& input, bool contained) {
  auto& children = input.children;
  const LogicalType given[] = {children[0]->return_type, children[1]->return_type};
  bool lists = false;
  for (size_t i : {0, 1}) {
    lists = lists || given[i].id() == LogicalTypeId::LIST;
    ReadArray(children[i], given[1 - i]);
    if (children[i]->return_type != given[i])
      children[i] = duckdb::BoundCastExpression::AddCastToType(
          input.context, std::move(children[i]), given[1 - i]);
  }
  if (lists && contained) std::swap(children[0], children[1]);
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(input.context)
                   .BindScalarFunction(lists ? DEFAULT_SCHEMA : kPgCatalog,
                                       lists       ? "list_has_all"
                                       : contained ? "<@"
                                                   : "@>",
                                       std::move(children), error);
  if (!bound) error.Throw();
  return bound;
}
Bound BindContains(duckdb::FunctionBindExpressionInput& input) {
  return BindContainment(input, false);
}
Bound BindContained(duckdb::FunctionBindExpressionInput& input) {
  return BindContainment(input, true);
}

bool LooksLikeValue(const duckdb::ParsedExpression& expression) {
  const std::string* text = TextConstant(expression);
  if (!text) return false;
  size_t first = text->find_first_not_of(" \t\r\n");
  return first != text->npos && ((*text)[first] == '{' || (*text)[first] == '[');
}

}  // namespace

void CastToJsonb(Expression& expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  if (cast.try_cast || WrittenTypeName(cast.cast_type) != "jsonb" || TextConstant(*cast.child))
    return;
  std::string alias = expression->GetAlias();
  duckdb::vector<Expression> arguments;
  // A parameter takes its type from the cast.
  bool parameter = cast.child->GetExpressionClass() == ExpressionClass::PARAMETER;
  if (parameter) {
    arguments.push_back(std::move(expression));
  } else {
    arguments.push_back(std::move(cast.child));
  }
  expression = Call(parameter ? kJsonbOf : kAsJsonb, std::move(arguments));
  expression->SetAlias(alias);
}

bool MakesJsonb(const std::string& function) {
  static const std::unordered_set<std::string_view> names = {
      kAsJsonb,         kJsonbOf,          "jsonb_delete",       "jsonb_delete_path",
      "to_jsonb",       "jsonb_set",       "jsonb_build_object", "jsonb_build_array",
      "jsonb_array_of", "jsonb_object_of", "jsonb_insert",       "jsonb_strip_nulls",
      "jsonb_concat",   "jsonb_object",    "jsonb_extract_path", "jsonb_array_elements"};
  return names.contains(function);
}

bool IsJsonb(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::FUNCTION) {
    const auto& function = expression.Cast<duckdb::FunctionExpression>();
    const std::string& name = function.function_name;
    return name == kAsJsonb || name == kJsonbOf || name == "jsonb_delete" ||
           (name == "subtract" && IsJsonb(*function.children[0]));
  }
  return expression.GetExpressionClass() == ExpressionClass::CAST &&
         WrittenTypeName(expression.Cast<duckdb::CastExpression>().cast_type) == "jsonb";
}

namespace {

/// Of `x IN (…)` with a constant that may be json or an array: each is compared by value.
void FindByValue(Expression& expression, bool negated) {
  auto& list = expression->Cast<duckdb::OperatorExpression>().children;
  // It is written as often as there are constants.
  auto kind = list[0]->GetExpressionClass();
  if (kind != ExpressionClass::COLUMN_REF && !IsJsonb(*list[0])) return;
  if (list[0]->HasSubquery() ||
      std::none_of(list.begin() + 1, list.end(),
                   [](const Expression& one) { return LooksLikeValue(*one); })) {
    return;
  }
  auto any =
      duckdb::make_uniq<duckdb::ConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_OR);
  for (size_t i = 1; i < list.size(); ++i) {
    duckdb::vector<Expression> arguments;
    arguments.push_back(list[0]->Copy());
    arguments.push_back(std::move(list[i]));
    any->children.push_back(Call(kEquals, std::move(arguments)));
  }
  std::string alias = expression->GetAlias();
  if (any->children.size() == 1) {
    expression = std::move(any->children[0]);
  } else {
    expression = std::move(any);
  }
  if (negated) {
    expression = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_NOT,
                                                               std::move(expression));
  }
  expression->SetAlias(alias);
}

}  // namespace

void CompareByValue(Expression& expression) {
  auto type = expression->GetExpressionType();
  if (type == duckdb::ExpressionType::COMPARE_IN ||
      type == duckdb::ExpressionType::COMPARE_NOT_IN) {
    return FindByValue(expression, type == duckdb::ExpressionType::COMPARE_NOT_IN);
  }
  bool unequal = type == duckdb::ExpressionType::COMPARE_NOTEQUAL;
  if (type != duckdb::ExpressionType::COMPARE_EQUAL && !unequal) return;
  auto& comparison = expression->Cast<duckdb::ComparisonExpression>();
  bool json = IsJsonb(*comparison.left) || IsJsonb(*comparison.right);
  bool constant = !TextConstant(*comparison.left) != !TextConstant(*comparison.right) &&
                  (LooksLikeValue(*comparison.left) || LooksLikeValue(*comparison.right));
  if (!json && !constant) return;
  std::string alias = expression->GetAlias();
  duckdb::vector<Expression> arguments;
  arguments.push_back(std::move(comparison.left));
  arguments.push_back(std::move(comparison.right));
  expression = Call(kEquals, std::move(arguments));
  if (unequal) {
    expression = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_NOT,
                                                               std::move(expression));
  }
  expression->SetAlias(alias);
}

void ReadArrayOperand(Expression& expression) {
  auto& function = expression->Cast<duckdb::FunctionExpression>();
  auto& operands = function.children;
  if (operands.size() != 2 || (!LooksLikeValue(*operands[0]) && !LooksLikeValue(*operands[1])))
    return;
  duckdb::vector<Expression> arguments;
  arguments.push_back(
      duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(function.function_name)));
  for (auto& operand : operands) arguments.push_back(std::move(operand));
  std::string alias = expression->GetAlias();
  expression = Call(kWithArray, std::move(arguments));
  expression->SetAlias(alias);
}

void RegisterJsonb(FunctionRegistrar& registrar) {
  const LogicalType json = LogicalType::JSON();
  registrar.AddPgScalar(kJsonbOf, {Fallible({json}, json, JsonbOf)});
  registrar.AddPgScalar(kJsonbEquals, {Fallible({json, json}, LogicalType::BOOLEAN, JsonbEquals)});
  auto as_jsonb = SeesNulls(Fallible({LogicalType::ANY}, json, nullptr));
  as_jsonb.SetBindExpressionCallback(BindAsJsonb);
  registrar.AddPgScalar(kAsJsonb, {as_jsonb});
  auto equals =
      SeesNulls(Fallible({LogicalType::ANY, LogicalType::ANY}, LogicalType::BOOLEAN, nullptr));
  equals.SetBindExpressionCallback(BindEquals);
  registrar.AddPgScalar(kEquals, {equals});
  auto with_array = SeesNulls(Fallible({LogicalType::VARCHAR, LogicalType::ANY, LogicalType::ANY},
                                       LogicalType::BOOLEAN, nullptr));
  with_array.SetBindExpressionCallback(BindWithArray);
  registrar.AddPgScalar(kWithArray, {with_array});
  auto contains =
      SeesNulls(Fallible({LogicalType::ANY, LogicalType::ANY}, LogicalType::BOOLEAN, nullptr));
  contains.SetBindExpressionCallback(BindContains);
  registrar.AddPgScalar("contains_all", {contains});
  contains.SetBindExpressionCallback(BindContained);
  registrar.AddPgScalar("contained_in", {contains});
}

}  // namespace skein::engine
