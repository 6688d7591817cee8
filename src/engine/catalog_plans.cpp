#include "engine/catalog_plans.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <functional>
#include <string_view>
#include <utility>

#include "duckdb/common/string_util.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/parser/expression/comparison_expression.hpp"
#include "duckdb/parser/expression/conjunction_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/parameter_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/planner/expression/bound_parameter_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/planner.hpp"

#include "engine/binding.h"
#include "engine/postgres_catalog/catalog_table_function.h"
#include "engine/postgres_catalog/direct_reads.h"
#include "engine/postgres_catalog/generators.h"
#include "engine/postgres_catalog/reusable_plans.h"
#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine {

using duckdb::ExpressionClass;
using duckdb::ParsedExpression;
using duckdb::ParsedExpressionIterator;
using duckdb::StringUtil;
using ExpressionPtr = duckdb::unique_ptr<ParsedExpression>;

namespace {

/// A plan takes about 140 KB, most of it what its last run left in it.
constexpr size_t kKept = 32;
constexpr size_t kKeptByAll = 512;
std::atomic<size_t> plans{0};

/// PostgreSQL's first number for what users make. Smaller ones, and texts of one character (kinds
/// of things), say what is asked; they stay in the plan.
constexpr int64_t kFirstOid = 16384;

bool OfCatalog(const std::string& schema) {
  return StringUtil::CIEquals(schema, "pg_catalog") ||
         StringUtil::CIEquals(schema, "information_schema");
}

/// Whether all that a statement names is in the catalogue's schemas.
class Namer {
 public:
  bool Only(duckdb::QueryNode& node) {
    Node(node);
    return only_ && any_;
  }

 private:
  void Node(duckdb::QueryNode& node) {
    ParsedExpressionIterator::EnumerateQueryNodeChildren(
        node, [this](ExpressionPtr& expression) { Expression(expression); },
        [this](duckdb::TableRef& ref) { Ref(ref); });
  }
  void Ref(duckdb::TableRef& ref) {
    if (ref.type != duckdb::TableReferenceType::BASE_TABLE) return;
    const auto& base = ref.Cast<duckdb::BaseTableRef>();
    bool ours = base.schema_name.empty() ? postgres_catalog::IsViewOfRows(
                                               "pg_catalog", StringUtil::Lower(base.table_name))
                                         : OfCatalog(base.schema_name);
    any_ = true;
    only_ = only_ && ours && base.catalog_name.empty();
  }
  void Expression(ExpressionPtr& expression) {
    if (!expression) return;
    if (expression->GetExpressionClass() == ExpressionClass::FUNCTION) {
      const auto& function = expression->Cast<duckdb::FunctionExpression>();
      bool ours = function.schema.empty() || OfCatalog(function.schema) ||
                  StringUtil::CIEquals(function.schema, DEFAULT_SCHEMA);
      only_ = only_ && ours && (function.catalog.empty() || function.catalog == SYSTEM_CATALOG);
    } else if (expression->GetExpressionClass() == ExpressionClass::SUBQUERY) {
      Node(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
    }
    ParsedExpressionIterator::EnumerateChildren(
        *expression, [this](ExpressionPtr& child) { Expression(child); });
  }

  bool any_ = false;
  bool only_ = true;
};

}  // namespace

/// Finds the constants in WHERE and ON, where nothing hangs on how an expression is written.
class ConstantLifter {
 public:
  ConstantLifter(CatalogQuery& query, const std::string& text) : query_(query), text_(text) {}

  void Node(duckdb::QueryNode& node) {
    for (auto& [name, with] : node.cte_map.map) {
      if (with->query && with->query->node) Node(*with->query->node);
    }
    if (node.type == duckdb::QueryNodeType::SELECT_NODE) {
      auto& select = node.Cast<duckdb::SelectNode>();
      if (select.from_table) Ref(*select.from_table);
      Condition(select.where_clause);
    } else if (node.type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
      for (auto& child : node.Cast<duckdb::SetOperationNode>().children) Node(*child);
    }
  }

