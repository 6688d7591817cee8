#include "distributed/planner/cutter.h"

#include <algorithm>

#include "duckdb/common/types/value.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/optimizer/column_binding_replacer.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_order.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"

#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/merge_scan.h"

namespace skein::distributed {

using duckdb::ColumnBinding;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalOperatorType;
using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::vector;

namespace {

/// What must not run in several places, or elsewhere.
void RefuseVolatile(const Expression& expression) {
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION) {
    auto& function = expression.Cast<duckdb::BoundFunctionExpression>().function;
    if (function.name == "iceberg_verify_equality_deletes")
      throw NotCut("rows of an Iceberg table are deleted by their values (equality deletes)");
    // error() is called volatile so that it is not called ahead of time; it only fails.
    if (function.name != "error") {
      if (function.GetStability() == duckdb::FunctionStability::VOLATILE)
        throw NotCut(function.name + "() gives another value each time it is called");
      if (function.GetStability() != duckdb::FunctionStability::CONSISTENT)
        throw NotCut(function.name + "() depends on the session");
    }
  }
  duckdb::ExpressionIterator::EnumerateChildren(
      expression, [](const Expression& child) { RefuseVolatile(child); });
}

/// The ORDER BY below nothing but what keeps the order of rows.
const duckdb::LogicalOperator* FinalOrder(const duckdb::LogicalOperator& op) {
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return &op;
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_LIMIT:
    case LogicalOperatorType::LOGICAL_COPY_TO_FILE:
    case LogicalOperatorType::LOGICAL_INSERT:
    case LogicalOperatorType::LOGICAL_CREATE_TABLE:
      return op.children.size() == 1 ? FinalOrder(*op.children[0]) : nullptr;
    default:
      return nullptr;
  }
}

void RefuseVolatile(duckdb::LogicalOperator& op) {
  duckdb::LogicalOperatorVisitor::EnumerateExpressions(
      op, [](unique_ptr<Expression>* expression) { RefuseVolatile(**expression); });
  for (auto& child : op.children) RefuseVolatile(*child);
}

}  // namespace

std::string NamesOf(const vector<unique_ptr<Expression>>& expressions) {
  std::string names;
  for (const auto& expression : expressions) {
    if (!names.empty()) names += ", ";
    names += expression->GetName();
  }
  return names;
}

void Cutter::Cut(Plan plan) {
  root = std::move(plan);
  RefuseVolatile(*root);
  final_order_ = FinalOrder(*root);
  Property property = Visit(root);
  Gather(root, property);
  if (table_write) root = table_write->TakeIn(std::move(root));
  root->ResolveOperatorTypes();
}

Property Cutter::Visit(Operator& op) {
  switch (op->type) {
    case LogicalOperatorType::LOGICAL_GET:
      return VisitGet(op);
    case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
    case LogicalOperatorType::LOGICAL_CHUNK_GET:
    case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
      for (auto& child : op->children) Visit(child);
      return Property::Replicated();
    case LogicalOperatorType::LOGICAL_EMPTY_RESULT:
      return Property::Replicated();
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_UNNEST:
      return VisitInPlace(op);
    case LogicalOperatorType::LOGICAL_PROJECTION:
      return VisitProjection(op);
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
    case LogicalOperatorType::LOGICAL_ASOF_JOIN:
      return VisitComparisonJoin(op);
    case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
    case LogicalOperatorType::LOGICAL_ANY_JOIN:
      return VisitLooseJoin(op);
    case LogicalOperatorType::LOGICAL_DELIM_JOIN:
      return VisitDelimJoin(op);
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      return VisitAggregate(op);
    case LogicalOperatorType::LOGICAL_DISTINCT:
      return VisitDistinct(op);
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return VisitOrder(op);
    case LogicalOperatorType::LOGICAL_LIMIT:
      return VisitLimit(op);
    case LogicalOperatorType::LOGICAL_WINDOW:
      return VisitWindow(op);
    case LogicalOperatorType::LOGICAL_UNION:
    case LogicalOperatorType::LOGICAL_EXCEPT:
    case LogicalOperatorType::LOGICAL_INTERSECT:
      return VisitSetOperation(op);
    case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
      return VisitMaterializedCte(op);
    case LogicalOperatorType::LOGICAL_CTE_REF:
      return VisitCteRef(op);
    case LogicalOperatorType::LOGICAL_RECURSIVE_CTE:
      return VisitRecursiveCte(op);
    case LogicalOperatorType::LOGICAL_COPY_TO_FILE:
      return VisitCopy(op);
    case LogicalOperatorType::LOGICAL_INSERT:
    case LogicalOperatorType::LOGICAL_CREATE_TABLE:
      return VisitInsert(op);
    case LogicalOperatorType::LOGICAL_SAMPLE:
      throw NotCut("SAMPLE: rows are drawn from all rows in one place");
    case LogicalOperatorType::LOGICAL_POSITIONAL_JOIN:
      throw NotCut("POSITIONAL JOIN: rows meet by their places among all rows");
    default:
      throw NotCut(duckdb::LogicalOperatorToString(op->type) + " is not understood");
  }
}

