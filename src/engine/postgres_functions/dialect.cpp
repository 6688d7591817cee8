#include "engine/postgres_functions/dialect.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/constraints/list.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/parsed_data/create_index_info.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/list.hpp"
#include "duckdb/parser/statement/list.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/multi_statement.hpp"
#include "duckdb/parser/tableref/list.hpp"

#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/declared_text.h"
#include "engine/postgres_functions/dialect_casts.h"
#include "engine/postgres_functions/dialect_functions.h"
#include "engine/postgres_functions/dialect_tables.h"
#include "engine/postgres_functions/dialect_writes.h"
#include "engine/postgres_functions/enum_texts.h"
#include "engine/postgres_functions/json_operators.h"
#include "engine/postgres_functions/jsonb.h"
#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/operand_types.h"

namespace skein::engine {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::FunctionExpression;
using duckdb::OrderByNode;
using duckdb::ParsedExpression;
using duckdb::QueryNode;
using duckdb::StringUtil;
using duckdb::TableRef;

/// A column that is NULL and nothing else is one of text.
void NullsAreText(QueryNode& node) {
  if (node.type != duckdb::QueryNodeType::SELECT_NODE) return;
  for (auto& item : node.Cast<duckdb::SelectNode>().select_list) {
    if (item->GetExpressionClass() != ExpressionClass::CONSTANT ||
        !item->Cast<duckdb::ConstantExpression>().value.IsNull()) {
      continue;
    }
    std::string alias = item->GetAlias();
    item = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::VARCHAR, std::move(item));
    item->SetAlias(alias);
  }
}

/// ALTER COLUMN TYPE varchar(n) without USING, for which DuckDB's parser makes a cast.
bool IsPlainTextChange(const duckdb::ChangeColumnTypeInfo& change) {
  const std::string type = WrittenTypeName(change.target_type);
  if ((type != "varchar" && type != "bpchar") || !change.expression ||
      change.expression->GetExpressionClass() != ExpressionClass::CAST) {
    return false;
  }
  const auto& child = *change.expression->Cast<duckdb::CastExpression>().child;
  return child.GetExpressionClass() == ExpressionClass::COLUMN_REF &&
         !child.GetQueryLocation().IsValid();
}

/// DuckDB counts in bigint.
void AsInteger(Expression& expression) {
  std::string alias = expression->GetAlias();
  expression = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::INTEGER,
                                                         std::move(expression));
  expression->SetAlias(alias);
}

/// Where an expression stands, as far as it matters to functions that return sets.
enum class Place { kSelectList, kElsewhere };

class Rewriter {
 public:
  Rewriter(const std::string& text, const std::function<bool()>& has_enums)
      : text_(text), has_enums_(has_enums) {}

  void Statement(duckdb::SQLStatement& statement);

 private:
  void Select(duckdb::SelectStatement& statement) { Node(*statement.node); }
  void Node(QueryNode& node);
  void Modifiers(QueryNode& node);
  void Ctes(duckdb::CommonTableExpressionMap& ctes);
  void Ref(duckdb::unique_ptr<TableRef>& ref);
  void TableFunction(duckdb::unique_ptr<TableRef>& table);
  void SelectList(duckdb::vector<Expression>& list);
  void Expr(Expression& expression, Place place = Place::kElsewhere);
  void Optional(Expression& expression) {
    if (expression) Expr(expression);
  }
  void All(duckdb::vector<Expression>& expressions) {
    for (auto& expression : expressions) Optional(expression);
  }
  void Order(OrderByNode& order);
  void Function(Expression& expression, Place place);
  /// Finds a function of ours first.
  static void Qualify(FunctionExpression& function, const std::string& name);
  /// What stands in the text where `function` was found: DuckDB's parser makes one function of `~`,
  /// SIMILAR TO and regexp_full_match().
  char Written(const ParsedExpression& function) const {
    auto location = function.GetQueryLocation();
    if (!location.IsValid() || location.GetIndex() >= text_.size()) return '\0';
    return StringUtil::CharacterToLower(text_[location.GetIndex()]);
  }
  void SetInfo(duckdb::unique_ptr<duckdb::UpdateSetInfo>& info) {
    if (!info) return;
    Optional(info->condition);
    All(info->expressions);
  }

