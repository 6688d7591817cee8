#include "engine/postgres_catalog/catalog_table_function.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>

#include "duckdb/common/exception.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/filter/list.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_catalog/rows.h"
#include "engine/postgres_catalog/session_state.h"

namespace skein::engine::postgres_catalog {
namespace {

struct Hint {
  std::string column;
  /// The value is a pattern: what it asks for is the name in it.
  bool pattern = false;
  /// Evaluated when the scan starts: they may be parameters.
  std::vector<std::shared_ptr<duckdb::Expression>> values;
};

struct BindData : duckdb::TableFunctionData {
  const RelationDef* definition = nullptr;
  std::vector<Hint> hints;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    auto copy = duckdb::make_uniq<BindData>();
    copy->definition = definition;
    copy->hints = hints;
    return copy;
  }
  bool Equals(const duckdb::FunctionData& other_data) const override {
    const auto& other = other_data.Cast<BindData>();
    return definition == other.definition && hints.empty() && other.hints.empty();
  }
};

struct ScanState : duckdb::GlobalTableFunctionState {
  std::unique_ptr<CatalogRows> rows;
  std::vector<int> slots;
  size_t next = 0;
  /// What the rows must fulfil; null when nothing was pushed down.
  duckdb::unique_ptr<duckdb::Expression> condition;
  duckdb::unique_ptr<duckdb::ExpressionExecutor> executor;
};

/// data/<name>.tsv; empty when there is none.
std::string_view StaticRows(const RelationDef& definition) {
  return definition.schema == "pg_catalog" ? StaticData(definition.name) : std::string_view();
}

std::unique_ptr<CatalogRows> OpenStatic(const RelationDef& definition) {
  auto lines = SplitFields(StaticRows(definition), '\n');
  size_t count = lines.size();
  size_t columns = definition.columns.size();
  return MakeRows(count, [lines = std::move(lines), columns](size_t i, RowWriter& row) {
    auto fields = SplitFields(lines[i], '\t');
    for (size_t column = 0; column < columns; ++column) {
      if (column >= fields.size() || fields[column] == "\\N") {
        row.Null();
      } else if (!row.Wanted()) {
        row.Null();
      } else {
        row.Text(fields[column]);
      }
    }
  });
}

bool TellsNames(std::string_view relation) {
  return relation == "pg_prepared_statements" || relation == "pg_cursors";
}

/// Names of the session's own: it is to tell them before it runs what reads them.
void AskForNames(duckdb::ClientContext& context, const std::string& relation) {
  if (!TellsNames(relation)) return;
  auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  if (state && state->entry) state->entry->AskForNames();
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
  auto data = duckdb::make_uniq<BindData>();
  data->definition = FindRelationDef(input.inputs[0].ToString(), input.inputs[1].ToString());
  if (!data->definition)
    throw duckdb::BinderException("there is no catalogue relation \"%s\"",
                                  input.inputs[1].ToString());
  AskForNames(context, input.inputs[1].ToString());
  for (const auto& column : data->definition->columns) {
    names.emplace_back(column.name);
    types.push_back(ColumnType(column.type));
  }
  return data;
}

/// The column that an expression reads, through casts that keep equality. Empty when it is none.
std::string ReadColumn(const duckdb::LogicalGet& get, const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST) {
    const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
    // Numbers widen; a number or a name turned into text would compare by other rules.
    bool number = cast.child->return_type.IsIntegral() && cast.return_type.IsIntegral();
    bool text = cast.child->return_type.id() == duckdb::LogicalTypeId::VARCHAR &&
                cast.return_type.id() == duckdb::LogicalTypeId::VARCHAR;
    return number || text ? ReadColumn(get, *cast.child) : std::string();
  }
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return {};
  const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
  if (reference.binding.table_index != get.table_index) return {};
  const auto& ids = get.GetColumnIds();
  auto index = reference.binding.column_index;
  if (index >= ids.size() || ids[index].IsVirtualColumn()) return {};
  return get.names[ids[index].GetPrimaryIndex()];
}

/// Of `column ~ pattern`, which DuckDB calls regexp_matches(column, pattern[, options]): whether no
/// option makes upper and lower case the same.
bool IsPlainMatch(const duckdb::BoundFunctionExpression& call) {
  if (call.function.name != "regexp_matches" || call.children.size() < 2) return false;
  return call.children.size() == 2 || call.children[2]->ToString() == "'s'";
}

