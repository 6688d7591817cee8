#include "engine/postgres_functions/text_lengths.h"

#include <optional>
#include <string>
#include <utility>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "duckdb/planner/operator/logical_merge_into.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_update.hpp"

#include "engine/postgres_functions/declared_text.h"
#include "engine/postgres_functions/jsonb.h"
#include "engine/postgres_functions/registrar.h"
#include "results/pg_type.h"

namespace skein::engine {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using duckdb::LogicalType;
using duckdb::string_t;
using Expression = duckdb::unique_ptr<duckdb::Expression>;
using Plan = duckdb::unique_ptr<LogicalOperator>;

constexpr const char* kSchema = "pg_catalog";

/// Of a text that is longer than n bytes: as much of it as has n characters.
string_t Shortened(string_t text, int32_t length, bool padded) {
  const char* data = text.GetData();
  size_t size = text.GetSize();
  size_t end = 0;
  for (int32_t characters = 0; end < size; ++end) {
    bool begins = (static_cast<unsigned char>(data[end]) & 0xC0) != 0x80;
    if (begins && characters++ == length) break;
  }
  for (size_t i = end; i < size; ++i) {
    if (data[i] == ' ') continue;
    ThrowSql("22001", "value too long for type " +
                          std::string(padded ? "character" : "character varying") + "(" +
                          std::to_string(length) + ")");
  }
  return {data, static_cast<uint32_t>(end)};
}

/// (text, n, whether it is char(n)).
void TextOfLength(duckdb::DataChunk& input, duckdb::ExpressionState&, duckdb::Vector& result) {
  bool padded = duckdb::BooleanValue::Get(input.data[2].GetValue(0));
  duckdb::BinaryExecutor::Execute<string_t, int32_t, string_t>(
      input.data[0], input.data[1], result, input.size(), [&](string_t text, int32_t length) {
        return text.GetSize() <= static_cast<size_t>(length) ? text
                                                             : Shortened(text, length, padded);
      });
  duckdb::StringVector::AddHeapReference(result, input.data[0]);
}

/// What a column asks of its values.
struct Length {
  int32_t characters = 0;
  bool padded = false;
  bool jsonb = false;  ///< that they are written as jsonb is, and not how long they are
};

std::optional<Length> LengthOf(const duckdb::ColumnDefinition& column) {
  constexpr int32_t kTypmodHeader = 4;
  auto declared = DeclaredTextOf(column);
  if (declared && declared->oid == results::pg_oid::kJsonb) return Length{0, false, true};
  if (!declared || declared->typmod <= kTypmodHeader) return std::nullopt;
  return Length{declared->typmod - kTypmodHeader, declared->oid == results::pg_oid::kBpchar};
}

Expression Measured(duckdb::ClientContext& context, Expression value, const Length& length) {
  std::string alias = value->GetAlias();
  duckdb::vector<Expression> arguments;
  arguments.push_back(std::move(value));
  if (!length.jsonb) {
    arguments.push_back(duckdb::make_uniq<duckdb::BoundConstantExpression>(
        duckdb::Value::INTEGER(length.characters)));
    arguments.push_back(
        duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::BOOLEAN(length.padded)));
  }
  duckdb::ErrorData error;
  auto call = duckdb::FunctionBinder(context).BindScalarFunction(
      kSchema, length.jsonb ? kJsonbOf : kTextOfLength, std::move(arguments), error);
  if (!call) error.Throw();
  call->SetAlias(alias);
  return call;
}

/// Of a value that a constant is: it is looked at once, and needs no function.
bool Fits(const duckdb::Expression& value, const Length& length) {
  if (length.jsonb || value.GetExpressionClass() != duckdb::ExpressionClass::BOUND_CONSTANT)
    return false;
  const auto& constant = value.Cast<duckdb::BoundConstantExpression>().value;
  return constant.IsNull() ||
         (constant.type().id() == duckdb::LogicalTypeId::VARCHAR &&
          duckdb::StringValue::Get(constant).size() <= static_cast<size_t>(length.characters));
}

/// The rows of an INSERT, through a projection that measures them.
void MeasureInsert(duckdb::OptimizerExtensionInput& input, duckdb::LogicalInsert& insert) {
  auto& child = insert.children[0];
  child->ResolveOperatorTypes();
  auto bindings = child->GetColumnBindings();
  duckdb::vector<Expression> values;
  for (size_t i = 0; i < bindings.size(); ++i) {
    values.push_back(
        duckdb::make_uniq<duckdb::BoundColumnRefExpression>(child->types[i], bindings[i]));
  }
  bool any = false;
  for (const auto& column : insert.table.GetColumns().Physical()) {
    auto physical = column.Physical();
    duckdb::idx_t at =
        insert.column_index_map.empty() ? physical.index : insert.column_index_map[physical];
    if (at >= values.size() || child->types[at].id() != duckdb::LogicalTypeId::VARCHAR) continue;
    auto length = LengthOf(column);
    if (!length) continue;
    values[at] = Measured(input.context, std::move(values[at]), *length);
    any = true;
  }
  if (!any) return;
  auto projection = duckdb::make_uniq<duckdb::LogicalProjection>(
      input.optimizer.binder.GenerateTableIndex(), std::move(values));
  projection->children.push_back(std::move(child));
  child = std::move(projection);
}

