#include "engine/postgres_functions/json_operators.h"

#include <unordered_map>

#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/lambda_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/statement/select_statement.hpp"

#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {

using duckdb::ExpressionClass;
using duckdb::ParsedExpressionIterator;

bool RewriteJsonOperator(Expression& expression, const std::string& text) {
  static const std::unordered_map<std::string_view, const char*> functions = {
      {"?", "jsonb_exists"},
      {"?|", "jsonb_exists_any"},
      {"?&", "jsonb_exists_all"},
      {"#>", "json_at_path"},
      {"#>>", "json_text_at_path"},
      {"#-", "jsonb_delete_path"},
      {"#", "xor"}};
  auto& function = expression->Cast<duckdb::FunctionExpression>();
  const std::string& name = function.function_name;
  if (!function.is_operator || name.empty()) return false;
  const bool arrow = name.starts_with(kArrow);
  if (!arrow && name[0] != kSign) return false;
  auto location = function.GetQueryLocation();
  if (!location.IsValid() || location.GetIndex() >= text.size()) return false;
  if (function.children.size() != 2) ThrowSql("42601", "an operator of json takes two operands");
  std::string_view written = std::string_view(text).substr(location.GetIndex(), name.size());
  if (arrow) {
    if (written == "->>") {
      function.function_name = written;
      return true;
    }
    if (written != "->") return false;
    // DuckDB's tree of an arrow: the binder finds that it is no lambda.
    auto tree = duckdb::make_uniq<duckdb::LambdaExpression>(std::move(function.children[0]),
                                                            std::move(function.children[1]));
    tree->SetAlias(expression->GetAlias());
    tree->SetQueryLocation(location);
    expression = std::move(tree);
    return true;
  }
  auto found = functions.find(written);
  if (found == functions.end()) return false;
  function.function_name = found->second;
  function.is_operator = false;
  return true;
}

void RewriteJsonOperators(Expression& expression, const std::string& text) {
  auto each = [&](Expression& child) {
    if (child) RewriteJsonOperators(child, text);
  };
  if (expression->GetExpressionClass() == ExpressionClass::FUNCTION) {
    RewriteJsonOperator(expression, text);
  } else if (expression->GetExpressionClass() == ExpressionClass::SUBQUERY) {
    ParsedExpressionIterator::EnumerateQueryNodeChildren(
        *expression->Cast<duckdb::SubqueryExpression>().subquery->node, each);
  }
  ParsedExpressionIterator::EnumerateChildren(*expression, each);
}

}  // namespace skein::engine