void TakeHint(BindData& data, const duckdb::LogicalGet& get, const duckdb::Expression& filter) {
  Hint hint;
  auto add = [&](const duckdb::Expression& value) {
    if (!value.IsScalar() || value.IsVolatile() || value.HasSubquery()) return false;
    hint.values.push_back(std::shared_ptr<duckdb::Expression>(value.Copy().release()));
    return true;
  };
  if (filter.GetExpressionType() == duckdb::ExpressionType::COMPARE_EQUAL) {
    const auto& comparison = filter.Cast<duckdb::BoundComparisonExpression>();
    const duckdb::Expression* value = comparison.right.get();
    hint.column = ReadColumn(get, *comparison.left);
    if (hint.column.empty()) {
      hint.column = ReadColumn(get, *comparison.right);
      value = comparison.left.get();
    }
    if (hint.column.empty() || !add(*value)) return;
  } else if (filter.GetExpressionType() == duckdb::ExpressionType::COMPARE_IN) {
    const auto& in = filter.Cast<duckdb::BoundOperatorExpression>();
    hint.column = ReadColumn(get, *in.children[0]);
    if (hint.column.empty()) return;
    for (size_t i = 1; i < in.children.size(); ++i) {
      if (!add(*in.children[i])) return;
    }
  } else if (filter.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION) {
    const auto& call = filter.Cast<duckdb::BoundFunctionExpression>();
    if (!IsPlainMatch(call)) return;
    hint.column = ReadColumn(get, *call.children[0]);
    hint.pattern = true;
    if (hint.column.empty() || !add(*call.children[1])) return;
  } else {
    return;
  }
  data.hints.push_back(std::move(hint));
}

/// Remembers what may be used; the conditions themselves become filters, or stay above the scan.
void TakeHints(duckdb::ClientContext&, duckdb::LogicalGet& get, duckdb::FunctionData* bind_data,
               duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
  auto& data = bind_data->Cast<BindData>();
  for (const auto& filter : filters) TakeHint(data, get, *filter);
}

/// What a filter that DuckDB pushed down asks of the column by `=` or IN. Those that come of the
/// other side of a join are known by now: few keys there are few rows here.
void Restrict(const std::string& column, const duckdb::TableFilter& filter,
              Restriction& restriction) {
  switch (filter.filter_type) {
    case duckdb::TableFilterType::CONSTANT_COMPARISON: {
      const auto& comparison = filter.Cast<duckdb::ConstantFilter>();
      if (comparison.comparison_type == duckdb::ExpressionType::COMPARE_EQUAL)
        restriction.Add(column, {comparison.constant});
      return;
    }
    case duckdb::TableFilterType::IN_FILTER: {
      const auto& values = filter.Cast<duckdb::InFilter>().values;
      restriction.Add(column, {values.begin(), values.end()});
      return;
    }
    case duckdb::TableFilterType::CONJUNCTION_AND:
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters)
        Restrict(column, *child, restriction);
      return;
    case duckdb::TableFilterType::OPTIONAL_FILTER:
      if (const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter)
        Restrict(column, *child, restriction);
      return;
    default:
      return;
  }
}

