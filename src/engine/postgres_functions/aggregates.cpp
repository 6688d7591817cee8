// Aggregates that DuckDB lacks or that have another type.

#include "duckdb/function/aggregate_function.hpp"

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::AggregateUnaryInput;
using duckdb::LogicalType;

struct SumState {
  int64_t value;
  bool seen;
};

/// The sum of small integers is a bigint, as PostgreSQL has it (DuckDB's is a hugeint, which
/// clients take for a numeric, and which does not divide as an integer).
struct SumToBigint {
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
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, AggregateInputData&) {
    if (source.seen) Add(target, source.value);
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

template <class T>
AggregateFunction SumOf(const LogicalType& type) {
  return AggregateFunction::UnaryAggregate<SumState, T, int64_t, SumToBigint>(type,
                                                                              LogicalType::BIGINT);
}

}  // namespace

void RegisterAggregates(FunctionRegistrar& registrar) {
  registrar.AliasAggregate("every", "bool_and");
  duckdb::AggregateFunctionSet sum("sum");
  sum.AddFunction(SumOf<int8_t>(LogicalType::TINYINT));
  sum.AddFunction(SumOf<int16_t>(LogicalType::SMALLINT));
  sum.AddFunction(SumOf<int32_t>(LogicalType::INTEGER));
  sum.AddFunction(SumOf<uint8_t>(LogicalType::UTINYINT));
  sum.AddFunction(SumOf<uint16_t>(LogicalType::USMALLINT));
  registrar.AddPgAggregate("sum", std::move(sum));
}

}  // namespace skein::engine
