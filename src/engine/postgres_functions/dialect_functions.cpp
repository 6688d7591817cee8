#include "engine/postgres_functions/dialect_functions.h"

#include <algorithm>
#include <unordered_set>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref.hpp"

#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::FunctionExpression;
using duckdb::ParsedExpression;
using duckdb::StringUtil;

bool MayHoldBackslash(const ParsedExpression& pattern) {
  const std::string* constant = TextConstant(pattern);
  return !constant || constant->find('\\') != constant->npos;
}

const char* LikeWithEscape(const std::string& op) {
  if (op == "~~") return "like_escape";
  if (op == "!~~") return "not_like_escape";
  if (op == "~~*") return "ilike_escape";
  if (op == "!~~*") return "not_ilike_escape";
  return nullptr;
}

/// Whether it is a whole number in the text, and at least `least`.
bool IsNumberFrom(const ParsedExpression& expression, int64_t least) {
  if (expression.GetExpressionClass() != ExpressionClass::CONSTANT) return false;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  return !value.IsNull() && value.type().IsIntegral() && value.GetValue<int64_t>() >= least;
}

/// The values of ROW(...), which may be written twice.
duckdb::vector<Expression>* RowOf(ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::FUNCTION || expression.HasSubquery())
    return nullptr;
  auto& function = expression.Cast<FunctionExpression>();
  bool row = function.function_name == "row" && !function.children.empty();
  return row ? &function.children : nullptr;
}

/// Goes over blanks and comments.
void SkipBlanks(const std::string& text, size_t* at) {
  while (*at < text.size()) {
    size_t end = *at;
    if (StringUtil::CharacterIsSpace(text[*at])) {
      end = *at + 1;
    } else if (text.compare(*at, 2, "--") == 0) {
      end = text.find('\n', *at);
    } else if (text.compare(*at, 2, "/*") == 0) {
      end = text.find("*/", *at);
      if (end != text.npos) end += 2;
    } else {
      return;
    }
    *at = std::min(end, text.size());
  }
}

/// Goes over `word`, which is in lower case, and the blanks before it, if it stands there.
bool TakeWord(const std::string& text, const std::string& word, size_t* at) {
  SkipBlanks(text, at);
  if (*at >= text.size() || WordAt(text, *at) != word) return false;
  *at += word.size();
  return true;
}

bool IsZero(const ParsedExpression& expression) {
  return IsNumberFrom(expression, 0) && !IsNumberFrom(expression, 1);
}

}  // namespace

void RewriteSubstring(Expression& expression) {
  auto& function = expression->Cast<FunctionExpression>();
  auto& arguments = function.children;
  bool plain =
      IsNumberFrom(*arguments[1], 1) && (arguments.size() == 2 || IsNumberFrom(*arguments[2], 0));
  if (plain) return;
  if (arguments.size() == 3) {
    expression = Call("text_substr", std::move(arguments));
  } else if (arguments[1]->GetExpressionClass() == ExpressionClass::CONSTANT &&
             !TextConstant(*arguments[1])) {
    expression = Call("text_substr", std::move(arguments));
  } else {
    // A text is a pattern: the overloads tell.
    function.catalog = SYSTEM_CATALOG;
    function.schema = kPgCatalog;
  }
}

void ReadSeriesOfTimes(duckdb::vector<Expression>& arguments) {
  if (arguments.size() != 3 || arguments[0]->GetExpressionClass() != ExpressionClass::CAST) return;
  const auto type = arguments[0]->Cast<duckdb::CastExpression>().cast_type;
  std::string name = WrittenTypeName(type);
  if (name.rfind("timestamp", 0) != 0 && name != "date") return;
  auto cast = [&](Expression& argument, const duckdb::LogicalType& to) {
    argument = duckdb::make_uniq<duckdb::CastExpression>(to, std::move(argument));
  };
  if (name == "date") {
    // Of dates PostgreSQL makes timestamps with time zone.
    bool ends_at_date =
        TextConstant(*arguments[1]) ||
        (arguments[1]->GetExpressionClass() == ExpressionClass::CAST &&
         WrittenTypeName(arguments[1]->Cast<duckdb::CastExpression>().cast_type) == "date");
    cast(arguments[0], duckdb::LogicalType::TIMESTAMP_TZ);
    if (ends_at_date) cast(arguments[1], duckdb::LogicalType::TIMESTAMP_TZ);
  } else if (TextConstant(*arguments[1])) {
    cast(arguments[1], type);
  }
  if (TextConstant(*arguments[2])) {
    arguments[2] = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::INTERVAL,
                                                             std::move(arguments[2]));
  }
}

