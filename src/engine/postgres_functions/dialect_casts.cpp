#include "engine/postgres_functions/dialect_casts.h"

#include <algorithm>
#include <string_view>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/expression/type_expression.hpp"

#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/numeric.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::FunctionExpression;
using duckdb::StringUtil;

/// int[] of an array of `depth` dimensions is a list of lists.
void DeepenArray(duckdb::CastExpression& cast, size_t depth) {
  if (cast.cast_type.id() != duckdb::LogicalTypeId::UNBOUND) return;
  const auto* type = duckdb::UnboundType::GetTypeExpression(cast.cast_type).get();
  size_t written = 0;
  for (const auto* inner = type; inner->GetExpressionClass() == ExpressionClass::TYPE; ++written) {
    const auto& list = inner->Cast<duckdb::TypeExpression>();
    if (!StringUtil::CIEquals(list.GetTypeName(), kArrayType) || list.GetChildren().empty()) break;
    inner = list.GetChildren()[0].get();
  }
  for (; written < depth; ++written) {
    duckdb::vector<Expression> element;
    element.push_back(duckdb::UnboundType::GetTypeExpression(cast.cast_type)->Copy());
    cast.cast_type = duckdb::LogicalType::UNBOUND(
        duckdb::make_uniq<duckdb::TypeExpression>("LIST", std::move(element)));
  }
}

bool MayBeArray(const duckdb::ParsedExpression& expression) {
  switch (expression.GetExpressionClass()) {
    case ExpressionClass::COLUMN_REF:
    case ExpressionClass::FUNCTION:
    case ExpressionClass::SUBQUERY:
      return true;
    case ExpressionClass::CAST:
      return WrittenTypeName(expression.Cast<duckdb::CastExpression>().cast_type) == kArrayType;
    default:
      return expression.GetExpressionType() == duckdb::ExpressionType::ARRAY_CONSTRUCTOR;
  }
}

bool IsOpenNumeric(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::TYPE) return false;
  const auto& type = expression.Cast<duckdb::TypeExpression>();
  const std::string& name = type.GetTypeName();
  return type.GetChildren().empty() &&
         (StringUtil::CIEquals(name, "numeric") || StringUtil::CIEquals(name, "decimal") ||
          StringUtil::CIEquals(name, "dec"));
}

void WidenTypeTree(Expression& expression) {
  if (expression->GetExpressionClass() != ExpressionClass::TYPE) return;
  auto& type = expression->Cast<duckdb::TypeExpression>();
  if (IsOpenNumeric(type)) {
    for (int32_t limit : {38, kOpenScale}) {
      type.GetChildren().push_back(
          duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(limit)));
    }
    return;
  }
  for (auto& child : type.GetChildren()) WidenTypeTree(child);
}

}  // namespace

void WidenNumeric(duckdb::LogicalType& type) {
  if (type.id() != duckdb::LogicalTypeId::UNBOUND) return;
  auto tree = duckdb::UnboundType::GetTypeExpression(type)->Copy();
  WidenTypeTree(tree);
  type = duckdb::LogicalType::UNBOUND(std::move(tree));
}

void CastToNumeric(Expression& expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  if (cast.cast_type.id() != duckdb::LogicalTypeId::UNBOUND) return;
  bool open = IsOpenNumeric(*duckdb::UnboundType::GetTypeExpression(cast.cast_type));
  auto child = cast.child->GetExpressionClass();
  if (!open || cast.try_cast || TextConstant(*cast.child) || child == ExpressionClass::PARAMETER) {
    WidenNumeric(cast.cast_type);
    return;
  }
  std::string alias = expression->GetAlias();
  duckdb::vector<Expression> arguments;
  arguments.push_back(std::move(cast.child));
  expression = Call("as_numeric", std::move(arguments));
  expression->SetAlias(alias);
}

