#include "engine/postgres_functions/dialect.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/expression/list.hpp"
#include "duckdb/parser/expression/type_expression.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/list.hpp"
#include "duckdb/parser/statement/list.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/multi_statement.hpp"
#include "duckdb/parser/tableref/list.hpp"

#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_functions/column_names.h"
#include "engine/postgres_functions/literals.h"
#include "engine/postgres_functions/names.h"

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
using Expression = duckdb::unique_ptr<ParsedExpression>;

/// Where an expression stands, as far as it matters to functions that return sets.
enum class Place { kSelectList, kElsewhere };

Expression Call(const char* name, duckdb::vector<Expression> arguments) {
  return duckdb::make_uniq<FunctionExpression>(SYSTEM_CATALOG, kPgCatalog, name,
                                               std::move(arguments));
}

const std::string* TextConstant(const ParsedExpression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::CONSTANT) return nullptr;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  if (value.IsNull() || value.type().id() != duckdb::LogicalTypeId::VARCHAR) return nullptr;
  return &duckdb::StringValue::Get(value);
}

bool MayHoldBackslash(const ParsedExpression& pattern) {
  const std::string* constant = TextConstant(pattern);
  return !constant || constant->find('\\') != constant->npos;
}

const char* LikeWithEscape(const std::string& op) {
  if (op == "~~") return "like_escape";
  if (op == "!~~") return "not_like_escape";
  if (op == "~~*") return "ilike_escape";
  if (op == "!~~*") return "not_ilike_escape";
  return nullptr;
}

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

/// Whether it is a whole number in the text, and at least `least`.
bool IsNumberFrom(const ParsedExpression& expression, int64_t least) {
  if (expression.GetExpressionClass() != ExpressionClass::CONSTANT) return false;
  const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
  return !value.IsNull() && value.type().IsIntegral() && value.GetValue<int64_t>() >= least;
}

class Rewriter {
 public:
  explicit Rewriter(const std::string& text) : text_(text) {}

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
  void DatePart(Expression& expression);
  void CutText(Expression& cast);
  void Substring(Expression& expression);
  void SeriesOfTimes(duckdb::vector<Expression>& arguments);
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

  const std::string& text_;
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
      if (select.from_table) Ref(select.from_table);
      SelectList(select.select_list);
      Optional(select.where_clause);
      All(select.groups.group_expressions);
      Optional(select.having);
      Optional(select.qualify);
      break;
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
    case duckdb::TableReferenceType::PIVOT:
      Ref(ref->Cast<duckdb::PivotRef>().source);
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
    SeriesOfTimes(function.children);
  All(function.children);
  if (!function.schema.empty() && !StringUtil::CIEquals(function.schema, kPgCatalog)) return;
  std::string name = StringUtil::Lower(function.function_name);
  if (IsPgTableFunction(name)) {
    function.catalog = SYSTEM_CATALOG;
    function.schema = kPgCatalog;
  }
  if (name == "unnest" && function.children.size() > 1) {
    // unnest(a, b) is a subquery that unnests both side by side.
    auto select = duckdb::make_uniq<duckdb::SelectNode>();
    select->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
    for (auto& child : function.children) {
      duckdb::vector<Expression> one;
      one.push_back(std::move(child));
      select->select_list.push_back(
          duckdb::make_uniq<FunctionExpression>("unnest", std::move(one)));
    }
    auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(select);
    auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(
        std::move(statement), ref.alias.empty() ? "unnest" : ref.alias);
    subquery->column_name_alias = ref.column_name_alias;
    table = std::move(subquery);
    return;
  }
  // A set of single values is one column that is called as the alias says.
  if (ReturnsSetOfValues(name) && ref.column_name_alias.empty()) {
    bool element = name.find("array_elements") != name.npos;
    ref.column_name_alias.push_back(!ref.alias.empty() ? ref.alias : element ? "value" : name);
  }
}

