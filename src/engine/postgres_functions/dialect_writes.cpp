#include "engine/postgres_functions/dialect_writes.h"

#include <algorithm>
#include <string>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"

#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;
using duckdb::StringUtil;

/// The query of a subquery that is one value, null for everything else.
duckdb::SelectNode* AssignedQuery(ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::SUBQUERY) return nullptr;
  auto& subquery = expression.Cast<duckdb::SubqueryExpression>();
  if (subquery.subquery_type != duckdb::SubqueryType::SCALAR || !subquery.subquery ||
      subquery.subquery->node->type != duckdb::QueryNodeType::SELECT_NODE) {
    return nullptr;
  }
  return &subquery.subquery->node->Cast<duckdb::SelectNode>();
}

/// Whether to take columns of its list away leaves the rows as they are.
bool CanBeSplit(const duckdb::SelectNode& query) {
  for (const auto& item : query.select_list) {
    if (item->GetExpressionClass() == ExpressionClass::STAR) return false;
  }
  for (const auto& modifier : query.modifiers) {
    if (modifier->type == duckdb::ResultModifierType::DISTINCT_MODIFIER) return false;
    if (modifier->type != duckdb::ResultModifierType::ORDER_MODIFIER) continue;
    for (const auto& order : modifier->Cast<duckdb::OrderModifier>().orders) {
      if (order.expression->GetExpressionClass() == ExpressionClass::CONSTANT) return false;
    }
  }
  return std::none_of(
      query.groups.group_expressions.begin(), query.groups.group_expressions.end(),
      [](const auto& group) { return group->GetExpressionClass() == ExpressionClass::CONSTANT; });
}

void AddNames(const duckdb::TableRef& ref, std::vector<std::string>& names) {
  if (ref.type == duckdb::TableReferenceType::JOIN) {
    AddNames(*ref.Cast<duckdb::JoinRef>().left, names);
    AddNames(*ref.Cast<duckdb::JoinRef>().right, names);
  } else if (!ref.alias.empty()) {
    names.push_back(ref.alias);
  } else if (ref.type == duckdb::TableReferenceType::BASE_TABLE) {
    names.push_back(ref.Cast<duckdb::BaseTableRef>().table_name);
  }
}

class ReturningCheck {
 public:
  explicit ReturningCheck(std::vector<std::string> others) : others_(std::move(others)) {}

  void In(const ParsedExpression& expression) const {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::PARAMETER:
        ThrowSql("0A000", "a parameter in RETURNING is not supported",
                 "Return the columns, and compute with them in the client.");
      case ExpressionClass::STAR: {
        const std::string& relation = expression.Cast<duckdb::StarExpression>().relation_name;
        if (!others_.empty() && (relation.empty() || IsOther(relation))) Refuse();
        break;
      }
      case ExpressionClass::COLUMN_REF: {
        const auto& names = expression.Cast<duckdb::ColumnRefExpression>().column_names;
        if (names.size() > 1 && IsOther(names[names.size() - 2])) Refuse();
        break;
      }
      default:
        break;
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [this](const ParsedExpression& child) { In(child); });
  }

 private:
  bool IsOther(const std::string& name) const {
    return std::any_of(others_.begin(), others_.end(),
                       [&](const std::string& other) { return StringUtil::CIEquals(name, other); });
  }
  [[noreturn]] static void Refuse() {
    ThrowSql("0A000", "RETURNING of another table's columns is not supported",
             "RETURNING gives columns of the table that is written: name them, as in RETURNING "
             "t.*, and SELECT the others.");
  }

  std::vector<std::string> others_;
};

}  // namespace

void SplitAssignedRows(duckdb::UpdateSetInfo& set) {
  for (size_t i = 0; i < set.expressions.size();) {
    duckdb::SelectNode* first = set.expressions[i] ? AssignedQuery(*set.expressions[i]) : nullptr;
    const size_t count = first ? first->select_list.size() : 1;
    bool row = count > 1 && i + count <= set.expressions.size() && CanBeSplit(*first);
    for (size_t k = 1; row && k < count; ++k) {
      row = set.expressions[i + k] && set.expressions[i + k]->Equals(*set.expressions[i]) &&
            set.expressions[i + k]->GetQueryLocation() == set.expressions[i]->GetQueryLocation();
    }
    if (!row) {
      ++i;
      continue;
    }
    for (size_t k = 0; k < count; ++k) {
      auto& list = AssignedQuery(*set.expressions[i + k])->select_list;
      Expression own = std::move(list[k]);
      list.clear();
      list.push_back(std::move(own));
    }
    i += count;
  }
}

void CheckReturning(const duckdb::vector<Expression>& list,
                    const std::vector<const duckdb::TableRef*>& others) {
  if (list.empty()) return;
  std::vector<std::string> names;
  for (const auto* ref : others) {
    if (ref) AddNames(*ref, names);
  }
  ReturningCheck check(std::move(names));
  for (const auto& item : list) check.In(*item);
}

}  // namespace skein::engine
