#include "engine/postgres_functions/operand_types.h"

#include <algorithm>
#include <string>
#include <utility>

#include "duckdb/common/string_util.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_parameter_expression.hpp"
#include "duckdb/planner/expression_binder.hpp"
#include "duckdb/planner/planner.hpp"

#include "engine/parameters.h"
#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/numeric.h"
#include "engine/postgres_functions/numeric_division.h"
#include "engine/postgres_functions/registrar.h"
#include "engine/postgres_functions/type_names.h"
#include "engine/statement_expressions.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::ParsedExpression;

/// (schema, operator, operand, operand ...).
constexpr const char* kFunction = "operands_like";
constexpr size_t kFirstOperand = 2;
// What is no function of the engine's.
constexpr const char* kCompared = "compared";
constexpr const char* kAny = "any";

const LogicalType kNone(LogicalTypeId::INVALID);

bool IsOpen(const LogicalType& type) {
  return type.id() == LogicalTypeId::UNKNOWN || type.id() == LogicalTypeId::INVALID;
}

/// The operator that PostgreSQL writes, where the dialect made a function of it.
std::string OperatorOf(const std::string& name) {
  if (name == "concatenate") return "||";
  if (name == "contains_all") return "@>";
  if (name == "contained_in") return "<@";
  return name == "subtract" ? "-" : name;
}

LogicalType OfConcatenation(const LogicalType& other) {
  bool same = other.IsJSONType() || other.id() == LogicalTypeId::LIST ||
              other.id() == LogicalTypeId::BLOB || other.id() == LogicalTypeId::BIT;
  return same ? other : LogicalType(LogicalType::VARCHAR);
}

/// With + - * / beside a time.
LogicalType OfTimes(const std::string& op, const LogicalType& other, bool left) {
  switch (other.id()) {
    case LogicalTypeId::DATE:
    case LogicalTypeId::TIME:
      // A date and a number, an interval or a time: PostgreSQL does not choose.
      return op == "-" ? other : kNone;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ:
      return op == "-" ? other : op == "+" ? LogicalType(LogicalType::INTERVAL) : kNone;
    case LogicalTypeId::INTERVAL:
      if (op == "+" || op == "-") return other;
      return op == "*" || !left ? LogicalType(LogicalType::DOUBLE) : kNone;
    default:
      return kNone;
  }
}

/// What the operand beside one of type `other` is; `left` when it stands before it.
LogicalType OperandBeside(const std::string& op, const LogicalType& other, bool left) {
  if (op == kCompared) return NumberBeside(other);
  if (op == kAny) return LogicalType::LIST(NumberBeside(other));
  if (op == "||") return OfConcatenation(other);
  if (op == "@>" || op == "<@" || op == "&&") return other;
  if (other.IsJSONType()) return op == "-" && !left ? LogicalType(LogicalType::VARCHAR) : kNone;
  if (op == "<<" || op == ">>")
    return other.IsIntegral() ? LogicalType(LogicalType::INTEGER) : kNone;
  if (op == "&" || op == "|") return other.IsIntegral() ? other : kNone;
  if (op == "^" || op == "**") {
    if (other.id() == LogicalTypeId::DECIMAL) return NumberBeside(other);
    return other.IsNumeric() ? LogicalType(LogicalType::DOUBLE) : kNone;
  }
  if (other.IsNumeric()) return NumberBeside(other);
  return op == "%" ? kNone : OfTimes(op, other, left);
}

bool HasOperandTypes(const std::string& op) {
  static const std::vector<std::string> operators = {"+", "-",  "*",  "/",  "%",  "^",  "**", "&",
                                                     "|", "<<", ">>", "||", "@>", "<@", "&&"};
  return std::find(operators.begin(), operators.end(), op) != operators.end();
}

void SetType(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::Expression>& operand,
             const LogicalType& type) {
  auto& parameter = operand->Cast<duckdb::BoundParameterExpression>();
  // The first place says it, as in PostgreSQL.
  if (!IsOpen(parameter.parameter_data->return_type)) {
    parameter.return_type = parameter.parameter_data->return_type;
  } else if (!IsOpen(type)) {
    operand = duckdb::BoundCastExpression::AddCastToType(context, std::move(operand), type);
  }
}

bool IsOpenParameter(const duckdb::Expression& operand) {
  return operand.GetExpressionClass() == ExpressionClass::BOUND_PARAMETER &&
         IsOpen(operand.return_type);
}

