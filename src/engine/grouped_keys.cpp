#include "engine/grouped_keys.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/constraints/unique_constraint.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/list.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"

#include "engine/find_relation.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;
using duckdb::ParsedExpressionIterator;
using duckdb::StringUtil;
using Expression = duckdb::unique_ptr<ParsedExpression>;

/// A table of the catalogue in FROM.
struct Table {
  std::string alias;
  duckdb::optional_ptr<const duckdb::TableCatalogEntry> entry;  // null where it is none
  std::vector<std::string> key;                                 // empty without a primary key
};

/// What is under one of these is no column of a group.
bool IsAggregate(const std::string& name) {
  static const std::unordered_set<std::string_view> names = {
      "count", "sum",      "avg",     "min",  "max",       "array_agg", "string_agg",
      "list",  "json_agg", "bool_or", "some", "jsonb_agg", "bool_and",  "any_value"};
  return names.contains(name);
}

class Completer {
 public:
  explicit Completer(duckdb::ClientContext& context) : context_(context) {}

  void Node(duckdb::QueryNode& node) {
    const size_t outside = with_.size();
    for (auto& [name, cte] : node.cte_map.map) with_.push_back(StringUtil::Lower(name));
    for (auto& [name, cte] : node.cte_map.map) {
      if (cte->query) Node(*cte->query->node);
    }
    switch (node.type) {
      case duckdb::QueryNodeType::SELECT_NODE:
        Select(node.Cast<duckdb::SelectNode>());
        break;
      case duckdb::QueryNodeType::SET_OPERATION_NODE:
        for (auto& child : node.Cast<duckdb::SetOperationNode>().children) Node(*child);
        break;
      case duckdb::QueryNodeType::RECURSIVE_CTE_NODE:
        Node(*node.Cast<duckdb::RecursiveCTENode>().left);
        Node(*node.Cast<duckdb::RecursiveCTENode>().right);
        break;
      case duckdb::QueryNodeType::CTE_NODE:
        with_.push_back(StringUtil::Lower(node.Cast<duckdb::CTENode>().ctename));
        Node(*node.Cast<duckdb::CTENode>().query);
        Node(*node.Cast<duckdb::CTENode>().child);
        break;
      default:
        break;
    }
    with_.resize(outside);
  }

 private:
  void Select(duckdb::SelectNode& select) {
    if (select.from_table) Ref(*select.from_table);
    for (auto* list : {&select.select_list, &select.groups.group_expressions}) {
      for (auto& item : *list) Subqueries(item);
    }
    for (auto* one : {&select.where_clause, &select.having, &select.qualify}) Subqueries(*one);
    ParsedExpressionIterator::EnumerateQueryNodeModifiers(
        select, [this](Expression& child) { Subqueries(child); });
    const auto& groups = select.groups;
    if (!select.from_table || groups.group_expressions.empty() ||
        groups.grouping_sets.size() != 1 ||
        groups.grouping_sets[0].size() != groups.group_expressions.size()) {
      return;
    }
    std::vector<Table> tables;
    Tables(*select.from_table, tables);
    for (const Table& table : tables) {
      if (!table.key.empty()) Complete(select, tables, table);
    }
  }

  void Ref(duckdb::TableRef& ref) {
    if (ref.type == duckdb::TableReferenceType::SUBQUERY) {
      Node(*ref.Cast<duckdb::SubqueryRef>().subquery->node);
    } else if (ref.type == duckdb::TableReferenceType::JOIN) {
      auto& join = ref.Cast<duckdb::JoinRef>();
      Ref(*join.left);
      Ref(*join.right);
      Subqueries(join.condition);
    }
  }

