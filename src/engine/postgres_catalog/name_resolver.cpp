#include "engine/postgres_catalog/name_resolver.h"

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/collate_expression.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/expression/type_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/list.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/list.hpp"

#include "engine/postgres_catalog/array_literal.h"
#include "engine/postgres_functions/names.h"

namespace skein::engine::postgres_catalog {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;
using duckdb::ParsedExpressionIterator;
using duckdb::StringUtil;
using ExpressionPtr = duckdb::unique_ptr<ParsedExpression>;

namespace {

bool Is(const std::string& name, const char* other) { return StringUtil::CIEquals(name, other); }

bool OwnSchema(const std::string& name) {
  return Is(name, "pg_catalog") || Is(name, "information_schema");
}

/// The operator of `OPERATOR(schema.op)` at a position of the text; empty when there is none.
std::string OperatorAt(const std::string& text, size_t at) {
  auto skip = [&] {
    while (at < text.size() && StringUtil::CharacterIsSpace(text[at])) ++at;
  };
  constexpr size_t kKeyword = 8;
  if (!StringUtil::CIEquals(text.substr(at, kKeyword), "operator")) return {};
  at += kKeyword;
  skip();
  if (at >= text.size() || text[at] != '(') return {};
  size_t close = text.find(')', at);
  if (close == std::string::npos) return {};
  // The operator's signs are what follows the last dot behind the schema; no operator has a dot.
  size_t dot = text.rfind('.', close);
  size_t start = (dot == std::string::npos || dot < at ? at : dot) + 1;
  std::string name = text.substr(start, close - start);
  StringUtil::Trim(name);
  return name.find_first_not_of("+-*/<>=~!@#%^&|`?") == std::string::npos ? name : std::string();
}

/// Puts a list where PostgreSQL's text of an array stands.
void ArrayLiteral(ExpressionPtr& expression) {
  if (expression->GetExpressionClass() != ExpressionClass::CONSTANT) return;
  const duckdb::Value& value = expression->Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type().InternalType() != duckdb::PhysicalType::VARCHAR) return;
  if (auto list = ParseArrayLiteral(duckdb::StringValue::Get(value)))
    expression = duckdb::make_uniq<duckdb::ConstantExpression>(std::move(*list));
}

bool NoCollation(const std::string& name) {
  std::string lower = StringUtil::Lower(name);
  if (StringUtil::StartsWith(lower, "pg_catalog.")) lower.erase(0, 11);
  return lower == "default" || lower == "c" || lower == "posix" || lower == "ucs_basic";
}

}  // namespace

void NameResolver::Table(std::string& catalog, std::string& schema) {
  bool here = catalog.empty() || StringUtil::CIEquals(catalog, scope_.database);
  if (OwnSchema(schema) && here) {
    catalog.clear();
  } else if (Is(schema, "public") && here && scope_.maps_public) {
    schema = "main";
  } else if (catalog.empty() && (Is(schema, "pg_temp") || Is(schema, "pg_temp_1"))) {
    catalog = "temp";
    schema = "main";
  }
}

void NameResolver::QualifiedOperator(ExpressionPtr& expression) {
  auto& function = expression->Cast<duckdb::FunctionExpression>();
  if (!function.is_operator || !function.query_location.IsValid()) return;
  if (function.function_name.find_first_of("+-*/<>=~!@#%^&|`?") != std::string::npos) return;
  std::string name = OperatorAt(scope_.text, function.query_location.GetIndex());
  if (name.empty()) return;
  // DuckDB's parser keeps the schema and loses the operator. What it makes of the bare operator is
  // what is meant: parsed once more, with the operands put in.
  bool binary = function.children.size() == 2;
  auto made = duckdb::Parser::ParseExpressionList((binary ? "l " : "") + name + " r");
  if (made.size() != 1) return;
  auto operands = std::move(function.children);
  std::function<void(ExpressionPtr&)> put = [&](ExpressionPtr& part) {
    if (part->GetExpressionClass() == ExpressionClass::COLUMN_REF) {
      const auto& names = part->Cast<duckdb::ColumnRefExpression>().column_names;
      if (names.size() == 1 && names[0] == "l") {
        part = std::move(operands[0]);
        return;
      }
      if (names.size() == 1 && names[0] == "r") {
        part = std::move(operands[operands.size() - 1]);
        return;
      }
    }
    ParsedExpressionIterator::EnumerateChildren(*part, put);
  };
  put(made[0]);
  made[0]->SetAlias(expression->GetAlias());
  made[0]->query_location = expression->query_location;
  expression = std::move(made[0]);
}

void NameResolver::TypeTree(ExpressionPtr& type) {
  if (type->GetExpressionClass() != ExpressionClass::TYPE) return Expression(type);
  auto& given = type->Cast<duckdb::TypeExpression>();
  for (auto& child : given.GetChildren()) TypeTree(child);
  std::string catalog = given.GetCatalog();
  std::string schema = given.GetSchema();
  if (schema.empty()) return;
  Table(catalog, schema);
  if (Is(schema, "pg_catalog")) schema.clear();
  if (schema == given.GetSchema() && catalog == given.GetCatalog()) return;
  auto made = duckdb::make_uniq<duckdb::TypeExpression>(catalog, schema, given.GetTypeName(),
                                                        std::move(given.GetChildren()));
  made->SetAlias(type->GetAlias());
  made->query_location = type->query_location;
  type = std::move(made);
}

void NameResolver::Type(duckdb::LogicalType& type) {
  if (!type.IsUnbound()) return;
  auto tree = duckdb::UnboundType::GetTypeExpression(type)->Copy();
  TypeTree(tree);
  type = duckdb::LogicalType::UNBOUND(std::move(tree));
}

