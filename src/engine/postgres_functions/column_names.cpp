#include "engine/postgres_functions/column_names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/expression/type_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::ParsedExpression;

/// How much a name says: a type's name gives way to that of a column or function inside.
enum class Strength { kNone, kWeak, kStrong };

struct Name {
  std::string text;
  Strength strength = Strength::kNone;
};

constexpr auto kTypeNames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"boolean", "bool"},
    {"tinyint", "int2"},
    {"smallint", "int2"},
    {"integer", "int4"},
    {"int", "int4"},
    {"bigint", "int8"},
    {"float", "float4"},
    {"real", "float4"},
    {"double", "float8"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"hugeint", "numeric"},
    {"blob", "bytea"},
    {"string", "text"},
    {"character", "bpchar"},
    {"char", "bpchar"},
    {"character varying", "varchar"},
    {"timestamp with time zone", "timestamptz"},
    {"timestamp without time zone", "timestamp"},
    {"time with time zone", "timetz"},
    {"time without time zone", "time"},
    {"bitstring", "bit"},
});

constexpr char kList[] = "list";

/// What DuckDB's parser makes of PostgreSQL's special syntax, by the word that was written.
constexpr auto kWritten = std::to_array<std::string_view>(
    {"extract", "position", "substring", "overlay", "trim", "coalesce", "nullif", "current_date",
     "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user",
     "session_user", "current_schema", "current_catalog"});

std::string WordAt(const std::string& text, duckdb::optional_idx location) {
  return location.IsValid() ? skein::engine::WordAt(text, location.GetIndex()) : std::string();
}

Name Find(const ParsedExpression& expression, const std::string& text);

/// The element's type of int[]; arrays are called after it.
const duckdb::ParsedExpression* ElementType(const duckdb::TypeExpression& type) {
  const auto& children = type.GetChildren();
  return !children.empty() && children[0]->GetExpressionClass() == ExpressionClass::TYPE
             ? children[0].get()
             : nullptr;
}

std::string TypeNameOf(const duckdb::CastExpression& cast, const std::string& text) {
  std::string name = WrittenTypeName(cast.cast_type);
  if (name == kList && cast.cast_type.id() == duckdb::LogicalTypeId::UNBOUND) {
    const auto& list =
        duckdb::UnboundType::GetTypeExpression(cast.cast_type)->Cast<duckdb::TypeExpression>();
    if (const auto* element = ElementType(list))
      name = duckdb::StringUtil::Lower(element->Cast<duckdb::TypeExpression>().GetTypeName());
  } else if (name == kList && cast.cast_type.id() == duckdb::LogicalTypeId::LIST) {
    name = duckdb::StringUtil::Lower(duckdb::ListType::GetChildType(cast.cast_type).ToString());
  }
  if (name == "varchar") {
    // DuckDB's parser knows one type of text; x::varchar(5) says which was meant.
    auto location = cast.GetQueryLocation();
    size_t at = location.IsValid() ? location.GetIndex() : text.size();
    if (at + 2 < text.size() && text.compare(at, 2, "::") == 0) {
      at = text.find_first_not_of(" \t\r\n", at + 2);
    }
    std::string word = at < text.size() ? WordAt(text, at) : std::string();
    if (word == "varchar" || word == "name") return word;
    if (word == "char" || word == "character" || word == "bpchar") {
      return text.compare(at, 17, "character varying") == 0 ? "varchar" : "bpchar";
    }
    return "text";
  }
  return PostgresTypeName(name);
}

Name OfQuery(const duckdb::QueryNode& node, const std::string& text) {
  const duckdb::QueryNode* current = &node;
  while (current->type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
    const auto& children = current->Cast<duckdb::SetOperationNode>().children;
    if (children.empty()) return {};
    current = children[0].get();
  }
  if (current->type != duckdb::QueryNodeType::SELECT_NODE) return {};
  const auto& list = current->Cast<duckdb::SelectNode>().select_list;
  if (list.empty()) return {};
  if (list[0]->HasAlias()) return {list[0]->GetAlias(), Strength::kStrong};
  return Find(*list[0], text);
}

Name OfFunction(const duckdb::FunctionExpression& function, const std::string& text) {
  std::string name = duckdb::StringUtil::Lower(function.function_name);
  if (function.is_operator || name == "regexp_full_match" || name.rfind("like_escape", 0) == 0 ||
      name.rfind("not_like_escape", 0) == 0 || name.find("ilike_escape") != name.npos) {
    // A call by name says so in the text.
    if (WordAt(text, function.GetQueryLocation()) != name) return {};
    return {name, Strength::kStrong};
  }
  std::string written = WordAt(text, function.GetQueryLocation());
  if (written == "trim") {
    if (name == "ltrim" || name == "rtrim") return {name, Strength::kStrong};
    return {"btrim", Strength::kStrong};
  }
  if (std::find(kWritten.begin(), kWritten.end(), written) != kWritten.end())
    return {written, Strength::kStrong};
  if (name == "list_value" || name == "construct_array") return {"array", Strength::kStrong};
  // Of ARRAY(SELECT ...) DuckDB's parser makes a call that stands nowhere.
  bool nowhere = !function.GetQueryLocation().IsValid();
  if (name == "array_agg" && (nowhere || written == "array")) return {"array", Strength::kStrong};
  if (name == "struct_pack" || name == "row") return {"row", Strength::kStrong};
  if (name == "count_star") return {"count", Strength::kStrong};
  if (name == "timezone" && written != name) return {"timezone", Strength::kStrong};
  if (name == "quantile_cont" && written == "percentile_cont") return {written, Strength::kStrong};
  if (name == "quantile_disc" && written == "percentile_disc") return {written, Strength::kStrong};
  return {name, Strength::kStrong};
}

