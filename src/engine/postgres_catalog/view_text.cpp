#include "engine/postgres_catalog/view_text.h"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/expression/type_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"

#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/names.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ExpressionClass;
using duckdb::FunctionExpression;
using duckdb::LogicalType;
using duckdb::StringUtil;
using Names = std::unordered_map<std::string_view, const char*>;

/// Functions of pg_catalog of two operands that stand for an operator.
const char* OperatorOf(const std::string& name) {
  static const Names operators = {{"*", "*"},
                                  {"/", "/"},
                                  {"%", "%"},
                                  {"-", "-"},
                                  {"@>", "@>"},
                                  {"<@", "<@"},
                                  {"contains_all", "@>"},
                                  {"contained_in", "<@"},
                                  {"concatenate", "||"},
                                  {"subtract", "-"},
                                  {"json_at_path", "#>"},
                                  {"json_text_at_path", "#>>"},
                                  {"textregexeq", "~"},
                                  {"textregexne", "!~"},
                                  {"texticregexeq", "~*"},
                                  {"texticregexne", "!~*"}};
  auto found = operators.find(name);
  return found == operators.end() ? nullptr : found->second;
}

/// Functions of every door that PostgreSQL has an operator for.
const char* JsonOperatorOf(const std::string& name) {
  static const Names operators = {{"jsonb_exists", "?"},
                                  {"jsonb_exists_any", "?|"},
                                  {"jsonb_exists_all", "?&"},
                                  {"jsonb_delete_path", "#-"},
                                  {"xor", "#"}};
  auto found = operators.find(name);
  return found == operators.end() ? nullptr : found->second;
}

/// A constant list of texts is written as PostgreSQL writes an array.
void AsArrayText(Expression& expression) {
  if (expression->GetExpressionClass() != ExpressionClass::CONSTANT) return;
  const auto& value = expression->Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type() != LogicalType::LIST(LogicalType::VARCHAR)) return;
  std::string text;
  for (const auto& element : duckdb::ListValue::GetChildren(value)) {
    text += text.empty() ? "{" : ",";
    if (element.IsNull()) {
      text += "NULL";
      continue;
    }
    text += '"';
    for (char c : duckdb::StringValue::Get(element)) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  text += text.empty() ? "{}" : "}";
  expression = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(text));
}

/// DuckDB's own, with the escape character behind.
const char* LikeOf(const std::string& name) {
  static const Names likes = {{"like_escape", "~~"},
                              {"not_like_escape", "!~~"},
                              {"ilike_escape", "~~*"},
                              {"not_ilike_escape", "!~~*"}};
  auto found = likes.find(name);
  return found == likes.end() ? nullptr : found->second;
}

const char* CastOf(const std::string& name) {
  static const Names casts = {
      {kAsText, "text"}, {"as_numeric", "numeric"}, {"as_jsonb", "jsonb"}, {"jsonb_of", "jsonb"}};
  auto found = casts.find(name);
  return found == casts.end() ? nullptr : found->second;
}