bool ReadAnyOfArray(Expression& expression) {
  auto& subquery = expression->Cast<duckdb::SubqueryExpression>();
  if (subquery.subquery_type != duckdb::SubqueryType::ANY || !subquery.child ||
      !subquery.subquery || subquery.subquery->node->type != duckdb::QueryNodeType::SELECT_NODE) {
    return false;
  }
  // DuckDB's parser makes a subquery of an array: SELECT unnest(array).
  const auto& select = subquery.subquery->node->Cast<duckdb::SelectNode>();
  if (select.select_list.size() != 1 ||
      select.select_list[0]->GetExpressionClass() != ExpressionClass::FUNCTION ||
      (select.from_table && select.from_table->type != duckdb::TableReferenceType::EMPTY_FROM)) {
    return false;
  }
  const auto& unnest = select.select_list[0]->Cast<FunctionExpression>();
  if (!StringUtil::CIEquals(unnest.function_name, "unnest") || unnest.children.size() != 1)
    return false;
  auto array = unnest.children[0]->Copy();
  if (const std::string* text = TextConstant(*array)) {
    array = PostgresLiteral(*text, kArrayType);
    if (!array) return false;
  }
  if (array->GetExpressionClass() != ExpressionClass::CONSTANT) return false;
  const auto& value = array->Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type() != duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR))
    return false;
  const auto& elements = duckdb::ListValue::GetChildren(value);
  const auto comparison = subquery.comparison_type;
  // A NULL without a type fits every list.
  auto constant = [](const duckdb::Value& element) -> Expression {
    return duckdb::make_uniq<duckdb::ConstantExpression>(element.IsNull() ? duckdb::Value()
                                                                          : element);
  };
  Expression any;
  if (elements.empty()) {
    // Nothing is any of them, not even NULL.
    any = duckdb::make_uniq<duckdb::ComparisonExpression>(
        duckdb::ExpressionType::COMPARE_DISTINCT_FROM, subquery.child->Copy(),
        std::move(subquery.child));
  } else if (comparison == duckdb::ExpressionType::COMPARE_EQUAL) {
    auto in = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::COMPARE_IN,
                                                            std::move(subquery.child));
    for (const auto& element : elements) in->children.push_back(constant(element));
    any = std::move(in);
  } else {
    if (subquery.child->HasSubquery()) return false;
    auto or_ =
        duckdb::make_uniq<duckdb::ConjunctionExpression>(duckdb::ExpressionType::CONJUNCTION_OR);
    for (const auto& element : elements) {
      or_->children.push_back(duckdb::make_uniq<duckdb::ComparisonExpression>(
          comparison, subquery.child->Copy(), constant(element)));
    }
    any = or_->children.size() == 1 ? std::move(or_->children[0]) : std::move(or_);
  }
  any->SetAlias(expression->GetAlias());
  expression = std::move(any);
  return true;
}