/// The expression of the projection below that gives a value; null for DEFAULT.
Expression* Given(LogicalOperator& child, const duckdb::Expression& value) {
  if (child.type != LogicalOperatorType::LOGICAL_PROJECTION ||
      value.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) {
    return nullptr;
  }
  const auto& binding = value.Cast<duckdb::BoundColumnRefExpression>().binding;
  bool there = binding.table_index == child.Cast<duckdb::LogicalProjection>().table_index &&
               binding.column_index < child.expressions.size();
  return there ? &child.expressions[binding.column_index] : nullptr;
}

/// What an UPDATE or a MERGE does to its target, over the projection that gives the values.
struct Change {
  duckdb::ClientContext& context;
  const duckdb::TableCatalogEntry& table;
  LogicalOperator& child;
  /// Where the number of the target's row is in the projection.
  duckdb::idx_t row_id;

  /// An UPDATE that DuckDB makes a DELETE and an INSERT takes the other columns as they are, and
  /// what is in a column is not for another statement to judge.
  bool IsTargetsOwn(const duckdb::Expression& given, const duckdb::ColumnDefinition& column) const {
    if (given.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF ||
        given.GetAlias() != column.Name() || row_id >= child.expressions.size() ||
        child.expressions[row_id]->GetExpressionClass() !=
            duckdb::ExpressionClass::BOUND_COLUMN_REF) {
      return false;
    }
    auto table_of = [](const duckdb::Expression& reference) {
      return reference.Cast<duckdb::BoundColumnRefExpression>().binding.table_index;
    };
    return table_of(given) == table_of(*child.expressions[row_id]);
  }

  void Measure(const duckdb::Expression& value, duckdb::PhysicalIndex index) {
    const auto& column = table.GetColumns().GetColumn(index);
    auto length = LengthOf(column);
    Expression* given = length ? Given(child, value) : nullptr;
    if (!given || (*given)->return_type.id() != duckdb::LogicalTypeId::VARCHAR) return;
    if (IsTargetsOwn(**given, column) || Fits(**given, *length)) return;
    *given = Measured(context, std::move(*given), *length);
  }
};

void MeasureUpdate(duckdb::ClientContext& context, duckdb::LogicalUpdate& update) {
  auto& child = *update.children[0];
  Change change{context, update.table, child, child.expressions.size() - 1};
  for (size_t i = 0; i < update.columns.size() && i < update.expressions.size(); ++i)
    change.Measure(*update.expressions[i], update.columns[i]);
}

void MeasureMerge(duckdb::ClientContext& context, duckdb::LogicalMergeInto& merge) {
  Change change{context, merge.table, *merge.children[0], merge.row_id_start};
  for (auto& [condition, actions] : merge.actions) {
    for (auto& action : actions) {
      const auto& values = action->expressions;
      if (action->action_type == duckdb::MergeActionType::MERGE_UPDATE) {
        for (size_t i = 0; i < action->columns.size() && i < values.size(); ++i)
          change.Measure(*values[i], action->columns[i]);
      } else if (action->action_type == duckdb::MergeActionType::MERGE_INSERT) {
        for (const auto& column : merge.table.GetColumns().Physical()) {
          auto& map = action->column_index_map;
          auto at = map.empty() ? column.Physical().index : map[column.Physical()];
          if (at < values.size()) change.Measure(*values[at], column.Physical());
        }
      }
    }
  }
}

void Measure(duckdb::OptimizerExtensionInput& input, Plan& plan) {
  if (plan->type == LogicalOperatorType::LOGICAL_INSERT) {
    MeasureInsert(input, plan->Cast<duckdb::LogicalInsert>());
  } else if (plan->type == LogicalOperatorType::LOGICAL_UPDATE) {
    MeasureUpdate(input.context, plan->Cast<duckdb::LogicalUpdate>());
  } else if (plan->type == LogicalOperatorType::LOGICAL_MERGE_INTO) {
    MeasureMerge(input.context, plan->Cast<duckdb::LogicalMergeInto>());
  } else {
    // RETURNING and EXPLAIN stand above.
    for (auto& child : plan->children) Measure(input, child);
  }
}

}  // namespace

void RegisterTextLengths(duckdb::DatabaseInstance& db) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = Measure;
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(db), std::move(extension));
}

void RegisterTextLengthFunction(FunctionRegistrar& registrar) {
  registrar.AddPgScalar(
      kTextOfLength, {Fallible({LogicalType::VARCHAR, LogicalType::INTEGER, LogicalType::BOOLEAN},
                               LogicalType::VARCHAR, TextOfLength)});
}

}  // namespace skein::engine
