#include "distributed/fragment/aggregate_state.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

#include "distributed/fragment/task_context.h"

namespace skein::distributed {
namespace {

using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::BoundAggregateExpression;
using duckdb::FunctionData;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::string_t;
using duckdb::UnifiedVectorFormat;
using duckdb::unique_ptr;
using duckdb::Vector;

/// Whose states were looked at: numbers, one after the other.
constexpr std::array kPlainStates = {
    "stddev",     "stddev_samp",    "stddev_pop", "variance",
    "var_samp",   "var_pop",        "sem",        "corr",
    "covar_samp", "covar_pop",      "regr_avgx",  "regr_avgy",
    "regr_count", "regr_intercept", "regr_r2",    "regr_slope",
    "regr_sxx",   "regr_sxy",       "regr_syy",   "skewness",
    "kurtosis",   "kurtosis_pop",   "kahan_sum",  "fsum",
    "sumkahan",   "favg",           "product",    "approx_count_distinct"};

std::string StateName(const std::string& name) { return "skein_state_" + name; }
std::string MergeName(const std::string& name) { return "skein_merged_" + name; }

/// The function whose state it is.
struct Inner : public duckdb::AggregateFunctionInfo {
  explicit Inner(AggregateFunction inner) : function(std::move(inner)) {}
  AggregateFunction function;
};

struct StateData : public FunctionData {
  explicit StateData(duckdb::shared_ptr<duckdb::AggregateFunctionInfo> info)
      : inner(std::move(info)) {}
  unique_ptr<FunctionData> Copy() const override { return make_uniq<StateData>(inner); }
  bool Equals(const FunctionData& other) const override {
    return function() == other.Cast<StateData>().function();
  }
  const AggregateFunction& function() const { return inner->Cast<Inner>().function; }
  idx_t size() const { return function().GetStateSizeCallback()(function()); }