  /// A column of CREATE TABLE or ADD COLUMN.
  void NewColumn(duckdb::ColumnDefinition& column);
  /// The system column `tableoid` of a relation of pg_catalog. False for every other column.
  bool TableNumber(Expression& column, Place place);
  /// current_user and its kin, which DuckDB's parser takes for columns: one that is called so in
  /// the select list would hide them.
  void SessionValue(Expression& column, Place place);

  const std::string& text_;
  const std::function<bool()>& has_enums_;
  /// The alias of a function that gives elements, for the element.
  bool ElementOf(Expression& column, Place place);

  std::vector<CatalogTables> scopes_;     // of the queries around, the innermost last
  std::vector<ElementAliases> elements_;  // the same
};

void Rewriter::Order(OrderByNode& order) {
  if (order.null_order == duckdb::OrderByNullType::ORDER_DEFAULT) {
    order.null_order = order.type == duckdb::OrderType::DESCENDING
                           ? duckdb::OrderByNullType::NULLS_FIRST
                           : duckdb::OrderByNullType::NULLS_LAST;
  }
  Optional(order.expression);
}

void Rewriter::Modifiers(QueryNode& node) {
  for (auto& modifier : node.modifiers) {
    switch (modifier->type) {
      case duckdb::ResultModifierType::ORDER_MODIFIER:
        for (auto& order : modifier->Cast<duckdb::OrderModifier>().orders) Order(order);
        break;
      case duckdb::ResultModifierType::LIMIT_MODIFIER:
        Optional(modifier->Cast<duckdb::LimitModifier>().limit);
        Optional(modifier->Cast<duckdb::LimitModifier>().offset);
        break;
      case duckdb::ResultModifierType::LIMIT_PERCENT_MODIFIER:
        Optional(modifier->Cast<duckdb::LimitPercentModifier>().limit);
        Optional(modifier->Cast<duckdb::LimitPercentModifier>().offset);
        break;
      case duckdb::ResultModifierType::DISTINCT_MODIFIER:
        All(modifier->Cast<duckdb::DistinctModifier>().distinct_on_targets);
        break;
    }
  }
}

void Rewriter::Ctes(duckdb::CommonTableExpressionMap& ctes) {
  for (auto& [name, cte] : ctes.map) {
    if (cte->query) Select(*cte->query);
    All(cte->key_targets);
  }
}

void Rewriter::SelectList(duckdb::vector<Expression>& list) {
  for (auto& item : list) {
    std::optional<std::string> name = PostgresColumnName(*item, text_);
    if (item->HasAlias()) name = item->GetAlias();
    Expr(item, Place::kSelectList);
    if (name) item->SetAlias(*name);
  }
}

void Rewriter::Node(QueryNode& node) {
  Ctes(node.cte_map);
  switch (node.type) {
    case duckdb::QueryNodeType::SELECT_NODE: {
      auto& select = node.Cast<duckdb::SelectNode>();
      CheckOrderNames(select);
      scopes_.push_back(CatalogTablesIn(select.from_table.get()));
      elements_.push_back(ElementAliasesIn(select.from_table.get()));
      if (select.from_table) Ref(select.from_table);
      SelectList(select.select_list);
      Optional(select.where_clause);
      All(select.groups.group_expressions);
      Optional(select.having);
      Optional(select.qualify);
      Modifiers(node);
      scopes_.pop_back();
      elements_.pop_back();
      return;
    }
    case duckdb::QueryNodeType::SET_OPERATION_NODE:
      for (auto& child : node.Cast<duckdb::SetOperationNode>().children) Node(*child);
      break;
    case duckdb::QueryNodeType::RECURSIVE_CTE_NODE:
      Node(*node.Cast<duckdb::RecursiveCTENode>().left);
      Node(*node.Cast<duckdb::RecursiveCTENode>().right);
      break;
    case duckdb::QueryNodeType::CTE_NODE:
      Node(*node.Cast<duckdb::CTENode>().query);
      Node(*node.Cast<duckdb::CTENode>().child);
      break;
    default:
      break;
  }
  Modifiers(node);
}