void Rewriter::Function(Expression& expression, Place place) {
  auto& function = expression->Cast<FunctionExpression>();
  if (function.order_bys) {
    for (auto& order : function.order_bys->orders) Order(order);
  }
  Optional(function.filter);
  // A set may stand in operators of the select list; what a function takes is a list to DuckDB.
  Place inner = function.is_operator ? place : Place::kElsewhere;
  for (auto& child : function.children) {
    if (child) Expr(child, inner);
  }
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
    return;
  }
  if (auto aggregate = JsonAggregateNamed(name);
      aggregate.function && aggregate.arguments == function.children.size()) {
    // A macro takes no ORDER BY, FILTER or DISTINCT; list() does.
    duckdb::vector<Expression> lists;
    for (auto& child : function.children) {
      duckdb::vector<Expression> one;
      one.push_back(std::move(child));
      auto order = duckdb::make_uniq<duckdb::OrderModifier>();
      if (function.order_bys)
        order = duckdb::unique_ptr_cast<duckdb::ResultModifier, duckdb::OrderModifier>(
            function.order_bys->Copy());
      lists.push_back(duckdb::make_uniq<FunctionExpression>(
          "list", std::move(one), function.filter ? function.filter->Copy() : nullptr,
          std::move(order), function.distinct));
    }
    expression = Call(aggregate.function, std::move(lists));
    return;
  }
  if ((name == "substring" && function.children.size() > 1) ||
      (name == "substr" && function.children.size() == 3)) {
    Substring(expression);
    return;
  }
  if (name == "date_part" && function.children.size() == 2) {
    DatePart(expression);
    return;
  }
  if (const char* escaped = LikeWithEscape(name); escaped && function.children.size() == 2) {
    // PostgreSQL's patterns have the backslash for escape; DuckDB's plain ones are faster.
    if (MayHoldBackslash(*function.children[1])) {
      function.children.push_back(
          duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value("\\")));
      function.function_name = escaped;
      function.is_operator = false;
    }
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
    std::string alias = function.GetAlias();
    if (name == "generate_series") SeriesOfTimes(function.children);
    duckdb::vector<Expression> list;
    list.push_back(Call(name == "generate_series" ? "generate_series" : "regexp_matches_list",
                        std::move(function.children)));
    if (name == "generate_series") {
      auto& series = list[0]->Cast<FunctionExpression>();
      series.schema.clear();
      series.catalog.clear();
    }
    expression = duckdb::make_uniq<FunctionExpression>("unnest", std::move(list));
    expression->SetAlias(alias);
    return;
  }
  if (IsPgFunction(name)) {
    function.catalog = SYSTEM_CATALOG;
    function.schema = kPgCatalog;
    // An operator is written without its schema: a view of it must be a call.
    function.is_operator = false;
  }
}

/// Positions before the first character count for the length in PostgreSQL, and from the end in
/// DuckDB.
void Rewriter::Substring(Expression& expression) {
  auto& function = expression->Cast<FunctionExpression>();
  auto& arguments = function.children;
  bool plain =
      IsNumberFrom(*arguments[1], 1) && (arguments.size() == 2 || IsNumberFrom(*arguments[2], 0));
  if (plain) return;
  if (arguments.size() == 3) {
    expression = Call("text_substr", std::move(arguments));
  } else if (arguments[1]->GetExpressionClass() == ExpressionClass::CONSTANT &&
             !TextConstant(*arguments[1])) {
    expression = Call("text_substr", std::move(arguments));
  } else {
    // A text is a pattern: the overloads tell.
    function.catalog = SYSTEM_CATALOG;
    function.schema = kPgCatalog;
  }
}

/// numeric without precision holds what is written, 1.23456 and '0.00001': DuckDB's would be
/// DECIMAL(18,3) and round it.
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

/// DuckDB's parser takes oid for bigint, and drivers choose by the number of a parameter's type how
/// they send it: what is written x::oid or x::oid[] is that.
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

/// A cast to varchar(n) cuts; DuckDB's lets the text be.
void Rewriter::CutText(Expression& expression) {
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
  arguments[0] = std::move(expression);
  expression = duckdb::make_uniq<FunctionExpression>("left", std::move(arguments));
  expression->SetAlias(alias);
}

/// generate_series('2024-01-01'::timestamp, '2024-02-01', '1 day'): what is text there is a time of
/// the first one's type and an interval.
void Rewriter::SeriesOfTimes(duckdb::vector<Expression>& arguments) {
  if (arguments.size() != 3 || arguments[0]->GetExpressionClass() != ExpressionClass::CAST) return;
  const auto type = arguments[0]->Cast<duckdb::CastExpression>().cast_type;
  std::string name = WrittenTypeName(type);
  if (name.rfind("timestamp", 0) != 0 && name != "date") return;
  if (TextConstant(*arguments[1]))
    arguments[1] = duckdb::make_uniq<duckdb::CastExpression>(type, std::move(arguments[1]));
  if (TextConstant(*arguments[2])) {
    arguments[2] = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::INTERVAL,
                                                             std::move(arguments[2]));
  }
}