  duckdb::shared_ptr<duckdb::AggregateFunctionInfo> inner;
};

const StateData& DataOf(const AggregateInputData& input) {
  return input.bind_data->Cast<StateData>();
}

/// Finalizes a state by giving its bytes.
void WriteState(Vector& states, AggregateInputData& input, Vector& result, idx_t count,
                idx_t offset) {
  const idx_t size = DataOf(input).size();
  auto bytes = [&](duckdb::data_ptr_t state) {
    return duckdb::StringVector::AddStringOrBlob(result, duckdb::const_char_ptr_cast(state), size);
  };
  if (states.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
    *duckdb::ConstantVector::GetData<string_t>(result) =
        bytes(*duckdb::ConstantVector::GetData<duckdb::data_ptr_t>(states));
    return;
  }
  const auto* from = duckdb::FlatVector::GetData<duckdb::data_ptr_t>(states);
  auto* to = duckdb::FlatVector::GetData<string_t>(result);
  for (idx_t i = 0; i < count; ++i) to[i + offset] = bytes(from[i]);
}

/// Combines the states in the bytes of `inputs[0]` into those of `targets`.
void MergeInto(Vector inputs[], AggregateInputData& input, idx_t, Vector& targets, idx_t count) {
  const StateData& data = DataOf(input);
  const idx_t size = data.size();
  const idx_t stride = duckdb::AlignValue(size);
  UnifiedVectorFormat from;
  inputs[0].ToUnifiedFormat(count, from);
  const auto* bytes = UnifiedVectorFormat::GetData<string_t>(from);
  UnifiedVectorFormat to;
  targets.ToUnifiedFormat(count, to);
  const auto* states = UnifiedVectorFormat::GetData<duckdb::data_ptr_t>(to);

  auto copies = duckdb::make_unsafe_uniq_array<duckdb::data_t>(stride * count);
  Vector sources(LogicalType::POINTER, count);
  Vector merged(LogicalType::POINTER, count);
  auto* source = duckdb::FlatVector::GetData<duckdb::data_ptr_t>(sources);
  auto* target = duckdb::FlatVector::GetData<duckdb::data_ptr_t>(merged);
  idx_t known = 0;
  for (idx_t i = 0; i < count; ++i) {
    const idx_t row = from.sel->get_index(i);
    if (!from.validity.RowIsValid(row)) continue;
    if (bytes[row].GetSize() != size)
      throw duckdb::SerializationException("the state of an aggregate has another size");
    source[known] = copies.get() + known * stride;
    std::memcpy(source[known], bytes[row].GetData(), size);
    target[known] = states[to.sel->get_index(i)];
    ++known;
  }
  AggregateInputData inner(nullptr, input.allocator, duckdb::AggregateCombineType::PRESERVE_INPUT);
  data.function().GetStateCombineCallback()(sources, merged, inner, known);
}

void MergeIntoOne(Vector inputs[], AggregateInputData& input, idx_t input_count,
                  duckdb::data_ptr_t state, idx_t count) {
  Vector target(duckdb::Value::POINTER(duckdb::CastPointerToValue(state)));
  MergeInto(inputs, input, input_count, target, count);
}

unique_ptr<FunctionData> RefuseBind(duckdb::ClientContext&, AggregateFunction&,
                                    duckdb::vector<unique_ptr<duckdb::Expression>>&) {
  throw duckdb::BinderException(
      "this function belongs to the distributed planner and cannot be called");
}

void Serialize(duckdb::Serializer&, const duckdb::optional_ptr<FunctionData>,
               const AggregateFunction&) {}

unique_ptr<FunctionData> Deserialize(duckdb::Deserializer& deserializer,
                                     AggregateFunction& function) {
  (void)TaskContext::Of(deserializer.Get<duckdb::ClientContext&>());
  return make_uniq<StateData>(function.function_info);
}

void Complete(AggregateFunction& function, const AggregateFunction& inner) {
  function.SetSerializeCallback(Serialize);
  function.SetDeserializeCallback(Deserialize);
  function.SetOrderDependent(duckdb::AggregateOrderDependent::NOT_ORDER_DEPENDENT);
  function.function_info = duckdb::make_shared_ptr<Inner>(inner);
}

AggregateFunction StateFunction(const AggregateFunction& inner) {
  AggregateFunction function(
      StateName(inner.name), inner.arguments, LogicalType::BLOB, inner.GetStateSizeCallback(),
      inner.GetStateInitCallback(), inner.GetStateUpdateCallback(), inner.GetStateCombineCallback(),
      WriteState, inner.GetNullHandling(), inner.GetStateSimpleUpdateCallback(), RefuseBind);
  function.original_arguments = inner.original_arguments;
  Complete(function, inner);
  return function;
}

AggregateFunction MergeFunction(const AggregateFunction& inner) {
  AggregateFunction function(MergeName(inner.name), {LogicalType::BLOB}, inner.GetReturnType(),
                             inner.GetStateSizeCallback(), inner.GetStateInitCallback(), MergeInto,
                             inner.GetStateCombineCallback(), inner.GetStateFinalizeCallback(),
                             duckdb::FunctionNullHandling::DEFAULT_NULL_HANDLING, MergeIntoOne,
                             RefuseBind);
  Complete(function, inner);
  return function;
}

bool IsPlain(const AggregateFunction& function) {
  // Others of such a name have states of their own.
  const bool built_in = function.schema_name.empty() || function.schema_name == DEFAULT_SCHEMA;
  return built_in &&
         std::find(kPlainStates.begin(), kPlainStates.end(), function.name) != kPlainStates.end() &&
         !function.HasBindCallback() && !function.HasStateDestructorCallback() &&
         function.HasStateSizeCallback() && function.HasStateCombineCallback() &&
         function.HasStateUpdateCallback() && function.HasStateFinalizeCallback();
}

}  // namespace

bool HasPlainState(const BoundAggregateExpression& aggregate) {
  return IsPlain(aggregate.function) && !aggregate.bind_info;
}

unique_ptr<BoundAggregateExpression> StateOf(const BoundAggregateExpression& aggregate) {
  AggregateFunction function = StateFunction(aggregate.function);
  auto data = make_uniq<StateData>(function.function_info);
  duckdb::vector<unique_ptr<duckdb::Expression>> children;
  for (const auto& child : aggregate.children) children.push_back(child->Copy());
  return make_uniq<BoundAggregateExpression>(std::move(function), std::move(children), nullptr,
                                             std::move(data), duckdb::AggregateType::NON_DISTINCT);
}

unique_ptr<BoundAggregateExpression> MergeStates(const BoundAggregateExpression& aggregate,
                                                 unique_ptr<duckdb::Expression> states) {
  AggregateFunction function = MergeFunction(aggregate.function);
  auto data = make_uniq<StateData>(function.function_info);
  duckdb::vector<unique_ptr<duckdb::Expression>> children;
  children.push_back(std::move(states));
  return make_uniq<BoundAggregateExpression>(std::move(function), std::move(children), nullptr,
                                             std::move(data), duckdb::AggregateType::NON_DISTINCT);
}

void RegisterStateAggregates(duckdb::ClientContext& context, duckdb::ExtensionLoader& loader) {
  auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
  std::set<std::string> known;  // two names may be of one function
  for (const char* name : kPlainStates) {
    auto& entry =
        catalog.GetEntry<duckdb::AggregateFunctionCatalogEntry>(context, DEFAULT_SCHEMA, name);
    for (idx_t i = 0; i < entry.functions.Size(); ++i) {
      AggregateFunction inner = entry.functions.GetFunctionByOffset(i);
      if (!IsPlain(inner) || !known.insert(inner.name).second) continue;
      loader.RegisterFunction(StateFunction(inner));
      loader.RegisterFunction(MergeFunction(inner));
      break;
    }
  }
}

}  // namespace skein::distributed