void CompareRows(Expression& expression) {
  using duckdb::ExpressionType;
  auto& comparison = expression->Cast<duckdb::ComparisonExpression>();
  auto* left = RowOf(*comparison.left);
  auto* right = RowOf(*comparison.right);
  if (!left || !right || left->size() != right->size()) return;
  const ExpressionType type = expression->GetExpressionType();
  // Of two that differ the first decides, and only the last may be equal.
  ExpressionType strict = type;
  if (type == ExpressionType::COMPARE_LESSTHANOREQUALTO) strict = ExpressionType::COMPARE_LESSTHAN;
  if (type == ExpressionType::COMPARE_GREATERTHANOREQUALTO)
    strict = ExpressionType::COMPARE_GREATERTHAN;
  bool equal = type == ExpressionType::COMPARE_EQUAL;
  bool unequal = type == ExpressionType::COMPARE_NOTEQUAL;
  if (!equal && !unequal && strict != ExpressionType::COMPARE_LESSTHAN &&
      strict != ExpressionType::COMPARE_GREATERTHAN) {
    return;
  }
  auto compared = [&](size_t i, ExpressionType how) -> Expression {
    return duckdb::make_uniq<duckdb::ComparisonExpression>(how, (*left)[i]->Copy(),
                                                           (*right)[i]->Copy());
  };
  auto both = [](ExpressionType how, Expression one, Expression other) -> Expression {
    return duckdb::make_uniq<duckdb::ConjunctionExpression>(how, std::move(one), std::move(other));
  };
  Expression result = compared(left->size() - 1, type);
  for (size_t i = left->size() - 1; i-- > 0;) {
    if (equal || unequal) {
      result = both(equal ? ExpressionType::CONJUNCTION_AND : ExpressionType::CONJUNCTION_OR,
                    compared(i, type), std::move(result));
    } else {
      result = both(ExpressionType::CONJUNCTION_OR, compared(i, strict),
                    both(ExpressionType::CONJUNCTION_AND,
                         compared(i, ExpressionType::COMPARE_EQUAL), std::move(result)));
    }
  }
  result->SetAlias(expression->GetAlias());
  expression = std::move(result);
}

void WidenSymmetric(Expression& expression, const std::string& text) {
  using duckdb::ExpressionType;
  // NOT BETWEEN is what the text has a place of.
  const auto location = expression->GetQueryLocation();
  Expression* found = &expression;
  if (expression->GetExpressionType() == ExpressionType::OPERATOR_NOT)
    found = &expression->Cast<duckdb::OperatorExpression>().children[0];
  if ((*found)->GetExpressionClass() != ExpressionClass::BETWEEN || !location.IsValid()) return;
  size_t at = location.GetIndex();
  if (found != &expression && !TakeWord(text, "not", &at)) return;
  if (!TakeWord(text, "between", &at) || !TakeWord(text, "symmetric", &at)) return;
  auto& between = (*found)->Cast<duckdb::BetweenExpression>();
  auto one_way = [&](const Expression& lower, const Expression& upper) -> Expression {
    return duckdb::make_uniq<duckdb::BetweenExpression>(between.input->Copy(), lower->Copy(),
                                                        upper->Copy());
  };
  Expression either = duckdb::make_uniq<duckdb::ConjunctionExpression>(
      ExpressionType::CONJUNCTION_OR, one_way(between.lower, between.upper),
      one_way(between.upper, between.lower));
  either->SetAlias((*found)->GetAlias());
  *found = std::move(either);
}

void TestRowForNull(Expression& expression) {
  using duckdb::ExpressionType;
  const ExpressionType type = expression->GetExpressionType();
  if (type != ExpressionType::OPERATOR_IS_NULL && type != ExpressionType::OPERATOR_IS_NOT_NULL)
    return;
  auto* values = RowOf(*expression->Cast<duckdb::OperatorExpression>().children[0]);
  if (!values) return;
  auto all = duckdb::make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND);
  for (auto& value : *values)
    all->children.push_back(duckdb::make_uniq<duckdb::OperatorExpression>(type, std::move(value)));
  std::string alias = expression->GetAlias();
  if (all->children.size() == 1) {
    expression = std::move(all->children[0]);
  } else {
    expression = std::move(all);
  }
  expression->SetAlias(alias);
}

void OrderDistinct(FunctionExpression& function) {
  static const std::unordered_set<std::string> lists = {
      "string_agg", "group_concat", "listagg", "array_agg", "list", "json_agg", "jsonb_agg"};
  if (!function.distinct || function.children.empty() ||
      (function.order_bys && !function.order_bys->orders.empty()) ||
      !lists.contains(StringUtil::Lower(function.function_name))) {
    return;
  }
  if (!function.order_bys) function.order_bys = duckdb::make_uniq<duckdb::OrderModifier>();
  function.order_bys->orders.emplace_back(duckdb::OrderType::ASCENDING,
                                          duckdb::OrderByNullType::NULLS_LAST,
                                          function.children[0]->Copy());
}