void Rewriter::Ref(duckdb::unique_ptr<TableRef>& ref) {
  switch (ref->type) {
    case duckdb::TableReferenceType::SUBQUERY:
      Select(*ref->Cast<duckdb::SubqueryRef>().subquery);
      break;
    case duckdb::TableReferenceType::JOIN: {
      auto& join = ref->Cast<duckdb::JoinRef>();
      Ref(join.left);
      Ref(join.right);
      Optional(join.condition);
      break;
    }
    case duckdb::TableReferenceType::EXPRESSION_LIST: {
      auto& list = ref->Cast<duckdb::ExpressionListRef>();
      for (auto& row : list.values) All(row);
      // VALUES names its columns column1, column2 ...
      if (list.expected_names.empty() && list.column_name_alias.empty() && !list.values.empty()) {
        for (size_t i = 0; i < list.values[0].size(); ++i)
          list.expected_names.push_back("column" + std::to_string(i + 1));
      }
      break;
    }
    case duckdb::TableReferenceType::TABLE_FUNCTION:
      TableFunction(ref);
      break;
    case duckdb::TableReferenceType::SHOW_REF:
      if (auto& query = ref->Cast<duckdb::ShowRef>().query) RewriteJsonOperators(*query, text_);
      break;
    case duckdb::TableReferenceType::PIVOT:
      Ref(ref->Cast<duckdb::PivotRef>().source);
      RewriteJsonOperators(ref->Cast<duckdb::PivotRef>(), text_);
      break;
    default:
      break;
  }
}

void Rewriter::TableFunction(duckdb::unique_ptr<TableRef>& table) {
  auto& ref = table->Cast<duckdb::TableFunctionRef>();
  if (ref.subquery) Select(*ref.subquery);
  if (!ref.function || ref.function->GetExpressionClass() != ExpressionClass::FUNCTION) return;
  auto& function = ref.function->Cast<FunctionExpression>();
  if (StringUtil::CIEquals(function.function_name, "generate_series"))
    ReadSeriesOfTimes(function.children);
  All(function.children);
  if (!function.schema.empty() && !StringUtil::CIEquals(function.schema, kPgCatalog)) return;
  std::string name = StringUtil::Lower(function.function_name);
  if (name == "pg_partition_ancestors" && function.children.size() == 1) {
    table = NoPartitionAncestors(ref);
    return;
  }
  if (IsPgTableFunction(name)) {
    function.catalog = SYSTEM_CATALOG;
    function.schema = kPgCatalog;
  }
  if (name == "unnest" && function.children.size() > 1) {
    table = UnnestSideBySide(ref);
    return;
  }
  if (name == "generate_series") CountInIntegers(table, name);
  if (table->type != duckdb::TableReferenceType::TABLE_FUNCTION) return;
  // A set of single values is one column that is called as the alias says.
  if (ReturnsSetOfValues(name) && ref.column_name_alias.empty()) {
    bool element = name.find("array_elements") != name.npos;
    ref.column_name_alias.push_back(element ? "value" : !ref.alias.empty() ? ref.alias : name);
  }
}

void Rewriter::Qualify(FunctionExpression& function, const std::string& name) {
  if (!IsPgFunction(name)) return;
  function.catalog = SYSTEM_CATALOG;
  function.schema = kPgCatalog;
  // An operator is written without its schema: a view of it must be a call.
  function.is_operator = false;
}