  /// Puts the lifted in the order of the text, and makes the key of what is between them.
  void Finish(size_t start, size_t end) {
    std::sort(lifted_.begin(), lifted_.end(),
              [](const Lifted& a, const Lifted& b) { return a.start < b.start; });
    for (Lifted& one : lifted_) {
      if (one.start < start || one.end > end) continue;
      query_.key_.append(text_, start, one.start - start);
      query_.key_ += one.kind;
      start = one.end;
      query_.places_.push_back(one.place);
      query_.values_.push_back((*one.place)->Cast<duckdb::ConstantExpression>().value);
    }
    query_.key_.append(text_, start, end - start);
  }

 private:
  struct Lifted {
    ExpressionPtr* place;
    size_t start;
    size_t end;
    /// No sign of a statement's: what kind of constant it was.
    char kind;
  };

  void Ref(duckdb::TableRef& ref) {
    if (ref.type == duckdb::TableReferenceType::JOIN) {
      auto& join = ref.Cast<duckdb::JoinRef>();
      Ref(*join.left);
      Ref(*join.right);
      Condition(join.condition);
    } else if (ref.type == duckdb::TableReferenceType::SUBQUERY) {
      Node(*ref.Cast<duckdb::SubqueryRef>().subquery->node);
    }
  }

  void Condition(ExpressionPtr& expression) {
    if (!expression) return;
    switch (expression->GetExpressionClass()) {
      case ExpressionClass::CONJUNCTION:
        for (auto& child : expression->Cast<duckdb::ConjunctionExpression>().children)
          Condition(child);
        return;
      case ExpressionClass::COMPARISON: {
        if (expression->GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) return;
        auto& comparison = expression->Cast<duckdb::ComparisonExpression>();
        if (comparison.left->GetExpressionClass() == ExpressionClass::COLUMN_REF)
          Constant(comparison.right);
        else if (comparison.right->GetExpressionClass() == ExpressionClass::COLUMN_REF)
          Constant(comparison.left);
        return;
      }
      case ExpressionClass::FUNCTION: {
        auto& function = expression->Cast<duckdb::FunctionExpression>();
        // It says the same of every relation here.
        if (function.function_name == "pg_relation_is_publishable" && function.children.size() == 1)
          Constant(function.children[0]);
        // A pattern that is a name.
        if ((function.function_name == "textregexeq" ||
             function.function_name == "regexp_matches") &&
            function.children.size() >= 2 &&
            function.children[0]->GetExpressionClass() == ExpressionClass::COLUMN_REF)
          Constant(function.children[1], true);
        return;
      }
      case ExpressionClass::SUBQUERY:
        return Node(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
      default:
        return;
    }
  }

  void Constant(ExpressionPtr& expression, bool pattern = false) {
    if (expression->GetExpressionClass() != ExpressionClass::CONSTANT) return;
    const auto& constant = expression->Cast<duckdb::ConstantExpression>();
    if (constant.value.IsNull() || !constant.query_location.IsValid()) return;
    size_t start = constant.query_location.GetIndex();
    if (start >= text_.size()) return;
    if (constant.value.type().id() == duckdb::LogicalTypeId::VARCHAR) {
      const std::string& value = duckdb::StringValue::Get(constant.value);
      if (value.size() < 2 || (pattern && !postgres_catalog::NameInPattern(value))) return;
      // As it is in the text; one with quotes in it stays.
      if (value.find('\'') != std::string::npos ||
          text_.compare(start, value.size() + 2, "'" + value + "'") != 0)
        return;
      lifted_.push_back({&expression, start, start + value.size() + 2, pattern ? '\2' : '\1'});
    } else if (constant.value.type().IsIntegral() && !pattern) {
      std::string value = constant.value.ToString();
      if (value.size() > 10 || constant.value.GetValue<int64_t>() < kFirstOid) return;
      size_t end = start + value.size();
      if (text_.compare(start, value.size(), value) != 0) return;
      if (end < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[end])) != 0 ||
                                 text_[end] == '_' || text_[end] == '.'))
        return;
      lifted_.push_back({&expression, start, end, '\3'});
    }
  }

  CatalogQuery& query_;
  const std::string& text_;
  std::vector<Lifted> lifted_;
};