const std::string* ConstantText(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return nullptr;
  const auto& value = expression.Cast<duckdb::BoundConstantExpression>().value;
  if (value.IsNull() || value.type().id() != LogicalTypeId::VARCHAR) return nullptr;
  return &duckdb::StringValue::Get(value);
}

bool IsArithmetic(const std::string& op) {
  return op == "+" || op == "-" || op == "*" || op == "/" || op == "%" || op == "^" || op == "**";
}

/// The number that `text` is in PostgreSQL, which reads no fraction as an integer.
duckdb::Value NumberOf(const std::string& text, const LogicalType& type) {
  auto refuse = [&](const LogicalType& name) {
    ThrowSql("22P02", "invalid input syntax for type " + PgTypeofName(name) + ": \"" + text + "\"");
  };
  if (type.IsIntegral()) {
    size_t first = text.find_first_not_of(" \t\r\n");
    size_t last = text.find_last_not_of(" \t\r\n");
    size_t digits = first == text.npos                         ? first
                    : text.find_first_of("+-", first) == first ? first + 1
                                                               : first;
    if (digits == text.npos || digits > last ||
        text.substr(digits, last - digits + 1).find_first_not_of("0123456789") != text.npos) {
      refuse(type);
    }
  }
  LogicalType target = type;
  if (type.id() == LogicalTypeId::DECIMAL) {
    auto fitting = FittingDecimal(text);
    if (!fitting) refuse(type);
    target = LogicalType::DECIMAL(fitting->width, fitting->scale);
  }
  duckdb::Value value;
  std::string error;
  if (!duckdb::Value(text).DefaultTryCastAs(target, value, &error)) {
    if (!type.IsIntegral()) refuse(type);
    ThrowSql("22003", "value \"" + text + "\" is out of range for type " + PgTypeofName(type));
  }
  return value;
}

duckdb::unique_ptr<duckdb::Expression> Bind(duckdb::FunctionBindExpressionInput& input) {
  auto& children = input.children;
  const std::string* schema = children.empty() ? nullptr : ConstantText(*children[0]);
  const std::string* name = children.size() < 2 ? nullptr : ConstantText(*children[1]);
  if (!schema || !name || children.size() < kFirstOperand + 2)
    ThrowSql("42883", std::string(kFunction) + " takes a schema, an operator and operands");
  const std::string op = OperatorOf(*name);
  const bool arithmetic = IsArithmetic(op);
  for (size_t known = kFirstOperand; known < children.size(); ++known) {
    const LogicalType other = children[known]->return_type;
    if (arithmetic && ConstantText(*children[known])) continue;
    if (IsOpen(other) || other.id() == LogicalTypeId::SQLNULL) continue;
    for (size_t i = kFirstOperand; i < children.size(); ++i) {
      if (IsOpenParameter(*children[i]))
        SetType(input.context, children[i], OperandBeside(op, other, i < known));
      if (i != known && arithmetic)
        ReadLiteralOperand(input.context, children[i], *children[known], op, i < known);
    }
    break;
  }
  if (op == kCompared || op == kAny)
    return duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value(LogicalType::BOOLEAN));
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> operands;
  for (size_t i = kFirstOperand; i < children.size(); ++i)
    operands.push_back(std::move(children[i]));
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(input.context)
                   .BindScalarFunction(schema->empty() ? DEFAULT_SCHEMA : *schema, *name,
                                       std::move(operands), error, true);
  if (!bound) error.Throw();
  return bound;
}

/// Marks the operators of one statement.
class Marker {
 public:
  Marker(OpenOperands& open, const std::vector<LogicalType>& types) : open_(open), types_(types) {}