/// EXTRACT is a numeric with the fraction of the seconds, date_part() a double; DuckDB's part is a
/// whole number.
void Rewriter::DatePart(Expression& expression) {
  auto& function = expression->Cast<FunctionExpression>();
  const std::string* constant = TextConstant(*function.children[0]);
  if (!constant) return;
  std::string part = StringUtil::Lower(*constant);
  duckdb::vector<Expression> arguments;
  bool extract = Written(function) == 'e';
  std::string name = extract ? "extract_" : "date_part_";
  if (part == "second" || part == "seconds" || part == "s" || part == "sec") {
    name += "second";
  } else if (part == "millisecond" || part == "milliseconds" || part == "ms") {
    name += "millisecond";
  } else if (part == "epoch") {
    name += "epoch";
  } else {
    name += "whole";
    arguments.push_back(std::move(function.children[0]));
  }
  arguments.push_back(std::move(function.children[1]));
  expression = Call(name.c_str(), std::move(arguments));
}

void Rewriter::Expr(Expression& expression, Place place) {
  switch (expression->GetExpressionClass()) {
    case ExpressionClass::FUNCTION:
      Function(expression, place);
      return;
    case ExpressionClass::SUBQUERY: {
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
      return;
    }
    default:
      break;
  }
  if (expression->GetExpressionClass() == ExpressionClass::CAST) {
    auto& cast = expression->Cast<duckdb::CastExpression>();
    FitNumeric(cast);
    KeepOid(cast, text_);
    if (const std::string* constant = TextConstant(*cast.child)) {
      std::string type = WrittenTypeName(cast.cast_type);
      if (auto literal = PostgresLiteral(*constant, type)) {
        cast.child = std::move(literal);
        if (type == kArrayType) DeepenArray(cast, ArrayDepth(*constant));
      }
      CutText(expression);
      return;
    }
  }
  bool passes = expression->GetExpressionClass() == ExpressionClass::CAST;
  duckdb::ParsedExpressionIterator::EnumerateChildren(*expression, [&](Expression& child) {
    if (child) Expr(child, passes ? place : Place::kElsewhere);
  });
  if (passes) CutText(expression);
}

void Rewriter::Statement(duckdb::SQLStatement& statement) {
  using duckdb::StatementType;
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
      Select(statement.Cast<duckdb::SelectStatement>());
      break;
    case StatementType::INSERT_STATEMENT: {
      auto& insert = statement.Cast<duckdb::InsertStatement>();
      Ctes(insert.cte_map);
      if (insert.select_statement) Select(*insert.select_statement);
      SelectList(insert.returning_list);
      if (insert.on_conflict_info) {
        SetInfo(insert.on_conflict_info->set_info);
        Optional(insert.on_conflict_info->condition);
      }
      break;
    }
    case StatementType::UPDATE_STATEMENT: {
      auto& update = statement.Cast<duckdb::UpdateStatement>();
      Ctes(update.cte_map);
      if (update.from_table) Ref(update.from_table);
      SetInfo(update.set_info);
      SelectList(update.returning_list);
      break;
    }
    case StatementType::DELETE_STATEMENT: {
      auto& deletion = statement.Cast<duckdb::DeleteStatement>();
      Ctes(deletion.cte_map);
      for (auto& ref : deletion.using_clauses) Ref(ref);
      Optional(deletion.condition);
      SelectList(deletion.returning_list);
      break;
    }
    case StatementType::MERGE_INTO_STATEMENT: {
      auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
      Ctes(merge.cte_map);
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
      break;
    }
    case StatementType::CREATE_STATEMENT: {
      auto& info = *statement.Cast<duckdb::CreateStatement>().info;
      if (info.type == duckdb::CatalogType::TABLE_ENTRY) {
        auto& table = info.Cast<duckdb::CreateTableInfo>();
        if (table.query) Select(*table.query);
      } else if (info.type == duckdb::CatalogType::VIEW_ENTRY) {
        auto& view = info.Cast<duckdb::CreateViewInfo>();
        if (view.query) Select(*view.query);
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

void ApplyPostgresDialect(duckdb::SQLStatement& statement, const std::string& text) {
  Rewriter(text).Statement(statement);
}

}  // namespace skein::engine