Property Cutter::VisitInPlace(Operator& op) { return Visit(op->children[0]); }

Property Cutter::VisitProjection(Operator& op) {
  Property property = Visit(op->children[0]);
  return ThroughProjection(*op, property);
}

Property Cutter::ThroughProjection(duckdb::LogicalOperator& op, const Property& property) {
  if (property.kind != Property::Kind::kHashed) return property;
  auto& projection = op.Cast<duckdb::LogicalProjection>();
  vector<ColumnBinding> keys;
  for (const ColumnBinding& key : property.keys) {
    for (idx_t i = 0; i < projection.expressions.size(); ++i) {
      auto& expression = *projection.expressions[i];
      if (expression.GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF &&
          expression.Cast<duckdb::BoundColumnRefExpression>().binding == key) {
        keys.emplace_back(projection.table_index, i);
        break;
      }
    }
  }
  return keys.size() == property.keys.size() ? Property::Hashed(keys, property.open_joins)
                                             : Property::Partitioned();
}

Property Cutter::CutOff(Operator& child, Property property, Exchange exchange, Keys keys) {
  child->ResolveOperatorTypes();
  const auto types = child->types;
  const auto old_bindings = child->GetColumnBindings();

  CutStage stage;
  stage.id = static_cast<uint32_t>(stages.size());
  stage.split = property.split();
  stage.estimated_rows = EstimateRows(*child);
  stage.decisions = std::move(decisions);
  decisions.clear();

  CutExchange read;
  read.stage = stage.id;
  switch (exchange) {
    case Exchange::kGather:
      stage.output_name = "gather";
      break;
    case Exchange::kBroadcast:
      stage.output_name = "broadcast";
      break;
    case Exchange::kHash:
      stage.output_name = "hash(" + NamesOf(keys) + ")";
      read.mode = ReadMode::kPartition;
      break;
    case Exchange::kToOne:
      stage.output_name = "to one task";
      read.mode = ReadMode::kPartition;
      break;
    case Exchange::kMerge:
      stage.output_name = "sorted";
      stage.output = OutputKind::kSorted;
      read.mode = ReadMode::kTask;
      break;
    case Exchange::kInTurn:
      stage.output_name = "in turn";
      stage.output = OutputKind::kSorted;
      read.mode = ReadMode::kTask;
      break;
    case Exchange::kKeep:
      stage.output_name = "keep";
      stage.kept = true;
      // What one task made is there for all.
      read.mode = stage.split ? ReadMode::kOwn : ReadMode::kAll;
      break;
  }
  const idx_t table_index = NewIndex();
  const auto first = static_cast<uint32_t>(exchanges.size());
  Operator scan;
  if (exchange == Exchange::kMerge || exchange == Exchange::kInTurn) {
    const bool merge = exchange == Exchange::kMerge;
    for (read.part = 0; read.part < options_.tasks; ++read.part) exchanges.push_back(read);
    scan = MakeMergeScan(table_index, first, options_.tasks, merge, stage.estimated_rows, types);
    if (merge) {
      // The keys may be among the columns that are not projected.
      child->Cast<duckdb::LogicalOrder>().projection_map.clear();
      child->ResolveOperatorTypes();
    }
  } else {
    exchanges.push_back(read);
    scan = MakeExchangeScan(table_index, first, stage.estimated_rows, types, LeavesOutRows(*child));
  }
  const auto new_bindings = scan->GetColumnBindings();
  stage.plan = std::move(child);
  child = std::move(scan);
  Rebind(old_bindings, new_bindings, *child);

  vector<ColumnBinding> hashed_by;
  if (exchange == Exchange::kHash || exchange == Exchange::kToOne || exchange == Exchange::kMerge) {
    vector<unique_ptr<Expression>> columns;
    for (idx_t i = 0; i < old_bindings.size(); ++i) {
      columns.push_back(make_uniq<duckdb::BoundColumnRefExpression>(types[i], old_bindings[i]));
    }
    if (exchange == Exchange::kHash) {
      for (const auto& key : keys) {
        if (key->GetExpressionType() != duckdb::ExpressionType::BOUND_COLUMN_REF) continue;
        const auto& binding = key->Cast<duckdb::BoundColumnRefExpression>().binding;
        for (idx_t i = 0; i < old_bindings.size(); ++i) {
          if (old_bindings[i] == binding) {
            hashed_by.push_back(new_bindings[i]);
            break;
          }
        }
      }
      if (hashed_by.size() != keys.size()) hashed_by.clear();
      columns.push_back(Scalar("hash", std::move(keys)));
    } else if (exchange == Exchange::kMerge) {
      columns.push_back(Scalar("create_sort_key", std::move(keys)));
    } else {
      columns.push_back(
          make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::HASH(duckdb::hash_t{0})));
    }
    auto projection = make_uniq<duckdb::LogicalProjection>(NewIndex(), std::move(columns));
    projection->children.push_back(std::move(stage.plan));
    stage.plan = std::move(projection);
    if (exchange != Exchange::kMerge) stage.output = OutputKind::kHash;
  }
  stage.plan->ResolveOperatorTypes();
  stages.push_back(std::move(stage));

  switch (exchange) {
    case Exchange::kGather:
    case Exchange::kMerge:
    case Exchange::kInTurn:
      return Property::Single();
    case Exchange::kBroadcast:
      return Property::Replicated();
    case Exchange::kHash:
      return Property::Hashed(hashed_by);
    case Exchange::kToOne:
      return Property::Partitioned();
    case Exchange::kKeep:
      break;
  }
  return property.split() ? Property::Partitioned() : Property::Replicated();
}