std::optional<CatalogQuery> CatalogQuery::Of(duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::SELECT_STATEMENT ||
      !statement.named_param_map.empty())
    return std::nullopt;
  const std::string& text = statement.query;
  if (text.find("pg_") == std::string::npos && text.find("information_schema") == std::string::npos)
    return std::nullopt;
  auto& node = *statement.Cast<duckdb::SelectStatement>().node;
  if (!Namer().Only(node)) return std::nullopt;
  CatalogQuery query;
  query.statement_ = &statement;
  size_t start = statement.stmt_location;
  size_t end = statement.stmt_length == 0
                   ? text.size()
                   : std::min<size_t>(start + statement.stmt_length, text.size());
  if (start >= end) return std::nullopt;
  ConstantLifter lifter(query, text);
  lifter.Node(node);
  lifter.Finish(start, end);
  return query;
}

duckdb::unique_ptr<duckdb::SQLStatement> CatalogQuery::WithParameters() const {
  std::vector<ExpressionPtr> constants;
  for (size_t i = 0; i < places_.size(); ++i) {
    auto parameter = duckdb::make_uniq<duckdb::ParameterExpression>();
    parameter->identifier = std::to_string(i + 1);
    constants.push_back(std::exchange(*places_[i], std::move(parameter)));
  }
  auto copy = statement_->Copy();
  for (size_t i = 0; i < places_.size(); ++i) {
    *places_[i] = std::move(constants[i]);
    copy->named_param_map[std::to_string(i + 1)] = i + 1;
  }
  return copy;
}

CatalogPlan::CatalogPlan() { ++plans; }
CatalogPlan::~CatalogPlan() { --plans; }

namespace {

/// What fails must not fail the transaction: the statement as it is may do well. False when it did.
template <typename Work>
bool InTransaction(duckdb::ClientContext& context, Work work) {
  bool done = false;
  context.RunFunctionInTransaction([&] {
    try {
      work();
      done = true;
    } catch (const std::exception&) {
      // If it is not the parameters' fault, the statement as it is will say so.
    }
  });
  return done;
}

/// As the parameters' types; nothing when one is not of its type.
std::optional<duckdb::vector<duckdb::Value>> ValuesFor(const duckdb::PreparedStatement& prepared,
                                                       const CatalogQuery& query) {
  duckdb::vector<duckdb::Value> values;
  for (size_t i = 0; i < query.values().size(); ++i) {
    duckdb::Value value = query.values()[i];
    duckdb::LogicalType type(duckdb::LogicalTypeId::UNKNOWN);
    prepared.data->TryGetType(std::to_string(i + 1), type);
    // A macro may have passed over it.
    if (!IsUnresolved(type)) {
      // Names of functions and of other things turn into numbers by the catalogue.
      bool number = type.IsIntegral() && (!type.HasAlias() || type.GetAlias() == "oid");
      bool text = type.id() == duckdb::LogicalTypeId::VARCHAR && !value.type().IsIntegral();
      if (!text && (!number || !value.DefaultTryCastAs(duckdb::LogicalType(type.id()))))
        return std::nullopt;
      value.Reinterpret(type);
    }
    values.push_back(std::move(value));
  }
  return values;
}

/// A parameter that DuckDB does not know for one. Where a parameter could be pushed down into a
/// scan, DuckDB gives up the plan, to make another when it has the value; the scans of the
/// catalogue look at it when they start.
class LateValue : public duckdb::BoundParameterExpression {
 public:
  explicit LateValue(const duckdb::BoundParameterExpression& parameter)
      : BoundParameterExpression(parameter.identifier) {
    return_type = parameter.return_type;
    parameter_data = parameter.parameter_data;
    SetAlias(parameter.GetAlias());
  }
  bool HasParameter() const override { return false; }
  duckdb::unique_ptr<duckdb::Expression> Copy() const override {
    return duckdb::make_uniq<LateValue>(static_cast<const BoundParameterExpression&>(*this));
  }
};

void TakeParameters(duckdb::unique_ptr<duckdb::Expression>& expression) {
  if (expression->GetExpressionClass() == ExpressionClass::BOUND_PARAMETER) {
    expression = duckdb::make_uniq<LateValue>(expression->Cast<duckdb::BoundParameterExpression>());
    return;
  }
  duckdb::ExpressionIterator::EnumerateChildren(
      *expression, [](duckdb::unique_ptr<duckdb::Expression>& child) { TakeParameters(child); });
}

void TakeParameters(duckdb::LogicalOperator& plan) {
  duckdb::LogicalOperatorVisitor::EnumerateExpressions(
      plan,
      [](duckdb::unique_ptr<duckdb::Expression>* expression) { TakeParameters(*expression); });
  for (auto& child : plan.children) TakeParameters(*child);
}

/// As DuckDB does, which plans what has parameters only when it has their values, too.
std::shared_ptr<CatalogPlan> MakePlan(duckdb::ClientContext& context, const CatalogQuery& query) {
  auto statement = query.WithParameters();
  postgres_catalog::ReadRelationsDirectly(*statement);
  auto data = duckdb::make_shared_ptr<duckdb::PreparedStatementData>(statement->type);
  data->unbound_statement = statement->Copy();
  std::string text = statement->query;
  auto parameters = statement->named_param_map;
  InTransaction(context, [&] {
    duckdb::Planner planner(context);
    planner.CreatePlan(std::move(statement));
    data->properties = planner.properties;
    data->names = planner.names;
    data->types = planner.types;
    data->value_map = std::move(planner.value_map);
    if (!data->properties.bound_all_parameters || !postgres_catalog::IsReusable(*planner.plan))
      return;
    TakeParameters(*planner.plan);
    duckdb::Optimizer optimizer(*planner.binder, context);
    auto plan = optimizer.Optimize(std::move(planner.plan));
    duckdb::PhysicalPlanGenerator generator(context);
    data->physical_plan = generator.Plan(std::move(plan));
  });
  if (!data->physical_plan) return nullptr;
  auto plan = std::make_shared<CatalogPlan>();
  plan->prepared = std::make_shared<duckdb::PreparedStatement>(
      context.shared_from_this(), std::move(data), std::move(text), std::move(parameters));
  return plan;
}

}  // namespace