Name OfOperator(const duckdb::OperatorExpression& op, const std::string& text) {
  switch (op.GetExpressionType()) {
    case ExpressionType::OPERATOR_COALESCE:
      return {"coalesce", Strength::kStrong};
    case ExpressionType::OPERATOR_NULLIF:
      return {"nullif", Strength::kStrong};
    case ExpressionType::ARRAY_CONSTRUCTOR:
      return {"array", Strength::kStrong};
    case ExpressionType::GROUPING_FUNCTION:
      return {"grouping", Strength::kStrong};
    case ExpressionType::ARRAY_EXTRACT:
    case ExpressionType::ARRAY_SLICE:
      return Find(*op.children[0], text);
    default:
      return {};
  }
}

Name Find(const ParsedExpression& expression, const std::string& text) {
  switch (expression.GetExpressionClass()) {
    case ExpressionClass::COLUMN_REF:
      return {expression.Cast<duckdb::ColumnRefExpression>().GetColumnName(), Strength::kStrong};
    case ExpressionClass::FUNCTION:
      return OfFunction(expression.Cast<duckdb::FunctionExpression>(), text);
    case ExpressionClass::WINDOW: {
      std::string name = expression.Cast<duckdb::WindowExpression>().function_name;
      return {name == "count_star" ? "count" : name, Strength::kStrong};
    }
    case ExpressionClass::OPERATOR:
      return OfOperator(expression.Cast<duckdb::OperatorExpression>(), text);
    case ExpressionClass::COLLATE:
      return Find(*expression.Cast<duckdb::CollateExpression>().child, text);
    case ExpressionClass::CAST: {
      const auto& cast = expression.Cast<duckdb::CastExpression>();
      // DuckDB's parser makes a cast of the words true and false.
      std::string word = WordAt(text, cast.GetQueryLocation());
      if (word == "true" || word == "false") return {};
      Name inner = Find(*cast.child, text);
      if (inner.strength == Strength::kStrong) return inner;
      return {TypeNameOf(cast, text), Strength::kWeak};
    }
    case ExpressionClass::CASE: {
      const auto& other = expression.Cast<duckdb::CaseExpression>().else_expr;
      Name inner = other ? Find(*other, text) : Name();
      if (inner.strength == Strength::kStrong) return inner;
      return {"case", Strength::kWeak};
    }
    case ExpressionClass::SUBQUERY: {
      const auto& subquery = expression.Cast<duckdb::SubqueryExpression>();
      if (subquery.subquery_type == duckdb::SubqueryType::EXISTS ||
          subquery.subquery_type == duckdb::SubqueryType::NOT_EXISTS) {
        return {"exists", Strength::kStrong};
      }
      if (subquery.subquery_type == duckdb::SubqueryType::SCALAR && subquery.subquery)
        return OfQuery(*subquery.subquery->node, text);
      return {};
    }
    default:
      return {};
  }
}

bool HoldsStar(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() == ExpressionClass::STAR) return true;
  bool found = false;
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      expression, [&](const ParsedExpression& child) { found = found || HoldsStar(child); });
  return found;
}

}  // namespace

std::string WordAt(const std::string& text, size_t location) {
  size_t end = location;
  while (end < text.size() &&
         (duckdb::StringUtil::CharacterIsAlphaNumeric(text[end]) || text[end] == '_')) {
    ++end;
  }
  return location < text.size() ? duckdb::StringUtil::Lower(text.substr(location, end - location))
                                : std::string();
}

std::string WrittenTypeName(const duckdb::LogicalType& type) {
  if (type.id() == duckdb::LogicalTypeId::LIST || type.id() == duckdb::LogicalTypeId::ARRAY)
    return kList;
  if (type.id() == duckdb::LogicalTypeId::UNBOUND) {
    const auto& inner = duckdb::UnboundType::GetTypeExpression(type);
    if (inner && inner->GetExpressionClass() == ExpressionClass::TYPE) {
      std::string name =
          duckdb::StringUtil::Lower(inner->Cast<duckdb::TypeExpression>().GetTypeName());
      return name == "array" ? kList : name;
    }
  }
  std::string name = duckdb::StringUtil::Lower(type.ToString());
  return name.substr(0, name.find('('));
}

std::string PostgresTypeName(const std::string& duckdb_name) {
  std::string name = duckdb::StringUtil::Lower(duckdb_name);
  for (auto [from, to] : kTypeNames) {
    if (name == from) return std::string(to);
  }
  return name;
}

std::optional<std::string> PostgresColumnName(const ParsedExpression& expression,
                                              const std::string& text) {
  ExpressionClass kind = expression.GetExpressionClass();
  if (expression.HasAlias() || kind == ExpressionClass::COLUMN_REF ||
      kind == ExpressionClass::POSITIONAL_REFERENCE || HoldsStar(expression)) {
    return std::nullopt;
  }
  Name name = Find(expression, text);
  return name.text.empty() ? "?column?" : name.text;
}

}  // namespace skein::engine