  void Visit(Expression& expression) {
    switch (expression->GetExpressionClass()) {
      case ExpressionClass::FUNCTION: {
        auto& function = expression->Cast<duckdb::FunctionExpression>();
        bool ours = function.schema.empty() || function.schema == kPgCatalog;
        if (function.children.size() != 2 || !ours ||
            !HasOperandTypes(OperatorOf(function.function_name))) {
          return;
        }
        if (Note(function.children, open_.of_operators)) {
          std::string schema = function.schema;
          std::string name = function.function_name;
          Mark(expression, schema, name, std::move(function.children));
        }
        return;
      }
      case ExpressionClass::COMPARISON: {
        auto& comparison = expression->Cast<duckdb::ComparisonExpression>();
        Compared(expression, {&comparison.left, &comparison.right});
        return;
      }
      case ExpressionClass::BETWEEN: {
        auto& between = expression->Cast<duckdb::BetweenExpression>();
        Compared(expression, {&between.input, &between.lower, &between.upper});
        return;
      }
      case ExpressionClass::OPERATOR: {
        auto type = expression->GetExpressionType();
        if (type != duckdb::ExpressionType::COMPARE_IN &&
            type != duckdb::ExpressionType::COMPARE_NOT_IN) {
          return;
        }
        std::vector<Expression*> operands;
        for (auto& child : expression->Cast<duckdb::OperatorExpression>().children)
          operands.push_back(&child);
        Compared(expression, operands);
        return;
      }
      case ExpressionClass::SUBQUERY:
        AnyOf(expression);
        return;
      default:
        return;
    }
  }

 private:
  bool IsUntyped(const ParsedExpression& expression) const {
    return expression.GetExpressionClass() == ExpressionClass::PARAMETER &&
           DeclaredType(expression, types_).id() == LogicalTypeId::INVALID;
  }

  /// Whether one of them is a parameter without a type, and another is none.
  template <typename Operands>
  bool Note(const Operands& operands, std::vector<size_t>& numbers) const {
    auto untyped = [&](const auto& one) { return IsUntyped(Of(one)); };
    auto count = std::count_if(operands.begin(), operands.end(), untyped);
    if (count == 0 || static_cast<size_t>(count) == operands.size()) return false;
    for (const auto& one : operands) {
      if (untyped(one)) NoteNumber(Of(one), numbers);
    }
    return true;
  }
  static const ParsedExpression& Of(const Expression& expression) { return *expression; }
  static const ParsedExpression& Of(const Expression* expression) { return **expression; }

  static void NoteNumber(const ParsedExpression& parameter, std::vector<size_t>& numbers) {
    const std::string& name = parameter.Cast<duckdb::ParameterExpression>().identifier;
    if (name.size() < 6 && name.find_first_not_of("0123456789") == name.npos)
      numbers.push_back(std::stoul(name));
  }

  void Compared(Expression& expression, const std::vector<Expression*>& operands) {
    if (!Note(operands, open_.of_comparisons)) return;
    duckdb::vector<Expression> moved;
    for (Expression* operand : operands) moved.push_back(std::move(*operand));
    Mark(expression, "", kCompared, std::move(moved));
  }

  /// DuckDB's parser makes a subquery of an array: SELECT unnest(array).
  void AnyOf(Expression& expression) {
    auto& subquery = expression->Cast<duckdb::SubqueryExpression>();
    if (subquery.subquery_type != duckdb::SubqueryType::ANY || !subquery.child ||
        IsUntyped(*subquery.child)) {
      return;
    }
    Expression* array = UnnestedBy(subquery);
    if (!array || !IsUntyped(**array)) return;
    NoteNumber(**array, open_.of_operators);
    duckdb::vector<Expression> operands;
    operands.push_back(std::move(subquery.child));
    operands.push_back(std::move(*array));
    Mark(expression, "", kAny, std::move(operands));
  }

  static Expression* UnnestedBy(duckdb::SubqueryExpression& subquery) {
    if (!subquery.subquery || subquery.subquery->node->type != duckdb::QueryNodeType::SELECT_NODE) {
      return nullptr;
    }
    auto& select = subquery.subquery->node->Cast<duckdb::SelectNode>();
    if (select.select_list.size() != 1 ||
        select.select_list[0]->GetExpressionClass() != ExpressionClass::FUNCTION) {
      return nullptr;
    }
    auto& function = select.select_list[0]->Cast<duckdb::FunctionExpression>();
    bool unnests = duckdb::StringUtil::CIEquals(function.function_name, "unnest") &&
                   function.children.size() == 1;
    return unnests ? &function.children[0] : nullptr;
  }

  static void Mark(Expression& expression, const std::string& schema, const std::string& name,
                   duckdb::vector<Expression> operands) {
    std::string alias = expression->GetAlias();
    duckdb::vector<Expression> arguments;
    for (const std::string& text : {schema, name})
      arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(text)));
    for (auto& operand : operands) arguments.push_back(std::move(operand));
    expression = Call(kFunction, std::move(arguments));
    expression->SetAlias(alias);
  }

  OpenOperands& open_;
  const std::vector<LogicalType>& types_;
};

}  // namespace

