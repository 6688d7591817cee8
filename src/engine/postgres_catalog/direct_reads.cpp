#include "engine/postgres_catalog/direct_reads.h"

#include <string>
#include <utility>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/recursive_cte_node.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

#include "engine/postgres_catalog/catalog_table_function.h"
#include "engine/postgres_catalog/generators.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ParsedExpression;
using duckdb::StringUtil;
using ExpressionPtr = duckdb::unique_ptr<ParsedExpression>;
using RefPtr = duckdb::unique_ptr<duckdb::TableRef>;

void Sources(duckdb::QueryNode& node);

void Source(RefPtr& ref) {
  if (!ref) return;
  if (ref->type == duckdb::TableReferenceType::JOIN) {
    auto& join = ref->Cast<duckdb::JoinRef>();
    Source(join.left);
    Source(join.right);
  } else if (ref->type == duckdb::TableReferenceType::SUBQUERY) {
    Sources(*ref->Cast<duckdb::SubqueryRef>().subquery->node);
  } else if (ref->type == duckdb::TableReferenceType::BASE_TABLE) {
    auto& base = ref->Cast<duckdb::BaseTableRef>();
    std::string schema = StringUtil::Lower(base.schema_name);
    std::string name = StringUtil::Lower(base.table_name);
    if (!base.catalog_name.empty() || base.at_clause || !IsViewOfRows(schema, name)) return;
    duckdb::vector<ExpressionPtr> arguments;
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(schema)));
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(name)));
    auto call = duckdb::make_uniq<duckdb::TableFunctionRef>();
    call->function = duckdb::make_uniq<duckdb::FunctionExpression>(
        "", "pg_catalog", kCatalogTableFunction, std::move(arguments));
    base.CopyProperties(*call);
    call->column_name_alias = std::move(base.column_name_alias);
    if (call->alias.empty()) call->alias = base.table_name;
    ref = std::move(call);
  }
}

/// What stands in FROM, but for subqueries within expressions.
void Sources(duckdb::QueryNode& node) {
  for (auto& [name, query] : node.cte_map.map) {
    if (query->query && query->query->node) Sources(*query->query->node);
  }
  switch (node.type) {
    case duckdb::QueryNodeType::SELECT_NODE:
      return Source(node.Cast<duckdb::SelectNode>().from_table);
    case duckdb::QueryNodeType::SET_OPERATION_NODE:
      for (auto& child : node.Cast<duckdb::SetOperationNode>().children) Sources(*child);
      return;
    case duckdb::QueryNodeType::RECURSIVE_CTE_NODE: {
      auto& recursive = node.Cast<duckdb::RecursiveCTENode>();
      Sources(*recursive.left);
      Sources(*recursive.right);
      return;
    }
    default:
      return;
  }
}

void Subqueries(ExpressionPtr& expression) {
  if (!expression) return;
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY)
    ReadRelationsDirectly(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      *expression, [](ExpressionPtr& child) { Subqueries(child); });
}

}  // namespace

void ReadRelationsDirectly(duckdb::QueryNode& query) {
  Sources(query);
  // The iterator walks what is in FROM and in WITH itself.
  duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(query, Subqueries);
}

void ReadRelationsDirectly(duckdb::SQLStatement& statement) {
  if (statement.type == duckdb::StatementType::SELECT_STATEMENT)
    ReadRelationsDirectly(*statement.Cast<duckdb::SelectStatement>().node);
}

}  // namespace skein::engine::postgres_catalog