/// All filters as one condition over the columns that are asked for.
void TakeFilters(duckdb::ClientContext& context, const duckdb::TableFunctionInitInput& input,
                 const RelationDef& definition, ScanState& state, Restriction& restriction) {
  if (!input.filters) return;
  auto condition = duckdb::make_uniq<duckdb::BoundConjunctionExpression>(
      duckdb::ExpressionType::CONJUNCTION_AND);
  for (const auto& [index, filter] : input.filters->filters) {
    auto column = input.column_ids[index];
    if (column >= definition.columns.size()) continue;  // no filter is on a row's number
    const auto& given = definition.columns[column];
    Restrict(std::string(given.name), *filter, restriction);
    duckdb::BoundReferenceExpression reference(ColumnType(given.type), index);
    condition->children.push_back(filter->ToExpression(reference));
  }
  if (condition->children.empty()) return;
  state.condition =
      condition->children.size() == 1 ? std::move(condition->children[0]) : std::move(condition);
  state.executor = duckdb::make_uniq<duckdb::ExpressionExecutor>(context, *state.condition);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> Init(duckdb::ClientContext& context,
                                                          duckdb::TableFunctionInitInput& input) {
  const auto& data = input.bind_data->Cast<BindData>();
  auto state = duckdb::make_uniq<ScanState>();
  state->slots.assign(data.definition->columns.size(), -1);
  for (size_t i = 0; i < input.column_ids.size(); ++i) {
    if (input.column_ids[i] < state->slots.size())
      state->slots[input.column_ids[i]] = static_cast<int>(i);
  }
  Restriction restriction;
  for (const Hint& hint : data.hints) {
    std::vector<duckdb::Value> values;
    for (const auto& value : hint.values) {
      values.push_back(duckdb::ExpressionExecutor::EvaluateScalar(context, *value, true));
    }
    if (hint.pattern) {
      auto name = values[0].IsNull() ? std::nullopt : NameInPattern(values[0].ToString());
      if (!name) continue;
      values[0] = duckdb::Value(*name);
    }
    restriction.Add(hint.column, std::move(values));
  }
  TakeFilters(context, input, *data.definition, *state, restriction);
  WithoutInternalErrors([&] {
    if (OpenRows open = FindRows(data.definition->schema, data.definition->name)) {
      state->rows = open(context, Snapshot::Of(context), restriction);
    } else {
      state->rows = OpenStatic(*data.definition);
    }
  });
  return state;
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& out) {
  auto& state = input.global_state->Cast<ScanState>();
  RowWriter row(out, state.slots);
  duckdb::SelectionVector fitting(STANDARD_VECTOR_SIZE);
  while (true) {
    duckdb::idx_t count = 0;
    for (; count < STANDARD_VECTOR_SIZE && state.next < state.rows->Count();
         ++count, ++state.next) {
      row.Start(count);
      WithoutInternalErrors([&] { state.rows->Write(state.next, row); });
    }
    out.SetCardinality(count);
    if (!state.executor || count == 0) return;
    duckdb::idx_t fits = state.executor->SelectExpression(out, fitting);
    if (fits == count) return;
    if (fits > 0) return out.Slice(fitting, fits);
    // No rows would be the end.
    out.Reset();
  }
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(duckdb::ClientContext& context,
                                                       const duckdb::FunctionData* bind_data) {
  // Enough to have joins begin at the small end.
  const auto& data = bind_data->Cast<BindData>();
  auto snapshot = Snapshot::Of(context);
  duckdb::idx_t rows = 200;
  if (data.definition->name == "pg_attribute" || data.definition->name == "columns") {
    rows = 20 * snapshot->relations.size();
  } else if (data.definition->name == "pg_class" || data.definition->name == "tables") {
    rows = snapshot->relations.size();
  } else if (data.definition->name == "pg_proc") {
    rows = 3000;
  } else if (data.definition->name == "pg_namespace") {
    rows = snapshot->namespaces.size();
  } else if (data.definition->name == "pg_constraint") {
    rows = snapshot->constraints.size();
  } else if (data.definition->name == "pg_index") {
    rows = snapshot->indexes.size();
  } else if (data.definition->name == "pg_description" || data.definition->name == "pg_attrdef") {
    rows = snapshot->relations.size();
  }
  if (!data.hints.empty()) rows = rows / 10 + 1;
  return duckdb::make_uniq<duckdb::NodeStatistics>(rows);
}

}  // namespace

std::optional<std::string> NameInPattern(std::string_view pattern) {
  if (!pattern.starts_with("^(") || !pattern.ends_with(")$")) return std::nullopt;
  std::string_view text = pattern.substr(2, pattern.size() - 4);
  bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c >= 0x80;
  });
  return plain ? std::optional<std::string>(text) : std::nullopt;
}

bool IsReusableRead(const duckdb::LogicalGet& get) {
  if (get.function.name != kCatalogTableFunction || !get.bind_data) return false;
  return !TellsNames(get.bind_data->Cast<BindData>().definition->name);
}

bool NeverHasRows(const duckdb::LogicalGet& get) {
  if (get.function.name != kCatalogTableFunction || !get.bind_data) return false;
  const RelationDef& definition = *get.bind_data->Cast<BindData>().definition;
  return !FindRows(definition.schema, definition.name) && StaticRows(definition).empty();
}

duckdb::TableFunction CatalogTableFunction() {
  using duckdb::LogicalType;
  duckdb::TableFunction function(kCatalogTableFunction,
                                 {LogicalType::VARCHAR, LogicalType::VARCHAR}, Scan, Bind, Init);
  function.projection_pushdown = true;
  function.filter_pushdown = true;
  function.pushdown_complex_filter = TakeHints;
  function.cardinality = Cardinality;
  return function;
}

}  // namespace skein::engine::postgres_catalog
