// Aggregates that DuckDB lacks or that have another type.

#include <algorithm>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"

#include "engine/postgres_functions/numeric.h"
#include "engine/postgres_functions/numeric_division.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::AggregateUnaryInput;
using duckdb::LogicalType;

/// What is the same for each sum: its state has a value, and whether there was any.
struct SumOfSeen {
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, AggregateInputData&) {
    if (source.seen) OP::Add(target, source.value);
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& data) {
    if (state.seen) {
      target = state.value;
    } else {
      data.ReturnNull();
    }
  }
  static bool IgnoreNull() { return true; }
};

struct SumState {
  int64_t value;
  bool seen;
};

/// The sum of small integers is a bigint, as PostgreSQL has it (DuckDB's is a hugeint, which
/// clients take for a numeric, and which does not divide as an integer).
struct SumToBigint : SumOfSeen {
  template <class STATE>
  static void Initialize(STATE& state) {
    state.value = 0;
    state.seen = false;
  }
  static void Add(SumState& state, int64_t value) {
    state.seen = true;
    if (__builtin_add_overflow(state.value, value, &state.value))
      ThrowSql("22003", "bigint out of range");
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& input, AggregateUnaryInput&) {
    Add(state, static_cast<int64_t>(input));
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& input, AggregateUnaryInput&,
                                duckdb::idx_t count) {
    int64_t product;
    if (__builtin_mul_overflow(static_cast<int64_t>(input), static_cast<int64_t>(count), &product))
      ThrowSql("22003", "bigint out of range");
    Add(state, product);
  }
};

template <class T>
AggregateFunction SumOf(const LogicalType& type) {
  return AggregateFunction::UnaryAggregate<SumState, T, int64_t, SumToBigint>(type,
                                                                              LogicalType::BIGINT);
}

struct IntervalSumState {
  duckdb::interval_t value;
  bool seen;
};

/// Months, days and microseconds are summed apart, as PostgreSQL does; DuckDB has no such sum.
struct SumOfIntervals : SumOfSeen {
  template <class STATE>
  static void Initialize(STATE& state) {
    state.value = duckdb::interval_t();
    state.value.months = 0;
    state.value.days = 0;
    state.value.micros = 0;
    state.seen = false;
  }
  static void Add(IntervalSumState& state, const duckdb::interval_t& value) {
    state.seen = true;
    if (__builtin_add_overflow(state.value.months, value.months, &state.value.months) ||
        __builtin_add_overflow(state.value.days, value.days, &state.value.days) ||
        __builtin_add_overflow(state.value.micros, value.micros, &state.value.micros))
      ThrowSql("22008", "interval out of range");
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& input, AggregateUnaryInput&) {
    Add(state, input);
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& input, AggregateUnaryInput&,
                                duckdb::idx_t count) {
    for (duckdb::idx_t i = 0; i < count; ++i) Add(state, input);
  }
};

struct AverageState {
  duckdb::hugeint_t sum;
  int64_t count;
};

/// The scales of what is averaged and of the result.
struct AverageScales : duckdb::FunctionData {
  AverageScales(int given_scale, int result_scale) : given(given_scale), result(result_scale) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<AverageScales>(given, result);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    const auto& scales = other.Cast<AverageScales>();
    return given == scales.given && result == scales.result;
  }
  int given;
  int result;
};

/// The average of whole numbers and of numerics is a numeric, as a sum divided by a count is.
struct NumericAverage {
  template <class STATE>
  static void Initialize(STATE& state) {
    state.sum = duckdb::hugeint_t(0);
    state.count = 0;
  }
  static void Keep(AverageState& state, Int128 sum, int64_t count) {
    state.sum = ToHuge(sum);
    state.count += count;
  }
  /// The processor's own addition: DuckDB's asks for each sign.
  static void Add(AverageState& state, Int128 value, int64_t count) {
    Int128 sum = Native(state.sum);
    if (__builtin_add_overflow(sum, value, &sum))
      ThrowSql("22003", "numeric value out of range: the sum has more than 38 digits");
    Keep(state, sum, count);
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& input, AggregateUnaryInput&) {
    // As many numbers of 64 bits as can be counted fit into 128.
    if constexpr (sizeof(INPUT) <= sizeof(int64_t)) {
      Keep(state, Native(state.sum) + Native(input), 1);
    } else {
      Add(state, Native(input), 1);
    }
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& input, AggregateUnaryInput&,
                                duckdb::idx_t count) {
    Int128 product;
    if (__builtin_mul_overflow(Native(input), static_cast<Int128>(count), &product))
      ThrowSql("22003", "numeric value out of range: the sum has more than 38 digits");
    Add(state, product, static_cast<int64_t>(count));
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, AggregateInputData&) {
    Add(target, Native(source.sum), source.count);
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& data) {
    if (state.count == 0) return data.ReturnNull();
    const auto& scales = data.input.bind_data->template Cast<AverageScales>();
    target =
        DivideNumeric(state.sum, scales.given, duckdb::hugeint_t(state.count), 0, scales.result);
  }
  static bool IgnoreNull() { return true; }
};

