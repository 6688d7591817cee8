#include "distributed/planner/aggregate_parts.h"

#include <set>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"

#include "distributed/fragment/aggregate_state.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/numeric.h"

namespace skein::distributed {

using duckdb::BoundAggregateExpression;
using duckdb::BoundCastExpression;
using duckdb::Expression;
using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::vector;

bool IsByKey(const std::string& name) {
  static const std::set<std::string> names = {"arg_max", "argmax", "max_by",
                                              "arg_min", "argmin", "min_by"};
  return names.contains(name);
}

bool IsCount(const std::string& name) { return name == "count" || name == "count_star"; }

bool IsCountIf(const std::string& name) { return name == "count_if" || name == "countif"; }

bool Decomposable(const BoundAggregateExpression& aggregate, bool grouped) {
  static const std::set<std::string> names = {
      "sum",      "sum_no_overflow", "count",   "count_star", "min",     "max",   "avg",
      "bool_and", "bool_or",         "bit_and", "bit_or",     "bit_xor", "first", "any_value"};
  const std::string& name = aggregate.function.name;
  if (aggregate.IsDistinct() || aggregate.order_bys) return false;
  if (HasPlainState(aggregate) || IsCountIf(name)) return true;
  // With a number, too, it is a list.
  if (IsByKey(name)) return aggregate.children.size() == 2;
  if (!names.contains(name)) return false;
  // Dates have averages, too, but not as a sum and a count; the sum of intervals is PostgreSQL's.
  if ((name == "avg" || name == "sum") && !aggregate.children[0]->return_type.IsNumeric())
    return false;
  // min(x, n) is a list.
  if ((name == "min" || name == "max") && aggregate.children.size() != 1) return false;
  // A task without rows, or without any that pass, would give a NULL that is taken for the first.
  return name != "first" || (grouped && !aggregate.filter);
}

unique_ptr<BoundAggregateExpression> BindAggregate(duckdb::ClientContext& context,
                                                   const std::string& name,
                                                   vector<unique_ptr<Expression>> arguments,
                                                   const char* schema) {
  auto& entry =
      duckdb::Catalog::GetSystemCatalog(context).GetEntry<duckdb::AggregateFunctionCatalogEntry>(
          context, schema, name);
  vector<LogicalType> types;
  for (const auto& argument : arguments) types.push_back(argument->return_type);
  duckdb::FunctionBinder binder(context);
  duckdb::ErrorData error;
  auto best = binder.BindFunction(entry.name, entry.functions, types, error);
  if (!best.IsValid()) error.Throw();
  return binder.BindAggregateFunction(entry.functions.GetFunctionByOffset(best.GetIndex()),
                                      std::move(arguments), nullptr,
                                      duckdb::AggregateType::NON_DISTINCT);
}

bool IsExactAverage(const LogicalType& type) { return type.id() == duckdb::LogicalTypeId::DECIMAL; }

unique_ptr<Expression> AverageOf(duckdb::ClientContext& context, unique_ptr<Expression> sum,
                                 unique_ptr<Expression> count, const LogicalType& type) {
  const bool exact = IsExactAverage(type);
  vector<unique_ptr<Expression>> arguments;
  arguments.push_back(std::move(sum));
  arguments.push_back(std::move(count));
  if (exact) {
    const int32_t scale = duckdb::DecimalType::GetScale(type);
    arguments.push_back(make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::INTEGER(scale)));
  } else {
    for (auto& argument : arguments)
      argument =
          BoundCastExpression::AddCastToType(context, std::move(argument), LogicalType::DOUBLE);
  }
  duckdb::FunctionBinder binder(context);
  duckdb::ErrorData error;
  auto bound = binder.BindScalarFunction(exact ? engine::kPgCatalog : DEFAULT_SCHEMA,
                                         exact ? engine::kNumericQuotient : "/",
                                         std::move(arguments), error);
  if (error.HasError()) error.Throw();
  return bound;
}

}  // namespace skein::distributed