void Rewriter::Function(Expression& expression, Place place) {
  auto& function = expression->Cast<FunctionExpression>();
  OrderDistinct(function);
  if (function.order_bys) {
    for (auto& order : function.order_bys->orders) Order(order);
  }
  Optional(function.filter);
  // A set may stand in operators of the select list; what a function takes is a list to DuckDB.
  Place inner = function.is_operator ? place : Place::kElsewhere;
  for (auto& child : function.children) {
    if (child) Expr(child, inner);
  }
  RewriteJsonOperator(expression, text_);
  if (expression->GetExpressionClass() != ExpressionClass::FUNCTION) return;
  std::string name = StringUtil::Lower(function.function_name);
  // What the grammar writes in another way (EXTRACT, SUBSTRING ... FROM) it qualifies itself.
  if (function.schema == DEFAULT_SCHEMA && function.catalog.empty()) {
    auto location = function.GetQueryLocation();
    if (location.IsValid() && WordAt(text_, location.GetIndex()) != DEFAULT_SCHEMA)
      function.schema.clear();
  }
  bool open = function.schema.empty();
  if (!open && !StringUtil::CIEquals(function.schema, kPgCatalog)) return;
  if (auto replacement = PgFunctionInstead(name)) {
    expression = Call(replacement, std::move(function.children));
    return;
  }
  if (!open) return;
  if (TakesPath(name) && function.children.size() > 1) {
    if (const std::string* path = TextConstant(*function.children[1])) {
      if (auto list = PostgresLiteral(*path, kArrayType)) function.children[1] = std::move(list);
    }
    Qualify(function, name);
    return;
  }
  if (auto aggregate = JsonAggregateNamed(name);
      aggregate.function && aggregate.arguments == function.children.size()) {
    RewriteJsonAggregate(expression, aggregate);
    return;
  }
  if ((name == "substring" && function.children.size() > 1) ||
      (name == "substr" && function.children.size() == 3)) {
    RewriteSubstring(expression);
    return;
  }
  if (name == "date_part" && function.children.size() == 2) {
    RewriteDatePart(expression, Written(function) == 'e');
    return;
  }
  if (name == "date_trunc" && function.children.size() == 2 &&
      BeginsWithOne(*function.children[0])) {
    function.function_name = "date_trunc_from_one";
    function.catalog = SYSTEM_CATALOG;
    function.schema = kPgCatalog;
    return;
  }
  if (name == "quantile_cont" && Written(function) == 'p' && function.order_bys) {
    for (auto& order : function.order_bys->orders) {
      duckdb::vector<Expression> argument;
      argument.push_back(std::move(order.expression));
      order.expression = Call("interpolated", std::move(argument));
    }
    return;
  }
  if (name == "concat" || name == "concat_ws") {
    for (auto& child : function.children) {
      if (TextConstant(*child)) continue;
      duckdb::vector<Expression> argument;
      argument.push_back(std::move(child));
      child = Call("output_text", std::move(argument));
    }
    return;
  }
  if (RewriteLike(expression, name)) return;
  if (name == "&&") {
    ReadArrayOperand(expression);
    if (expression->Cast<FunctionExpression>().function_name != name) return;
  }
  if (name == "-" && function.children.size() == 2) {
    if (MayBeKeys(*function.children[1]) || TextConstant(*function.children[0])) {
      // Of json a key is taken away: its type tells, which the binder knows.
      expression = Call("subtract", std::move(function.children));
      return;
    }
    if (IsJsonb(*function.children[0])) {
      function.function_name = "jsonb_delete";
      function.is_operator = false;
      return;
    }
  }
  if (name != "-") {
    MarkLiteralOperand(expression);
    if (expression->Cast<FunctionExpression>().function_name != name) return;
  }
  // Only two columns or calls may be two dates.
  auto constant = [](const auto& child) {
    return child->GetExpressionClass() == ExpressionClass::CONSTANT;
  };
  // Two dates are no constants, but for casts.
  if (name == "-" && (function.children.size() != 2 || constant(function.children[0]) ||
                      constant(function.children[1]))) {
    return;
  }
  if (name == "regexp_full_match" && function.children.size() == 2) {
    char written = Written(function);
    if (written == 'r') return;
    // o: OPERATOR(pg_catalog.~)
    bool similar = written != '~' && written != '!' && written != 'o';
    expression = Call(similar ? "similar_to" : "textregexeq", std::move(function.children));
    return;
  }
  if (place == Place::kSelectList && (name == "generate_series" || name == "regexp_matches")) {
    RewriteRowsInSelectList(expression, name == "generate_series");
    return;
  }
  Qualify(function, name);
}