  void Subqueries(Expression& expression) {
    if (!expression) return;
    if (expression->GetExpressionClass() == ExpressionClass::SUBQUERY)
      Node(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
    ParsedExpressionIterator::EnumerateChildren(*expression,
                                                [this](Expression& child) { Subqueries(child); });
  }

  void Tables(const duckdb::TableRef& ref, std::vector<Table>& tables) const {
    if (ref.type == duckdb::TableReferenceType::JOIN) {
      const auto& join = ref.Cast<duckdb::JoinRef>();
      Tables(*join.left, tables);
      Tables(*join.right, tables);
      return;
    }
    Table table;
    table.alias = ref.alias;
    if (ref.type == duckdb::TableReferenceType::BASE_TABLE && ref.column_name_alias.empty()) {
      const auto& base = ref.Cast<duckdb::BaseTableRef>();
      if (table.alias.empty()) table.alias = base.table_name;
      FindEntry(base, table);
    }
    tables.push_back(std::move(table));
  }

  void FindEntry(const duckdb::BaseTableRef& ref, Table& table) const {
    if (ref.schema_name.empty() &&
        std::find(with_.begin(), with_.end(), StringUtil::Lower(ref.table_name)) != with_.end()) {
      return;
    }
    auto entry = FindRelation(context_, ref.catalog_name, ref.schema_name, ref.table_name);
    if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return;
    table.entry = &entry->Cast<duckdb::TableCatalogEntry>();
    for (const auto& constraint : table.entry->GetConstraints()) {
      if (constraint->type != duckdb::ConstraintType::UNIQUE) continue;
      const auto& unique = constraint->Cast<duckdb::UniqueConstraint>();
      if (!unique.IsPrimaryKey()) continue;
      if (unique.HasIndex()) {
        table.key = {table.entry->GetColumn(unique.GetIndex()).Name()};
      } else {
        table.key = unique.GetColumnNames();
      }
    }
  }

  /// The table's column that `names` are; empty when they are none, or may be another table's.
  static std::string ColumnOf(const duckdb::vector<std::string>& names, const Table& table,
                              const std::vector<Table>& tables) {
    if (names.size() == 1) {
      for (const Table& other : tables) {
        bool may = &other != &table && (!other.entry || other.entry->ColumnExists(names[0]));
        if (may) return {};
      }
      return table.entry->ColumnExists(names[0]) ? names[0] : std::string();
    }
    bool own = names.size() == 2 && StringUtil::CIEquals(names[0], table.alias);
    return own && table.entry->ColumnExists(names[1]) ? names[1] : std::string();
  }

  static const ParsedExpression& Grouped(const duckdb::SelectNode& select,
                                         const ParsedExpression& group) {
    if (group.GetExpressionClass() != ExpressionClass::CONSTANT) return group;
    const auto& value = group.Cast<duckdb::ConstantExpression>().value;
    if (value.IsNull() || !value.type().IsIntegral()) return group;
    auto place = value.GetValue<int64_t>();
    bool item = place >= 1 && static_cast<size_t>(place) <= select.select_list.size();
    return item ? *select.select_list[static_cast<size_t>(place) - 1] : group;
  }

  static void Complete(duckdb::SelectNode& select, const std::vector<Table>& tables,
                       const Table& table) {
    std::set<std::string> grouped;
    for (const auto& group : select.groups.group_expressions) {
      const ParsedExpression& expression = Grouped(select, *group);
      if (expression.GetExpressionClass() != ExpressionClass::COLUMN_REF) continue;
      const auto& names = expression.Cast<duckdb::ColumnRefExpression>().column_names;
      grouped.insert(StringUtil::Lower(ColumnOf(names, table, tables)));
    }
    for (const std::string& column : table.key) {
      if (!grouped.contains(StringUtil::Lower(column))) return;
    }
    Named named(table);
    for (auto& item : select.select_list) named.In(item);
    named.In(select.having);
    named.In(select.qualify);
    ParsedExpressionIterator::EnumerateQueryNodeModifiers(
        select, [&](Expression& child) { named.In(child); });
    for (const auto& column : table.entry->GetColumns().Logical()) {
      std::string name = StringUtil::Lower(column.Name());
      if (grouped.contains(name) || !named.Has(name)) continue;
      select.groups.grouping_sets[0].insert(select.groups.group_expressions.size());
      select.groups.group_expressions.push_back(
          duckdb::make_uniq<duckdb::ColumnRefExpression>(column.Name(), table.alias));
    }
  }

  /// The columns of a table that expressions may name: one that is another table's, too, only makes
  /// the grouping longer.
  class Named {
   public:
    explicit Named(const Table& table) : table_(table) {}

    bool Has(const std::string& name) const { return all_ || names_.contains(name); }

    void In(Expression& expression) {
      if (!expression) return;
      auto each = [this](Expression& child) { In(child); };
      switch (expression->GetExpressionClass()) {
        case ExpressionClass::COLUMN_REF:
          for (const auto& name : expression->Cast<duckdb::ColumnRefExpression>().column_names)
            names_.insert(StringUtil::Lower(name));
          return;
        case ExpressionClass::STAR: {
          const std::string& relation = expression->Cast<duckdb::StarExpression>().relation_name;
          all_ = all_ || relation.empty() || StringUtil::CIEquals(relation, table_.alias);
          break;
        }
        case ExpressionClass::FUNCTION:
          if (IsAggregate(
                  StringUtil::Lower(expression->Cast<duckdb::FunctionExpression>().function_name)))
            return;
          break;
        case ExpressionClass::SUBQUERY:
          ParsedExpressionIterator::EnumerateQueryNodeChildren(
              *expression->Cast<duckdb::SubqueryExpression>().subquery->node, each);
          break;
        default:
          break;
      }
      ParsedExpressionIterator::EnumerateChildren(*expression, each);
    }

   private:
    const Table& table_;
    std::set<std::string> names_;
    bool all_ = false;
  };

  duckdb::ClientContext& context_;
  std::vector<std::string> with_;  // the names of the CTEs around, in lower case
};

duckdb::QueryNode* QueryOf(duckdb::SQLStatement& statement) {
  using duckdb::StatementType;
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
      return statement.Cast<duckdb::SelectStatement>().node.get();
    case StatementType::INSERT_STATEMENT: {
      auto& insert = statement.Cast<duckdb::InsertStatement>();
      return insert.select_statement ? insert.select_statement->node.get() : nullptr;
    }
    case StatementType::CREATE_STATEMENT: {
      auto& info = *statement.Cast<duckdb::CreateStatement>().info;
      if (info.type == duckdb::CatalogType::TABLE_ENTRY) {
        auto& query = info.Cast<duckdb::CreateTableInfo>().query;
        return query ? query->node.get() : nullptr;
      }
      if (info.type != duckdb::CatalogType::VIEW_ENTRY) return nullptr;
      auto& query = info.Cast<duckdb::CreateViewInfo>().query;
      return query ? query->node.get() : nullptr;
    }
    case StatementType::EXPLAIN_STATEMENT:
      return QueryOf(*statement.Cast<duckdb::ExplainStatement>().stmt);
    default:
      return nullptr;
  }
}

}  // namespace

void CompleteGrouping(duckdb::ClientContext& context, duckdb::SQLStatement& statement) {
  auto* query = QueryOf(statement);
  if (!query) return;
  context.RunFunctionInTransaction([&] { Completer(context).Node(*query); });
}

}  // namespace skein::engine