void NameResolver::Expression(ExpressionPtr& expression) {
  switch (expression->GetExpressionClass()) {
    case ExpressionClass::FUNCTION: {
      auto& function = expression->Cast<duckdb::FunctionExpression>();
      if (Is(function.schema, "pg_catalog") &&
          (function.catalog.empty() || StringUtil::CIEquals(function.catalog, scope_.database))) {
        // DuckDB's own are in main; PostgreSQL's of the same name are where they are said to be.
        const std::string name = StringUtil::Lower(function.function_name);
        function.catalog.clear();
        if (!IsPgFunction(name) && !IsPgTableFunction(name)) function.schema.clear();
      } else if (!function.schema.empty()) {
        Table(function.catalog, function.schema);
      }
      // x = ANY ('{a,b}') is x in the elements of what is unnested.
      if (Is(function.function_name, "unnest") && function.children.size() == 1)
        ArrayLiteral(function.children[0]);
      QualifiedOperator(expression);
      break;
    }
    case ExpressionClass::CAST: {
      auto& cast = expression->Cast<duckdb::CastExpression>();
      Type(cast.cast_type);
      break;
    }
    case ExpressionClass::COLLATE: {
      auto& collate = expression->Cast<duckdb::CollateExpression>();
      if (NoCollation(collate.collation)) {
        auto child = std::move(collate.child);
        if (!expression->GetAlias().empty()) child->SetAlias(expression->GetAlias());
        expression = std::move(child);
        return Expression(expression);
      }
      break;
    }
    case ExpressionClass::COLUMN_REF: {
      auto& names = expression->Cast<duckdb::ColumnRefExpression>().column_names;
      if (names.size() == 4 && StringUtil::CIEquals(names[0], scope_.database) &&
          (OwnSchema(names[1]) || (scope_.maps_public && Is(names[1], "public")))) {
        names.erase(names.begin());
      }
      // Tables are found by their own names; file sets have no schema to be found by.
      if (names.size() == 3 &&
          (Is(names[0], "pg_catalog") || (scope_.maps_public && Is(names[0], "public")))) {
        names.erase(names.begin());
      }
      return;
    }
    case ExpressionClass::STAR: {
      auto& star = expression->Cast<duckdb::StarExpression>();
      size_t dot = star.relation_name.rfind('.');
      if (dot != std::string::npos && scope_.maps_public &&
          Is(star.relation_name.substr(0, dot), "public")) {
        star.relation_name.erase(0, dot + 1);
      }
      break;
    }
    case ExpressionClass::TYPE:
      return TypeTree(expression);
    case ExpressionClass::SUBQUERY:
      Query(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
      break;
    default:
      break;
  }
  ParsedExpressionIterator::EnumerateChildren(*expression,
                                              [&](ExpressionPtr& child) { Optional(child); });
}

void NameResolver::Source(duckdb::TableRef& ref) {
  if (ref.type == duckdb::TableReferenceType::BASE_TABLE) {
    auto& base = ref.Cast<duckdb::BaseTableRef>();
    Table(base.catalog_name, base.schema_name);
  } else if (ref.type == duckdb::TableReferenceType::SUBQUERY) {
    SeriesInSelect(*ref.Cast<duckdb::SubqueryRef>().subquery->node);
  } else if (ref.type == duckdb::TableReferenceType::TABLE_FUNCTION && scope_.about_catalog) {
    // The alias of a function with one column is the column's name, too.
    auto& call = ref.Cast<duckdb::TableFunctionRef>();
    if (call.function->GetExpressionClass() == ExpressionClass::FUNCTION &&
        Is(call.function->Cast<duckdb::FunctionExpression>().function_name, "generate_series") &&
        !call.alias.empty() && call.column_name_alias.empty()) {
      call.column_name_alias.push_back(call.alias);
    }
  }
}

void NameResolver::SeriesInSelect(duckdb::QueryNode& node) {
  if (!scope_.about_catalog || node.type != duckdb::QueryNodeType::SELECT_NODE) return;
  for (auto& expression : node.Cast<duckdb::SelectNode>().select_list) {
    if (expression->GetExpressionClass() != ExpressionClass::FUNCTION) continue;
    if (!Is(expression->Cast<duckdb::FunctionExpression>().function_name, "generate_series"))
      continue;
    std::string alias = expression->GetAlias();
    duckdb::vector<ExpressionPtr> arguments;
    arguments.push_back(std::move(expression));
    expression = duckdb::make_uniq<duckdb::FunctionExpression>("unnest", std::move(arguments));
    expression->SetAlias(alias.empty() ? "generate_series" : alias);
  }
}

void NameResolver::Query(duckdb::QueryNode& node) {
  SeriesInSelect(node);
  ParsedExpressionIterator::EnumerateQueryNodeChildren(
      node, [&](ExpressionPtr& expression) { Optional(expression); },
      [&](duckdb::TableRef& ref) {
        // The iterator walks joins and subqueries itself.
        Source(ref);
      });
}

void NameResolver::Ref(duckdb::TableRef& ref) {
  ParsedExpressionIterator::EnumerateTableRefChildren(
      ref, [&](ExpressionPtr& expression) { Optional(expression); },
      [&](duckdb::TableRef& inner) { Source(inner); });
}

void NameResolver::OptionalRef(duckdb::unique_ptr<duckdb::TableRef>& ref) {
  if (ref) Ref(*ref);
}

void NameResolver::WithQueries(duckdb::CommonTableExpressionMap& map) {
  for (auto& [name, query] : map.map) {
    if (query->query && query->query->node) Query(*query->query->node);
  }
}

}  // namespace skein::engine::postgres_catalog