void ReadLiteralOperand(duckdb::ClientContext& context,
                        duckdb::unique_ptr<duckdb::Expression>& operand,
                        const duckdb::Expression& other, const std::string& op, bool left) {
  const std::string* text = ConstantText(*operand);
  if (!text || operand->return_type.IsJSONType()) return;
  const LogicalType given = other.GetExpressionClass() == ExpressionClass::BOUND_CONSTANT
                                ? other.Cast<duckdb::BoundConstantExpression>().value.type()
                                : duckdb::ExpressionBinder::GetExpressionReturnType(other);
  const LogicalType type = OperandBeside(op, given, left);
  if (IsOpen(type) || type.id() == LogicalTypeId::VARCHAR) return;
  if (type.IsNumeric()) {
    operand = duckdb::make_uniq<duckdb::BoundConstantExpression>(NumberOf(*text, type));
  } else {
    operand = duckdb::BoundCastExpression::AddCastToType(context, std::move(operand), type);
  }
}

void MarkLiteralOperand(Expression& expression) {
  auto& function = expression->Cast<duckdb::FunctionExpression>();
  const std::string name = function.function_name;
  if (!IsArithmetic(name) || function.children.size() != 2) return;
  const bool first = TextConstant(*function.children[0]) != nullptr;
  const bool second = TextConstant(*function.children[1]) != nullptr;
  if (first == second ||
      function.children[first ? 1 : 0]->GetExpressionClass() == ExpressionClass::PARAMETER) {
    return;
  }
  duckdb::vector<Expression> arguments;
  for (const std::string& text : {std::string(IsPgFunction(name) ? kPgCatalog : ""), name})
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(text)));
  for (auto& operand : function.children) arguments.push_back(std::move(operand));
  std::string alias = expression->GetAlias();
  expression = Call(kFunction, std::move(arguments));
  expression->SetAlias(alias);
}

LogicalType NumberBeside(const LogicalType& type) {
  if (type.id() != LogicalTypeId::DECIMAL) return type;
  int scale = duckdb::DecimalType::GetScale(type);
  int whole = duckdb::DecimalType::GetWidth(type) - scale;
  bool room = scale < kOpenScale && whole <= kMostDigits - kOpenScale;
  return room ? LogicalType::DECIMAL(kMostDigits, kOpenScale) : type;
}

OpenOperands FindOpenOperands(const duckdb::SQLStatement& statement,
                              const std::vector<LogicalType>& types) {
  OpenOperands open;
  open.marked = statement.Copy();
  Marker marker(open, types);
  VisitExpressions(*open.marked, [&](Expression& expression, ExpressionPlace) {
    marker.Visit(expression);
    return true;
  });
  return open;
}

void InferOperandTypes(duckdb::ClientContext& context, OpenOperands open,
                       std::vector<LogicalType>& types) {
  DeclareParameterTypes(*open.marked, types);
  duckdb::bound_parameter_map_t found;
  auto bind = [&] {
    duckdb::Planner planner(context);
    try {
      planner.CreatePlan(std::move(open.marked));
    } catch (const duckdb::Exception&) {
      // What is wrong with it the statement's own binding says.
    }
    found = planner.value_map;
  };
  if (context.transaction.HasActiveTransaction()) {
    bind();
  } else {
    context.RunFunctionInTransaction(bind);
  }
  auto take = [&](size_t number, bool numerics_only) {
    auto parameter = found.find(std::to_string(number));
    if (parameter == found.end()) return;
    const LogicalType& type = parameter->second->return_type;
    if (IsOpen(type) || type.id() == LogicalTypeId::SQLNULL || type.id() == LogicalTypeId::ANY ||
        (numerics_only && type.id() != LogicalTypeId::DECIMAL)) {
      return;
    }
    if (types.size() < number) types.resize(number, kNone);
    if (types[number - 1].id() == LogicalTypeId::INVALID) types[number - 1] = type;
  };
  for (size_t number : open.of_operators) take(number, false);
  for (size_t number : open.of_comparisons) take(number, true);
}

void RegisterOperandTypes(FunctionRegistrar& registrar) {
  auto function =
      SeesNulls(Fallible({LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::ANY, nullptr));
  function.varargs = LogicalType::ANY;
  function.SetBindExpressionCallback(Bind);
  registrar.AddPgScalar(kFunction, {function});
}

}  // namespace skein::engine