void CastToText(Expression& expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  const std::string type = WrittenTypeName(cast.cast_type);
  if (cast.try_cast || (type != "varchar" && type != "text") || !MayBeArray(*cast.child)) return;
  std::string alias = expression->GetAlias();
  duckdb::vector<Expression> arguments;
  arguments.push_back(std::move(cast.child));
  expression = Call(kAsText, std::move(arguments));
  expression->SetAlias(alias);
}

void ReadLiteral(const Expression& expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  const std::string* constant = TextConstant(*cast.child);
  if (!constant) return;
  std::string text = *constant;
  std::string type = WrittenTypeName(cast.cast_type);
  auto literal = PostgresLiteral(text, type);
  if (!literal) return;
  cast.child = std::move(literal);
  if (type == kArrayType) DeepenArray(cast, ArrayDepth(text));
}

void FitNumeric(duckdb::CastExpression& cast) {
  if (cast.cast_type.id() != duckdb::LogicalTypeId::UNBOUND ||
      cast.child->GetExpressionClass() != ExpressionClass::CONSTANT) {
    return;
  }
  const std::string name = WrittenTypeName(cast.cast_type);
  const auto& type = duckdb::UnboundType::GetTypeExpression(cast.cast_type);
  if ((name != "numeric" && name != "decimal") ||
      type->GetExpressionClass() != ExpressionClass::TYPE ||
      !type->Cast<duckdb::TypeExpression>().GetChildren().empty()) {
    return;
  }
  const auto& value = cast.child->Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull()) return;
  if (auto fitting = FittingDecimal(value.ToString()))
    cast.cast_type = duckdb::LogicalType::DECIMAL(fitting->width, fitting->scale);
}

void KeepOid(duckdb::CastExpression& cast, const std::string& text) {
  const std::string name = WrittenTypeName(cast.cast_type);
  if (name != "bigint" && name != kArrayType) return;
  auto location = cast.GetQueryLocation();
  if (!location.IsValid() || text.compare(std::min(location.GetIndex(), text.size()), 2, "::") != 0)
    return;
  size_t at = text.find_first_not_of(" \t\r\n", location.GetIndex() + 2);
  constexpr std::string_view kSchema = "pg_catalog.";
  if (at != text.npos && StringUtil::CIEquals(text.substr(at, kSchema.size()), kSchema.data()))
    at += kSchema.size();
  if (at == text.npos || !StringUtil::CIEquals(text.substr(at, 3), "oid")) return;
  size_t behind = text.find_first_not_of(" \t\r\n", at + 3);
  bool array = behind != text.npos && text[behind] == '[';
  if (behind == at + 3 && !array &&
      (StringUtil::CharacterIsAlphaNumeric(text[behind]) || text[behind] == '_'))
    return;
  if (array != (name == kArrayType)) return;
  auto oid = postgres_catalog::NamedType("oid");
  cast.cast_type = array ? duckdb::LogicalType::LIST(oid) : oid;
}

void CutText(Expression& expression) {
  auto& cast = expression->Cast<duckdb::CastExpression>();
  if (cast.cast_type.id() != duckdb::LogicalTypeId::UNBOUND ||
      WrittenTypeName(cast.cast_type) != "varchar") {
    return;
  }
  const auto& type = duckdb::UnboundType::GetTypeExpression(cast.cast_type);
  if (type->GetExpressionClass() != ExpressionClass::TYPE) return;
  const auto& modifiers = type->Cast<duckdb::TypeExpression>().GetChildren();
  if (modifiers.size() != 1 || modifiers[0]->GetExpressionClass() != ExpressionClass::CONSTANT)
    return;
  duckdb::vector<Expression> arguments;
  arguments.push_back(nullptr);
  arguments.push_back(modifiers[0]->Copy());
  std::string alias = expression->GetAlias();
  expression->SetAlias("");
  arguments[0] = std::move(expression);
  expression = duckdb::make_uniq<FunctionExpression>("left", std::move(arguments));
  expression->SetAlias(alias);
}

}  // namespace skein::engine