void Rewriter::NewColumn(duckdb::ColumnDefinition& column) {
  if (column.Generated()) {
    Expression value = column.GeneratedExpression().Copy();
    Expr(value);
    column.SetGeneratedExpression(std::move(value));
  } else if (column.HasDefaultValue()) {
    // DEFAULT '{}' of an array and its like: what is read at the cast of a constant.
    Expression value = column.DefaultValue().Copy();
    if (auto bits = BitLiteral(*value, text_)) {
      value = std::move(bits);
    } else if (const std::string* constant = TextConstant(*value)) {
      if (auto read = PostgresLiteral(*constant, WrittenTypeName(column.Type())))
        value = std::move(read);
    } else {
      Expr(value);
    }
    column.SetDefaultValue(std::move(value));
  }
  KeepDeclaredText(column, text_);
  WidenNumeric(column.TypeMutable());
}

void Rewriter::SessionValue(Expression& column, Place place) {
  static const std::unordered_set<std::string> names = {
      "current_user", "current_role", "session_user", "current_catalog", "current_schema"};
  const auto& reference = column->Cast<duckdb::ColumnRefExpression>();
  std::string name = StringUtil::Lower(reference.GetColumnName());
  auto location = reference.GetQueryLocation();
  // In quotes it is a column.
  if (reference.IsQualified() || !names.contains(name) || !location.IsValid() ||
      WordAt(text_, location.GetIndex()) != name) {
    return;
  }
  std::string alias = column->GetAlias();
  if (alias.empty() && place == Place::kSelectList) alias = name;
  column = Call(name.c_str(), {});
  column->SetAlias(alias);
}

bool Rewriter::TableNumber(Expression& column, Place place) {
  const auto& names = column->Cast<duckdb::ColumnRefExpression>().column_names;
  if (names.size() > 2 || !StringUtil::CIEquals(names.back(), "tableoid")) return false;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    auto found = names.size() == 2    ? scope->find(StringUtil::Lower(names[0]))
                 : scope->size() == 1 ? scope->begin()
                                      : scope->end();
    if (found == scope->end()) continue;
    std::string alias = place == Place::kSelectList ? "tableoid" : "";
    if (column->HasAlias()) alias = column->GetAlias();
    column = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::UINTEGER(found->second));
    column->SetAlias(alias);
    return true;
  }
  return false;
}

bool Rewriter::ElementOf(Expression& column, Place place) {
  const auto& names = column->Cast<duckdb::ColumnRefExpression>().column_names;
  if (names.size() != 1) return false;
  const std::string alias = names[0];
  if (std::none_of(elements_.begin(), elements_.end(), [&](const ElementAliases& aliases) {
        return aliases.contains(StringUtil::Lower(alias));
      })) {
    return false;
  }
  std::string label = place == Place::kSelectList ? alias : "";
  if (column->HasAlias()) label = column->GetAlias();
  column = duckdb::make_uniq<duckdb::ColumnRefExpression>("value", alias);
  column->SetAlias(label);
  return true;
}