/// Without groups: a chunk is summed up before the state is looked at.
template <class T>
void AverageChunk(duckdb::Vector inputs[], AggregateInputData& data, duckdb::idx_t input_count,
                  duckdb::data_ptr_t state, duckdb::idx_t count) {
  const duckdb::Vector& input = inputs[0];
  if (input.GetVectorType() != duckdb::VectorType::FLAT_VECTOR ||
      !duckdb::FlatVector::Validity(input).AllValid()) {
    AggregateFunction::UnaryUpdate<AverageState, T, NumericAverage>(inputs, data, input_count,
                                                                    state, count);
    return;
  }
  const T* values = duckdb::FlatVector::GetData<T>(input);
  Int128 sum = 0;
  for (duckdb::idx_t i = 0; i < count; ++i) sum += values[i];
  NumericAverage::Add(*reinterpret_cast<AverageState*>(state), sum, static_cast<int64_t>(count));
}

template <class T>
AggregateFunction AverageOf(const LogicalType& type) {
  auto average =
      AggregateFunction::UnaryAggregate<AverageState, T, duckdb::hugeint_t, NumericAverage>(
          type, LogicalType(duckdb::LogicalTypeId::DECIMAL));
  if constexpr (std::is_integral_v<T>) average.SetStateSimpleUpdateCallback(AverageChunk<T>);
  return average;
}

AggregateFunction AverageStored(const LogicalType& type) {
  switch (type.InternalType()) {
    case duckdb::PhysicalType::INT8:
      return AverageOf<int8_t>(type);
    case duckdb::PhysicalType::INT16:
      return AverageOf<int16_t>(type);
    case duckdb::PhysicalType::INT32:
      return AverageOf<int32_t>(type);
    case duckdb::PhysicalType::INT64:
      return AverageOf<int64_t>(type);
    case duckdb::PhysicalType::UINT8:
      return AverageOf<uint8_t>(type);
    case duckdb::PhysicalType::UINT16:
      return AverageOf<uint16_t>(type);
    case duckdb::PhysicalType::UINT32:
      return AverageOf<uint32_t>(type);
    case duckdb::PhysicalType::UINT64:
      return AverageOf<uint64_t>(type);
    default:
      return AverageOf<duckdb::hugeint_t>(type);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindAverage(
    duckdb::ClientContext&, AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  constexpr uint8_t kMostDigits = 38;
  LogicalType type = arguments[0]->return_type;
  uint8_t width = kMostDigits;
  uint8_t scale = 0;
  if (!type.GetDecimalProperties(width, scale)) width = kMostDigits;
  width = std::min(width, kMostDigits);
  LogicalType result = QuotientType(width - scale, scale);
  auto bind = function.GetBindCallback();
  std::string name = function.name;
  function = AverageStored(type);
  function.name = name;
  function.SetBindCallback(bind);
  function.return_type = result;
  return duckdb::make_uniq<AverageScales>(scale, duckdb::DecimalType::GetScale(result));
}

}  // namespace

namespace {

/// What percentile_cont interpolates between: double precision, of every number.
duckdb::unique_ptr<duckdb::Expression> BindInterpolated(
    duckdb::FunctionBindExpressionInput& input) {
  auto& value = input.children[0];
  if (!value->return_type.IsNumeric()) return std::move(value);
  return duckdb::BoundCastExpression::AddCastToType(input.context, std::move(value),
                                                    LogicalType::DOUBLE);
}

}  // namespace

void RegisterAggregates(FunctionRegistrar& registrar) {
  auto interpolated = SeesNulls(Fallible({LogicalType::ANY}, LogicalType::ANY, nullptr));
  interpolated.SetBindExpressionCallback(BindInterpolated);
  registrar.AddPgScalar("interpolated", {interpolated});
  registrar.AliasAggregate("every", "bool_and");
  duckdb::AggregateFunctionSet sum("sum");
  sum.AddFunction(SumOf<int8_t>(LogicalType::TINYINT));
  sum.AddFunction(SumOf<int16_t>(LogicalType::SMALLINT));
  sum.AddFunction(SumOf<int32_t>(LogicalType::INTEGER));
  sum.AddFunction(SumOf<uint8_t>(LogicalType::UTINYINT));
  sum.AddFunction(SumOf<uint16_t>(LogicalType::USMALLINT));
  sum.AddFunction(AggregateFunction::UnaryAggregate<IntervalSumState, duckdb::interval_t,
                                                    duckdb::interval_t, SumOfIntervals>(
      LogicalType::INTERVAL, LogicalType::INTERVAL));
  registrar.AddPgAggregate("sum", std::move(sum));
  duckdb::AggregateFunctionSet average("avg");
  for (const LogicalType& type :
       {LogicalType(LogicalType::TINYINT), LogicalType(LogicalType::SMALLINT),
        LogicalType(LogicalType::INTEGER), LogicalType(LogicalType::BIGINT),
        LogicalType(LogicalType::HUGEINT), LogicalType(LogicalType::UTINYINT),
        LogicalType(LogicalType::USMALLINT), LogicalType(LogicalType::UINTEGER),
        LogicalType(LogicalType::UBIGINT), LogicalType(duckdb::LogicalTypeId::DECIMAL)}) {
    auto function = type.id() == duckdb::LogicalTypeId::DECIMAL ? AverageOf<duckdb::hugeint_t>(type)
                                                                : AverageStored(type);
    function.SetBindCallback(BindAverage);
    average.AddFunction(std::move(function));
  }
  registrar.AddPgAggregate("avg", std::move(average));
}

}  // namespace skein::engine
