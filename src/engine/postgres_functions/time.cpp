// Clocks and intervals.

#include <chrono>

#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::interval_t;
using duckdb::LogicalType;
using duckdb::Vector;

constexpr int64_t kMicrosPerDay = 86400000000;
constexpr int32_t kDaysPerMonth = 30;

int64_t NowMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void ClockTimestamp(DataChunk& arguments, ExpressionState&, Vector& result) {
  auto values = duckdb::FlatVector::GetData<duckdb::timestamp_t>(result);
  for (duckdb::idx_t i = 0; i < arguments.size(); ++i) values[i] = duckdb::timestamp_t(NowMicros());
}

/// The time when a statement's run began to need it.
struct StatementStart : duckdb::FunctionLocalState {
  duckdb::timestamp_t at{NowMicros()};
};

duckdb::unique_ptr<duckdb::FunctionLocalState> StartStatement(
    ExpressionState&, const duckdb::BoundFunctionExpression&, duckdb::FunctionData*) {
  return duckdb::make_uniq<StatementStart>();
}

void StatementTimestamp(DataChunk&, ExpressionState& state, Vector& result) {
  auto& started = duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<StatementStart>();
  result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  duckdb::ConstantVector::GetData<duckdb::timestamp_t>(result)[0] = started.at;
}

/// Brings the days' sign to that of the months, or the time's to that of the days, as the interval
/// would be said.
void CarryHours(interval_t& value) {
  value.days += static_cast<int32_t>(value.micros / kMicrosPerDay);
  value.micros %= kMicrosPerDay;
  if (value.days > 0 && value.micros < 0) {
    value.micros += kMicrosPerDay;
    --value.days;
  } else if (value.days < 0 && value.micros > 0) {
    value.micros -= kMicrosPerDay;
    ++value.days;
  }
}

void CarryDays(interval_t& value) {
  value.months += value.days / kDaysPerMonth;
  value.days %= kDaysPerMonth;
  if (value.months > 0 && value.days < 0) {
    value.days += kDaysPerMonth;
    --value.months;
  } else if (value.months < 0 && value.days > 0) {
    value.days -= kDaysPerMonth;
    ++value.months;
  }
}

void CarryAll(interval_t& value) {
  CarryHours(value);
  CarryDays(value);
  if (value.months > 0 && (value.days < 0 || (value.days == 0 && value.micros < 0))) {
    value.days += kDaysPerMonth;
    --value.months;
  } else if (value.months < 0 && (value.days > 0 || (value.days == 0 && value.micros > 0))) {
    value.days -= kDaysPerMonth;
    ++value.months;
  }
  if (value.days > 0 && value.micros < 0) {
    value.micros += kMicrosPerDay;
    --value.days;
  } else if (value.days < 0 && value.micros > 0) {
    value.micros -= kMicrosPerDay;
    ++value.days;
  }
}

duckdb::scalar_function_t Justify(void (*carry)(interval_t&)) {
  return [carry](DataChunk& arguments, ExpressionState&, Vector& result) {
    duckdb::UnaryExecutor::Execute<interval_t, interval_t>(arguments.data[0], result,
                                                           arguments.size(), [&](interval_t value) {
                                                             carry(value);
                                                             return value;
                                                           });
  };
}

void AlwaysFinite(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<interval_t, bool>(arguments.data[0], result, arguments.size(),
                                                   [](interval_t) { return true; });
}

}  // namespace

void RegisterTime(FunctionRegistrar& registrar) {
  duckdb::ScalarFunction clock({}, LogicalType::TIMESTAMP_TZ, ClockTimestamp);
  clock.SetStability(duckdb::FunctionStability::VOLATILE);
  registrar.AddScalar("clock_timestamp", {clock});
  duckdb::ScalarFunction statement({}, LogicalType::TIMESTAMP_TZ, StatementTimestamp);
  statement.SetStability(duckdb::FunctionStability::VOLATILE);
  statement.SetInitStateCallback(StartStatement);
  registrar.AddScalar("statement_timestamp", {statement});

  const LogicalType interval = LogicalType::INTERVAL;
  registrar.AddScalar("justify_hours",
                      {duckdb::ScalarFunction({interval}, interval, Justify(CarryHours))});
  registrar.AddScalar("justify_days",
                      {duckdb::ScalarFunction({interval}, interval, Justify(CarryDays))});
  registrar.AddScalar("justify_interval",
                      {duckdb::ScalarFunction({interval}, interval, Justify(CarryAll))});
  registrar.AddScalar("isfinite",
                      {duckdb::ScalarFunction({interval}, LogicalType::BOOLEAN, AlwaysFinite)});
}

}  // namespace skein::engine
