#include "engine/statement_expressions.h"

#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/statement/copy_statement.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"

namespace skein::engine {
namespace {

using duckdb::ParsedExpressionIterator;
using Expression = duckdb::unique_ptr<duckdb::ParsedExpression>;

class Walk {
 public:
  explicit Walk(const ExpressionVisit& visit) : visit_(visit) {}

  void Statement(duckdb::SQLStatement& statement) {
    switch (statement.type) {
      case duckdb::StatementType::SELECT_STATEMENT:
        Node(*statement.Cast<duckdb::SelectStatement>().node);
        break;
      case duckdb::StatementType::INSERT_STATEMENT:
        Insert(statement.Cast<duckdb::InsertStatement>());
        break;
      case duckdb::StatementType::UPDATE_STATEMENT: {
        auto& update = statement.Cast<duckdb::UpdateStatement>();
        Ctes(update.cte_map);
        if (update.from_table) Ref(*update.from_table);
        Set(update.set_info);
        All(update.returning_list);
        break;
      }
      case duckdb::StatementType::DELETE_STATEMENT: {
        auto& remove = statement.Cast<duckdb::DeleteStatement>();
        Ctes(remove.cte_map);
        for (auto& ref : remove.using_clauses) Ref(*ref);
        One(remove.condition);
        All(remove.returning_list);
        break;
      }
      case duckdb::StatementType::MERGE_INTO_STATEMENT:
        Merge(statement.Cast<duckdb::MergeIntoStatement>());
        break;
      case duckdb::StatementType::COPY_STATEMENT: {
        auto& copy = statement.Cast<duckdb::CopyStatement>();
        if (copy.info->select_statement) Node(*copy.info->select_statement);
        break;
      }
      case duckdb::StatementType::CREATE_STATEMENT: {
        auto& create = statement.Cast<duckdb::CreateStatement>();
        if (create.info->type == duckdb::CatalogType::TABLE_ENTRY) {
          auto& table = create.info->Cast<duckdb::CreateTableInfo>();
          if (table.query) Node(*table.query->node);
        }
        break;
      }
      case duckdb::StatementType::EXPLAIN_STATEMENT:
        Statement(*statement.Cast<duckdb::ExplainStatement>().stmt);
        break;
      default:
        break;
    }
  }

 private:
  void Insert(duckdb::InsertStatement& insert) {
    Ctes(insert.cte_map);
    if (auto values = insert.GetValuesList()) {
      for (auto& row : values->values) {
        for (auto& value : row) One(value, ExpressionPlace::kAssigned);
      }
    } else if (insert.select_statement) {
      Node(*insert.select_statement->node);
    }
    if (insert.on_conflict_info) {
      Set(insert.on_conflict_info->set_info);
      One(insert.on_conflict_info->condition);
    }
    All(insert.returning_list);
  }

  void Merge(duckdb::MergeIntoStatement& merge) {
    Ctes(merge.cte_map);
    if (merge.source) Ref(*merge.source);
    One(merge.join_condition);
    for (auto& [condition, actions] : merge.actions) {
      for (auto& action : actions) {
        One(action->condition);
        Set(action->update_info);
        All(action->expressions, ExpressionPlace::kAssigned);
      }
    }
    All(merge.returning_list);
  }

  void Set(duckdb::unique_ptr<duckdb::UpdateSetInfo>& set) {
    if (!set) return;
    All(set->expressions, ExpressionPlace::kAssigned);
    One(set->condition);
  }

  void Ctes(duckdb::CommonTableExpressionMap& ctes) {
    for (auto& [name, cte] : ctes.map) {
      if (cte->query) Node(*cte->query->node);
    }
  }

  void Node(duckdb::QueryNode& node) {
    ParsedExpressionIterator::EnumerateQueryNodeChildren(node,
                                                         [this](Expression& child) { One(child); });
  }

  void Ref(duckdb::TableRef& ref) {
    ParsedExpressionIterator::EnumerateTableRefChildren(ref,
                                                        [this](Expression& child) { One(child); });
  }

  void All(duckdb::vector<Expression>& expressions,
           ExpressionPlace place = ExpressionPlace::kAnywhere) {
    for (auto& expression : expressions) One(expression, place);
  }

  void One(Expression& expression, ExpressionPlace place = ExpressionPlace::kAnywhere) {
    if (!expression || !visit_(expression, place)) return;
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY)
      Node(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
    ParsedExpressionIterator::EnumerateChildren(*expression,
                                                [this](Expression& child) { One(child); });
  }

  const ExpressionVisit& visit_;
};

}  // namespace

void VisitExpressions(duckdb::SQLStatement& statement, const ExpressionVisit& visit) {
  Walk(visit).Statement(statement);
}

}  // namespace skein::engine