/// Other names of functions: pg_catalog's, and DuckDB's.
const char* NameOf(const std::string& name) {
  static const Names names = {
      {"type_name_of", "pg_typeof"},  {"sleep_for", "pg_sleep"},
      {"text_substr", "substr"},      {"date_part_whole", "date_part"},
      {"extract_whole", "date_part"}, {"date_trunc_from_one", "date_trunc"},
      {"list", "array_agg"},          {"regexp_matches_list", "regexp_matches"}};
  auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

/// The aggregate that json_array_of(list(x)) and its kin are.
const char* JsonAggregateOf(const std::string& name) {
  static const Names aggregates = {{"json_array_of", "json_agg"},
                                   {"jsonb_array_of", "jsonb_agg"},
                                   {"json_object_of", "json_object_agg"},
                                   {"jsonb_object_of", "jsonb_object_agg"}};
  auto found = aggregates.find(name);
  return found == aggregates.end() ? nullptr : found->second;
}

LogicalType NamedAs(const std::string& name, duckdb::vector<Expression> modifiers = {}) {
  return LogicalType::UNBOUND(
      duckdb::make_uniq<duckdb::TypeExpression>(name, std::move(modifiers)));
}

/// The names in a type as it was written; of text no length says that it is text.
void NameAsPostgres(Expression& tree) {
  if (tree->GetExpressionClass() != ExpressionClass::TYPE) return;
  auto& written = tree->Cast<duckdb::TypeExpression>();
  for (auto& child : written.GetChildren()) NameAsPostgres(child);
  if (!written.GetChildren().empty()) return;
  const std::string name = PostgresTypeName(written.GetTypeName());
  tree = duckdb::make_uniq<duckdb::TypeExpression>(name == "varchar" ? "text" : name,
                                                   duckdb::vector<Expression>());
}

/// PostgreSQL's name where DuckDB's is another; the type itself else.
LogicalType PostgresType(const LogicalType& type) {
  if (type.id() == duckdb::LogicalTypeId::UNBOUND) {
    const auto& written = duckdb::UnboundType::GetTypeExpression(type);
    if (!written) return type;
    Expression tree = written->Copy();
    NameAsPostgres(tree);
    return LogicalType::UNBOUND(std::move(tree));
  }
  if (type.HasAlias()) return type;
  switch (type.id()) {
    case duckdb::LogicalTypeId::VARCHAR:
      return NamedAs("text");
    case duckdb::LogicalTypeId::DOUBLE:
      return NamedAs("float8");
    case duckdb::LogicalTypeId::FLOAT:
      return NamedAs("float4");
    case duckdb::LogicalTypeId::BLOB:
      return NamedAs("bytea");
    case duckdb::LogicalTypeId::TINYINT:
      return NamedAs("smallint");
    case duckdb::LogicalTypeId::HUGEINT:
      return NamedAs("numeric");
    default:
      return type;
  }
}

class Writer {
 public:
  void Node(duckdb::QueryNode& node) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](Expression& child) { Expr(child); },
        [](duckdb::TableRef& ref) {
          if (ref.type != duckdb::TableReferenceType::BASE_TABLE) return;
          auto& table = ref.Cast<duckdb::BaseTableRef>();
          if (StringUtil::CIEquals(table.schema_name, DEFAULT_SCHEMA)) table.schema_name = "public";
        });
  }

  void Expr(Expression& expression) {
    if (!expression) return;
    if (expression->GetExpressionClass() == ExpressionClass::SUBQUERY)
      Node(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
    duckdb::ParsedExpressionIterator::EnumerateChildren(*expression,
                                                        [this](Expression& child) { Expr(child); });
    std::string alias = expression->GetAlias();
    if (expression->GetExpressionClass() == ExpressionClass::FUNCTION) Function(expression);
    if (expression->GetExpressionClass() == ExpressionClass::CAST) {
      auto& cast = expression->Cast<duckdb::CastExpression>();
      cast.cast_type = PostgresType(cast.cast_type);
    }
    expression->SetAlias(alias);
  }

 private:
  static void AsOperator(FunctionExpression& function, const char* name) {
    function.function_name = name;
    function.children.resize(2);
    function.is_operator = true;
  }

  static void AsCast(Expression& expression, const char* type) {
    auto child = std::move(expression->Cast<FunctionExpression>().children[0]);
    // What a parameter or a text was cast to before.
    if (child->GetExpressionClass() == ExpressionClass::CAST &&
        WrittenTypeName(child->Cast<duckdb::CastExpression>().cast_type) == type) {
      expression = std::move(child);
      return;
    }
    expression = duckdb::make_uniq<duckdb::CastExpression>(NamedAs(type), std::move(child));
  }

  static void AsAggregate(Expression& expression, const char* name) {
    auto& outer = expression->Cast<FunctionExpression>();
    duckdb::vector<Expression> arguments;
    for (auto& child : outer.children) {
      if (child->GetExpressionClass() != ExpressionClass::FUNCTION) return;
      auto& list = child->Cast<FunctionExpression>();
      if (list.children.size() != 1) return;
      arguments.push_back(list.children[0]->Copy());
    }
    auto first = outer.children[0]->Copy();
    auto& aggregate = first->Cast<FunctionExpression>();
    aggregate.function_name = name;
    aggregate.children = std::move(arguments);
    expression = std::move(first);
  }

  /// date_part_second(x), extract_epoch(x).
  static bool AsPart(Expression& expression, const std::string& name) {
    bool extract = name.starts_with("extract_");
    if (!extract && !name.starts_with("date_part_")) return false;
    auto& function = expression->Cast<FunctionExpression>();
    if (function.children.size() == 1) {
      std::string part = name.substr(name.rfind('_') + 1);
      function.children.insert(function.children.begin(),
                               duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(part)));
    }
    function.function_name = "date_part";
    // EXTRACT is a numeric; DuckDB's trees do not write it.
    if (extract) {
      expression =
          duckdb::make_uniq<duckdb::CastExpression>(NamedAs("numeric"), std::move(expression));
    }
    return true;
  }

  void Function(Expression& expression) {
    auto& function = expression->Cast<FunctionExpression>();
    const std::string name = StringUtil::Lower(function.function_name);
    size_t arguments = function.children.size();
    bool ours = StringUtil::CIEquals(function.schema, kPgCatalog);
    // What a call was put around has its name, which would be that of an argument.
    for (auto& child : function.children) {
      if (child && child->HasAlias() && child->GetAlias() == function.GetAlias())
        child->SetAlias("");
    }
    if (ours || (function.schema == DEFAULT_SCHEMA && !function.is_operator)) {
      function.schema.clear();
      function.catalog.clear();
    }
    if (arguments == 2) {
      AsArrayText(function.children[1]);
      if (const char* op = JsonOperatorOf(name)) return AsOperator(function, op);
    }
    if (ours && arguments == 2) {
      if (const char* op = OperatorOf(name)) return AsOperator(function, op);
      if (name == "similar_to") {
        duckdb::vector<Expression> pattern;
        pattern.push_back(std::move(function.children[1]));
        function.children[1] =
            duckdb::make_uniq<FunctionExpression>("similar_to_escape", std::move(pattern));
        return AsOperator(function, "~");
      }
      if (name == "equals_by_value") {
        expression = duckdb::make_uniq<duckdb::ComparisonExpression>(
            duckdb::ExpressionType::COMPARE_EQUAL, std::move(function.children[0]),
            std::move(function.children[1]));
        return;
      }
      if (name == "text_as_type_of") {
        auto text = std::move(function.children[0]);
        expression = std::move(text);
        return;
      }
    }
    if (ours && arguments == 3 && name == "operator_of_arrays" &&
        TextConstant(*function.children[0])) {
      const std::string op = *TextConstant(*function.children[0]);
      function.children.erase(function.children.begin());
      return AsOperator(function, op.c_str());
    }
    if (ours && arguments == 4 && name == "operands_like" && TextConstant(*function.children[1])) {
      const std::string op = *TextConstant(*function.children[1]);
      function.children.erase(function.children.begin(), function.children.begin() + 2);
      return AsOperator(function, op.c_str());
    }
    if (ours && arguments == 1 && (name == "interpolated" || name == "output_text")) {
      auto value = std::move(function.children[0]);
      expression = std::move(value);
      return;
    }
    if (ours && arguments == 1) {
      if (const char* type = CastOf(name)) return AsCast(expression, type);
    }
    if (ours && arguments > 0) {
      if (const char* aggregate = JsonAggregateOf(name)) return AsAggregate(expression, aggregate);
      if (AsPart(expression, name)) return;
    }
    if (arguments == 3 && TextConstant(*function.children[2]) &&
        *TextConstant(*function.children[2]) == "\\") {
      if (const char* like = LikeOf(name)) return AsOperator(function, like);
    }
    if (name == "count_star" && arguments == 0) {
      function.function_name = "count";
      function.children.push_back(duckdb::make_uniq<duckdb::StarExpression>());
      return;
    }
    if (const char* other = NameOf(name)) function.function_name = other;
  }
};

}  // namespace

std::string ExpressionText(const duckdb::ParsedExpression& expression) {
  Expression copy = expression.Copy();
  Writer().Expr(copy);
  return copy->ToString();
}

std::string ViewText(const duckdb::SelectStatement& query) {
  auto copy = query.Copy();
  auto& select = copy->Cast<duckdb::SelectStatement>();
  Writer().Node(*select.node);
  return select.ToString();
}

}  // namespace skein::engine::postgres_catalog
