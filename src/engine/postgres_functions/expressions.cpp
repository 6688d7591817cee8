#include "engine/postgres_functions/expressions.h"

#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"

#include "engine/postgres_functions/names.h"

namespace skein::engine {

Expression Call(const char* name, duckdb::vector<Expression> arguments) {
  return duckdb::make_uniq<duckdb::FunctionExpression>(SYSTEM_CATALOG, kPgCatalog, name,
                                                       std::move(arguments));
}

const std::string* TextConstant(const duckdb::ParsedExpression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return nullptr;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type().id() != duckdb::LogicalTypeId::VARCHAR) return nullptr;
  return &duckdb::StringValue::Get(value);
}

}  // namespace skein::engine