CatalogPlans::Known& CatalogPlans::Remember(const std::string& key) {
  size_t hash = std::hash<std::string>()(key);
  auto known =
      std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return one.key == hash; });
  if (known != known_.end()) {
    known_.splice(known_.begin(), known_, known);
  } else {
    known_.emplace_front();
    known_.front().key = hash;
    if (known_.size() > kKept) known_.pop_back();
  }
  return known_.front();
}

std::optional<CatalogPlans::Found> CatalogPlans::Find(duckdb::ClientContext& context,
                                                      const CatalogQuery& query) {
  Known& known = Remember(query.key());
  if (!std::exchange(known.seen, true) || known.refused) return std::nullopt;
  try {
    std::shared_ptr<postgres_catalog::Snapshot> snapshot;
    if (!InTransaction(context, [&] { snapshot = postgres_catalog::Snapshot::Of(context); }))
      return std::nullopt;
    bool fits = known.plan && known.text == query.key() && known.plan->snapshot.lock() == snapshot;
    if (!fits) {
      if (plans >= kKeptByAll && !known.plan) return std::nullopt;
      known.plan = MakePlan(context, query);
      if (!known.plan) {
        known.refused = true;
        return std::nullopt;
      }
      known.text = query.key();
      known.plan->snapshot = snapshot;
    } else if (known.plan->prepared.use_count() > 1 || known.plan->prepared->data.use_count() > 1) {
      return std::nullopt;  // another statement's
    }
    auto values = ValuesFor(*known.plan->prepared, query);
    if (!values) return std::nullopt;
    return Found{known.plan, std::move(*values)};
  } catch (...) {
    return std::nullopt;  // in a failed transaction
  }
}

void CatalogPlans::Forget() { known_.clear(); }

}  // namespace skein::engine