Property Cutter::Gather(Operator& child, Property property) {
  if (!property.split()) return property;
  return CutOff(child, property, property.ordered ? Exchange::kInTurn : Exchange::kGather);
}

Cutter::KeptStage Cutter::Keep(Operator& child, Property property) {
  KeptStage kept{static_cast<uint32_t>(stages.size()),
                 property.split(),
                 {},
                 EstimateRows(*child),
                 property.open_joins,
                 LeavesOutRows(*child)};
  if (property.kind == Property::Kind::kHashed) {
    const auto bindings = child->GetColumnBindings();
    for (const ColumnBinding& key : property.keys) {
      for (size_t i = 0; i < bindings.size(); ++i) {
        if (bindings[i] == key) {
          kept.key_positions.push_back(i);
          break;
        }
      }
    }
    if (kept.key_positions.size() != property.keys.size()) kept.key_positions.clear();
  }
  // Stages that are cut on the way have numbers of their own; this one's is the next only now.
  CutOff(child, property, Exchange::kKeep);
  return kept;
}

Cutter::Operator Cutter::ReadKept(const KeptStage& kept, idx_t table_index,
                                  const vector<LogicalType>& types) {
  exchanges.push_back({kept.stage, kept.split ? ReadMode::kOwn : ReadMode::kAll});
  kept_scans_[table_index] = PropertyOfKept(kept, table_index);
  return MakeExchangeScan(table_index, static_cast<uint32_t>(exchanges.size() - 1), kept.rows,
                          types, kept.filtered);
}

Property Cutter::PropertyOfKept(const KeptStage& kept, idx_t table_index) const {
  if (!kept.split) return Property::Replicated();
  vector<ColumnBinding> keys;
  for (size_t position : kept.key_positions) keys.emplace_back(table_index, position);
  return Property::Hashed(keys, kept.open_joins);
}

unique_ptr<Expression> Cutter::Scalar(const std::string& name,
                                      vector<unique_ptr<Expression>> arguments) {
  duckdb::FunctionBinder binder(context_);
  duckdb::ErrorData error;
  auto bound = binder.BindScalarFunction(DEFAULT_SCHEMA, name, std::move(arguments), error);
  if (error.HasError()) error.Throw();
  return bound;
}

void Cutter::Rebind(const vector<ColumnBinding>& from, const vector<ColumnBinding>& to,
                    duckdb::LogicalOperator& stop) {
  duckdb::ColumnBindingReplacer replacer;
  for (idx_t i = 0; i < from.size(); ++i) {
    if (from[i] != to[i]) replacer.replacement_bindings.emplace_back(from[i], to[i]);
  }
  replacer.stop_operator = stop;
  replacer.VisitOperator(*root);
}

uint64_t Cutter::EstimateRows(duckdb::LogicalOperator& op) {
  const uint64_t rows = op.EstimateCardinality(context_);
  // DuckDB's estimate of a join grows with what is joined, also where a row of one side is answered
  // once at most; and what is above it may have been estimated before.
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_ORDER_BY:
    case LogicalOperatorType::LOGICAL_LIMIT:
    case LogicalOperatorType::LOGICAL_DISTINCT:
      return std::min(rows, EstimateRows(*op.children[0]));
    case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY: {
      const auto& aggregate = op.Cast<duckdb::LogicalAggregate>();
      if (aggregate.groups.empty() || aggregate.grouping_sets.size() > 1) return rows;
      return std::min(rows, EstimateRows(*op.children[0]));
    }
    case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
      switch (op.Cast<duckdb::LogicalComparisonJoin>().join_type) {
        case duckdb::JoinType::SEMI:
        case duckdb::JoinType::ANTI:
        case duckdb::JoinType::MARK:
        case duckdb::JoinType::SINGLE:
          return std::min(rows, EstimateRows(*op.children[0]));
        case duckdb::JoinType::RIGHT_SEMI:
        case duckdb::JoinType::RIGHT_ANTI:
          return std::min(rows, EstimateRows(*op.children[1]));
        default:
          return rows;
      }
    default:
      return rows;
  }
}

double Cutter::EstimateBytes(duckdb::LogicalOperator& op) {
  op.ResolveOperatorTypes();
  double width = 0;
  for (const LogicalType& type : op.types) {
    // Text and nested values are rarely short and rarely long.
    width += duckdb::TypeIsConstantSize(type.InternalType())
                 ? static_cast<double>(duckdb::GetTypeIdSize(type.InternalType()))
                 : 32.0;
  }
  return width * static_cast<double>(EstimateRows(op));
}

}  // namespace skein::distributed