void Rewriter::Expr(Expression& expression, Place place) {
  switch (expression->GetExpressionClass()) {
    case ExpressionClass::FUNCTION:
      Function(expression, place);
      return;
    case ExpressionClass::SUBQUERY: {
      if (ReadAnyOfArray(expression)) return Expr(expression, place);
      auto& subquery = expression->Cast<duckdb::SubqueryExpression>();
      if (subquery.subquery) Select(*subquery.subquery);
      Optional(subquery.child);
      return;
    }
    case ExpressionClass::WINDOW: {
      auto& window = expression->Cast<duckdb::WindowExpression>();
      if (window.schema.empty() && IsPgFunction(StringUtil::Lower(window.function_name))) {
        window.catalog = SYSTEM_CATALOG;
        window.schema = kPgCatalog;
      }
      for (auto& order : window.orders) Order(order);
      for (auto& order : window.arg_orders) Order(order);
      All(window.children);
      All(window.partitions);
      Optional(window.filter_expr);
      Optional(window.start_expr);
      Optional(window.end_expr);
      Optional(window.offset_expr);
      Optional(window.default_expr);
      if (window.schema.empty() && StringUtil::CIEquals(window.function_name, "ntile"))
        AsInteger(expression);
      return;
    }
    default:
      break;
  }
  WidenSymmetric(expression, text_);
  bool is_cast = expression->GetExpressionClass() == ExpressionClass::CAST;
  Expression& constant = is_cast ? expression->Cast<duckdb::CastExpression>().child : expression;
  if (auto bits = BitLiteral(*constant, text_)) constant = std::move(bits);
  CheckFloating(*constant, text_);
  if (is_cast) {
    FitNumeric(expression->Cast<duckdb::CastExpression>());
    KeepOid(expression->Cast<duckdb::CastExpression>(), text_);
  }
  if (is_cast && TextConstant(*expression->Cast<duckdb::CastExpression>().child)) {
    ReadLiteral(expression);
    WidenNumeric(expression->Cast<duckdb::CastExpression>().cast_type);
    CutText(expression);
    return;
  }
  if (expression->GetExpressionClass() == ExpressionClass::COLUMN_REF) {
    if (!TableNumber(expression, place) && !ElementOf(expression, place))
      SessionValue(expression, place);
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(*expression, [&](Expression& child) {
    if (child) Expr(child, is_cast ? place : Place::kElsewhere);
  });
  if (expression->GetExpressionClass() == ExpressionClass::COMPARISON) {
    CompareRows(expression);
  }
  CompareByValue(expression);
  TestRowForNull(expression);
  if (expression->GetExpressionType() == ExpressionType::GROUPING_FUNCTION) AsInteger(expression);
  CompareAsEnums(expression, has_enums_);
  if (is_cast) {
    CutText(expression);
    if (expression->GetExpressionClass() == ExpressionClass::CAST) CastToNumeric(expression);
    if (expression->GetExpressionClass() == ExpressionClass::CAST) CastToText(expression);
    if (expression->GetExpressionClass() == ExpressionClass::CAST) CastToJsonb(expression);
  }
}

void Rewriter::Statement(duckdb::SQLStatement& statement) {
  using duckdb::StatementType;
  RewriteJsonOperators(statement, text_);
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
      Select(statement.Cast<duckdb::SelectStatement>());
      NullsAreText(*statement.Cast<duckdb::SelectStatement>().node);
      break;
    case StatementType::INSERT_STATEMENT: {
      auto& insert = statement.Cast<duckdb::InsertStatement>();
      Ctes(insert.cte_map);
      CheckReturning(insert.returning_list, {});
      if (insert.select_statement) Select(*insert.select_statement);
      SelectList(insert.returning_list);
      if (insert.on_conflict_info) {
        if (insert.on_conflict_info->set_info)
          SplitAssignedRows(*insert.on_conflict_info->set_info);
        SetInfo(insert.on_conflict_info->set_info);
        Optional(insert.on_conflict_info->condition);
      }
      break;
    }
    case StatementType::UPDATE_STATEMENT: {
      auto& update = statement.Cast<duckdb::UpdateStatement>();
      Ctes(update.cte_map);
      CheckReturning(update.returning_list, {update.from_table.get()});
      elements_.push_back(ElementAliasesIn(update.from_table.get()));
      if (update.from_table) Ref(update.from_table);
      if (update.set_info) SplitAssignedRows(*update.set_info);
      SetInfo(update.set_info);
      SelectList(update.returning_list);
      elements_.pop_back();
      break;
    }
    case StatementType::DELETE_STATEMENT: {
      auto& deletion = statement.Cast<duckdb::DeleteStatement>();
      Ctes(deletion.cte_map);
      std::vector<const TableRef*> others;
      for (const auto& ref : deletion.using_clauses) others.push_back(ref.get());
      CheckReturning(deletion.returning_list, others);
      elements_.emplace_back();
      for (const auto* other : others) elements_.back().merge(ElementAliasesIn(other));
      for (auto& ref : deletion.using_clauses) Ref(ref);
      Optional(deletion.condition);
      SelectList(deletion.returning_list);
      elements_.pop_back();
      break;
    }
    case StatementType::MERGE_INTO_STATEMENT: {
      auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
      Ctes(merge.cte_map);
      elements_.push_back(ElementAliasesIn(merge.source.get()));
      if (merge.source) Ref(merge.source);
      Optional(merge.join_condition);
      for (auto& [condition, actions] : merge.actions) {
        for (auto& action : actions) {
          Optional(action->condition);
          SetInfo(action->update_info);
          All(action->expressions);
        }
      }
      SelectList(merge.returning_list);
      elements_.pop_back();
      break;
    }
    case StatementType::CREATE_STATEMENT: {
      auto& info = *statement.Cast<duckdb::CreateStatement>().info;
      if (info.type == duckdb::CatalogType::TABLE_ENTRY) {
        auto& table = info.Cast<duckdb::CreateTableInfo>();
        if (table.query) {
          Select(*table.query);
          NullsAreText(*table.query->node);
        }
        for (duckdb::idx_t i = 0; i < table.columns.LogicalColumnCount(); ++i) {
          NewColumn(table.columns.GetColumnMutable(duckdb::LogicalIndex(i)));
        }
        for (auto& constraint : table.constraints) {
          if (constraint->type == duckdb::ConstraintType::CHECK)
            Optional(constraint->Cast<duckdb::CheckConstraint>().expression);
        }
      } else if (info.type == duckdb::CatalogType::INDEX_ENTRY) {
        auto& index = info.Cast<duckdb::CreateIndexInfo>();
        // DuckDB has one kind of index, which finds what these find.
        if (StringUtil::CIEquals(index.index_type, "btree") ||
            StringUtil::CIEquals(index.index_type, "hash")) {
          index.index_type = "ART";
        }
        All(index.expressions);
        All(index.parsed_expressions);
      } else if (info.type == duckdb::CatalogType::VIEW_ENTRY) {
        auto& view = info.Cast<duckdb::CreateViewInfo>();
        if (view.query) Select(*view.query);
      }
      break;
    }
    case StatementType::ALTER_STATEMENT: {
      auto& alter = *statement.Cast<duckdb::AlterStatement>().info;
      if (alter.type != duckdb::AlterType::ALTER_TABLE) break;
      auto& table = alter.Cast<duckdb::AlterTableInfo>();
      if (table.alter_table_type == duckdb::AlterTableType::ADD_COLUMN) {
        NewColumn(table.Cast<duckdb::AddColumnInfo>().new_column);
      } else if (table.alter_table_type == duckdb::AlterTableType::SET_DEFAULT) {
        Optional(table.Cast<duckdb::SetDefaultInfo>().expression);
      } else if (table.alter_table_type == duckdb::AlterTableType::ALTER_COLUMN_TYPE) {
        auto& change = table.Cast<duckdb::ChangeColumnTypeInfo>();
        NameDeclaredText(change.target_type, text_);
        WidenNumeric(change.target_type);
        // Without USING text is measured, not cut.
        if (!IsPlainTextChange(change)) Optional(change.expression);
      }
      break;
    }
    case StatementType::COPY_STATEMENT: {
      auto& info = *statement.Cast<duckdb::CopyStatement>().info;
      if (info.select_statement) Node(*info.select_statement);
      break;
    }
    case StatementType::EXPLAIN_STATEMENT:
      Statement(*statement.Cast<duckdb::ExplainStatement>().stmt);
      break;
    case StatementType::PREPARE_STATEMENT:
      Statement(*statement.Cast<duckdb::PrepareStatement>().statement);
      break;
    case StatementType::EXECUTE_STATEMENT:
      for (auto& [name, value] : statement.Cast<duckdb::ExecuteStatement>().named_values)
        Optional(value);
      break;
    case StatementType::MULTI_STATEMENT:
      for (auto& part : statement.Cast<duckdb::MultiStatement>().statements) Statement(*part);
      break;
    default:
      break;
  }
}

}  // namespace

void ApplyPostgresDialect(duckdb::SQLStatement& statement, const std::string& text,
                          const std::function<bool()>& has_enums) {
  Rewriter(text, has_enums).Statement(statement);
}

}  // namespace skein::engine