bool AreIntegers(const duckdb::vector<Expression>& arguments) {
  for (const auto& argument : arguments) {
    if (argument->GetExpressionClass() != ExpressionClass::CONSTANT) return false;
    const auto& value = argument->Cast<duckdb::ConstantExpression>().value;
    if (value.IsNull() || value.type() != duckdb::LogicalType::INTEGER) return false;
  }
  if (arguments.size() == 3 && IsZero(*arguments[2]))
    ThrowSql("22023", "step size cannot equal zero");
  return arguments.size() == 2 || arguments.size() == 3;
}

void RewriteDatePart(Expression& expression, bool extract) {
  auto& function = expression->Cast<FunctionExpression>();
  const std::string* constant = TextConstant(*function.children[0]);
  if (!constant) return;
  std::string part = StringUtil::Lower(*constant);
  duckdb::vector<Expression> arguments;
  std::string name = extract ? "extract_" : "date_part_";
  if (part == "second" || part == "seconds" || part == "s" || part == "sec") {
    name += "second";
  } else if (part == "millisecond" || part == "milliseconds" || part == "ms") {
    name += "millisecond";
  } else if (part == "epoch") {
    name += "epoch";
  } else if (part == "year" || part == "years" || part == "isoyear") {
    name += part == "isoyear" ? part : "year";
  } else {
    name += "whole";
    arguments.push_back(std::move(function.children[0]));
  }
  arguments.push_back(std::move(function.children[1]));
  expression = Call(name.c_str(), std::move(arguments));
}

bool BeginsWithOne(const ParsedExpression& field) {
  const std::string* constant = TextConstant(field);
  if (!constant) return false;
  const std::string name = StringUtil::Lower(*constant);
  return name == "century" || name == "centuries" || name == "millennium" ||
         name == "millenniums" || name == "millennia";
}

void RewriteJsonAggregate(Expression& expression, const JsonAggregate& aggregate) {
  auto& function = expression->Cast<FunctionExpression>();
  duckdb::vector<Expression> lists;
  for (auto& child : function.children) {
    duckdb::vector<Expression> one;
    one.push_back(std::move(child));
    auto order = duckdb::make_uniq<duckdb::OrderModifier>();
    if (function.order_bys)
      order = duckdb::unique_ptr_cast<duckdb::ResultModifier, duckdb::OrderModifier>(
          function.order_bys->Copy());
    lists.push_back(duckdb::make_uniq<FunctionExpression>(
        "list", std::move(one), function.filter ? function.filter->Copy() : nullptr,
        std::move(order), function.distinct));
  }
  expression = Call(aggregate.function, std::move(lists));
}

bool RewriteLike(const Expression& expression, const std::string& name) {
  auto& function = expression->Cast<FunctionExpression>();
  const char* escaped = LikeWithEscape(name);
  if (!escaped || function.children.size() != 2) return false;
  // DuckDB's plain patterns are faster.
  if (!MayHoldBackslash(*function.children[1])) return true;
  function.children.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value("\\")));
  function.function_name = escaped;
  function.is_operator = false;
  return true;
}

bool MayBeKeys(const ParsedExpression& expression) {
  if (TextConstant(expression)) return true;
  if (expression.GetExpressionClass() == ExpressionClass::CAST) {
    std::string type = WrittenTypeName(expression.Cast<duckdb::CastExpression>().cast_type);
    return type == "text" || type == "varchar" || type == kArrayType;
  }
  if (expression.GetExpressionClass() == ExpressionClass::FUNCTION)
    return expression.Cast<FunctionExpression>().function_name == kAsText;
  return expression.GetExpressionType() == duckdb::ExpressionType::ARRAY_CONSTRUCTOR;
}

void RewriteRowsInSelectList(Expression& expression, bool series) {
  auto& function = expression->Cast<FunctionExpression>();
  std::string alias = function.GetAlias();
  duckdb::vector<Expression> list;
  bool integers = series && AreIntegers(function.children);
  if (series) {
    ReadSeriesOfTimes(function.children);
    list.push_back(
        duckdb::make_uniq<FunctionExpression>("generate_series", std::move(function.children)));
  } else {
    list.push_back(Call("regexp_matches_list", std::move(function.children)));
  }
  expression = duckdb::make_uniq<FunctionExpression>("unnest", std::move(list));
  if (integers) {
    expression = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::INTEGER,
                                                           std::move(expression));
  }
  expression->SetAlias(alias);
}

}  // namespace skein::engine
