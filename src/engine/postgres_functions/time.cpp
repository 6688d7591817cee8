// Clocks and intervals.

#include <chrono>

#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/registrar.h"
#include "results/time_text.h"

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

/// The instants at which the session's clock shows a time. DuckDB's cast says the same, and asks a
/// calendar for each row.
struct SessionClock : duckdb::FunctionLocalState {
  explicit SessionClock(results::TimeZone known) : zone(std::move(known)) {}
  results::TimeZone zone;
  // Times that were cut to a month or a day come again and again.
  int64_t last_local = 0;
  int64_t last_instant = 0;
  bool any = false;

  int64_t InstantOf(int64_t local) {
    if (any && local == last_local) return last_instant;
    any = true;
    last_local = local;
    last_instant = local - zone.SecondsEastAtLocal(local) * results::kMicrosPerSecond;
    return last_instant;
  }
};

duckdb::unique_ptr<duckdb::FunctionLocalState> ReadSessionClock(
    ExpressionState& state, const duckdb::BoundFunctionExpression&, duckdb::FunctionData*) {
  duckdb::Value name;
  bool known = state.GetContext().TryGetCurrentSetting("TimeZone", name) && !name.IsNull();
  auto zone = results::TimeZone::Load(known ? name.ToString() : "UTC");
  if (!zone.ok()) ThrowSql("22023", zone.status().message());
  return duckdb::make_uniq<SessionClock>(std::move(*zone));
}

void LocalInstant(DataChunk& arguments, ExpressionState& state, Vector& result) {
  auto& clock = duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<SessionClock>();
  duckdb::UnaryExecutor::Execute<duckdb::timestamp_t, duckdb::timestamp_t>(
      arguments.data[0], result, arguments.size(), [&](duckdb::timestamp_t local) {
        if (!duckdb::Timestamp::IsFinite(local)) return local;
        return duckdb::timestamp_t(clock.InstantOf(local.value));
      });
}

/// as_instant(time, source): the time itself, or where the source is a date its instant.
duckdb::unique_ptr<duckdb::Expression> BindAsInstant(duckdb::FunctionBindExpressionInput& input) {
  if (input.children[1]->return_type.id() != duckdb::LogicalTypeId::DATE)
    return std::move(input.children[0]);
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
  arguments.push_back(std::move(input.children[0]));
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(input.context)
                   .BindScalarFunction(kPgCatalog, "local_instant", std::move(arguments), error);
  if (!bound) error.Throw();
  return bound;
}

/// date - date is a number of days, an integer (DuckDB's a bigint).
void DaysBetween(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::BinaryExecutor::Execute<duckdb::date_t, duckdb::date_t, int32_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](duckdb::date_t left, duckdb::date_t right) {
        if (!duckdb::Date::IsFinite(left) || !duckdb::Date::IsFinite(right))
          ThrowSql("22008", "cannot subtract infinite dates");
        int32_t days;
        if (__builtin_sub_overflow(left.days, right.days, &days))
          ThrowSql("22008", "date out of range");
        return days;
      });
}

/// time - time is an interval (DuckDB has none).
void TimeBetween(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::BinaryExecutor::Execute<duckdb::dtime_t, duckdb::dtime_t, interval_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](duckdb::dtime_t left, duckdb::dtime_t right) {
        interval_t between{};
        between.micros = left.micros - right.micros;
        return between;
      });
}

duckdb::timestamp_t ToTimestamp(duckdb::timestamp_t time) { return time; }
duckdb::timestamp_t ToTimestamp(duckdb::date_t date) {
  return duckdb::Timestamp::FromDatetime(date, duckdb::dtime_t(0));
}

void AddToTime(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::BinaryExecutor::Execute<duckdb::dtime_t, duckdb::timestamp_t, duckdb::timestamp_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](duckdb::dtime_t time, duckdb::timestamp_t to) {
        if (!duckdb::Timestamp::IsFinite(to)) return to;
        if (__builtin_add_overflow(to.value, time.micros, &to.value) ||
            !duckdb::Timestamp::IsFinite(to))
          ThrowSql("22008", "timestamp out of range");
        return to;
      });
}

/// A time of the day added to a date or a timestamp, `sign` times: PostgreSQL takes it for an
/// interval there.
template <typename T, int sign>
void MoveByTime(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::BinaryExecutor::Execute<T, duckdb::dtime_t, duckdb::timestamp_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](T from, duckdb::dtime_t time) {
        duckdb::timestamp_t moved = ToTimestamp(from);
        if (!duckdb::Timestamp::IsFinite(moved)) return moved;
        if (__builtin_add_overflow(moved.value, sign * time.micros, &moved.value) ||
            !duckdb::Timestamp::IsFinite(moved))
          ThrowSql("22008", "timestamp out of range");
        return moved;
      });
}

void IntervalLessTime(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::BinaryExecutor::Execute<interval_t, duckdb::dtime_t, interval_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [](interval_t from, duckdb::dtime_t time) {
        if (__builtin_sub_overflow(from.micros, time.micros, &from.micros))
          ThrowSql("22008", "interval out of range");
        return from;
      });
}

void RaiseNoYear(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<int64_t, int64_t>(
      arguments.data[0], result, arguments.size(), [](int64_t year) -> int64_t {
        ThrowSql("22008", "date field value out of range: " + std::to_string(year));
      });
}

void AlwaysFinite(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<interval_t, bool>(arguments.data[0], result, arguments.size(),
                                                   [](interval_t) { return true; });
}

/// How far the zone of a time with one lies to the east of UTC; 0 for every other value.
void SecondsEast(DataChunk& arguments, ExpressionState&, Vector& result) {
  if (arguments.data[0].GetType().id() != duckdb::LogicalTypeId::TIME_TZ) {
    result.Reference(duckdb::Value::DOUBLE(0));
    return;
  }
  duckdb::UnaryExecutor::Execute<duckdb::dtime_tz_t, double>(
      arguments.data[0], result, arguments.size(),
      [](duckdb::dtime_tz_t time) { return static_cast<double>(time.offset()); });
}

}  // namespace

void RegisterTime(FunctionRegistrar& registrar) {
  duckdb::ScalarFunction clock({}, LogicalType::TIMESTAMP_TZ, ClockTimestamp);
  clock.SetStability(duckdb::FunctionStability::VOLATILE);
  registrar.AddScalar("clock_timestamp", {clock});
  registrar.AddPgScalar(
      "-", {Fallible({LogicalType::DATE, LogicalType::DATE}, LogicalType::INTEGER, DaysBetween),
            Fallible({LogicalType::TIME, LogicalType::TIME}, LogicalType::INTERVAL, TimeBetween),
            Fallible({LogicalType::DATE, LogicalType::TIME}, LogicalType::TIMESTAMP,
                     MoveByTime<duckdb::date_t, -1>),
            Fallible({LogicalType::TIMESTAMP, LogicalType::TIME}, LogicalType::TIMESTAMP,
                     MoveByTime<duckdb::timestamp_t, -1>),
            Fallible({LogicalType::TIMESTAMP_TZ, LogicalType::TIME}, LogicalType::TIMESTAMP_TZ,
                     MoveByTime<duckdb::timestamp_t, -1>),
            Fallible({LogicalType::INTERVAL, LogicalType::TIME}, LogicalType::INTERVAL,
                     IntervalLessTime)});
  registrar.AddScalar("+", {Fallible({LogicalType::TIMESTAMP, LogicalType::TIME},
                                     LogicalType::TIMESTAMP, MoveByTime<duckdb::timestamp_t, 1>),
                            Fallible({LogicalType::TIMESTAMP_TZ, LogicalType::TIME},
                                     LogicalType::TIMESTAMP_TZ, MoveByTime<duckdb::timestamp_t, 1>),
                            Fallible({LogicalType::TIME, LogicalType::TIMESTAMP},
                                     LogicalType::TIMESTAMP, AddToTime),
                            Fallible({LogicalType::TIME, LogicalType::TIMESTAMP_TZ},
                                     LogicalType::TIMESTAMP_TZ, AddToTime)});
  duckdb::ScalarFunction statement({}, LogicalType::TIMESTAMP_TZ, StatementTimestamp);
  statement.SetStability(duckdb::FunctionStability::VOLATILE);
  statement.SetInitStateCallback(StartStatement);
  registrar.AddScalar("statement_timestamp", {statement});

  duckdb::ScalarFunction instant({LogicalType::TIMESTAMP}, LogicalType::TIMESTAMP_TZ, LocalInstant);
  instant.SetInitStateCallback(ReadSessionClock);
  registrar.AddPgScalar("local_instant", {instant});
  duckdb::ScalarFunction as_instant({LogicalType::ANY, LogicalType::ANY}, LogicalType::TIMESTAMP,
                                    nullptr);
  as_instant.SetBindExpressionCallback(BindAsInstant);
  registrar.AddPgScalar("as_instant", {as_instant});

  registrar.AddPgScalar("seconds_east", {duckdb::ScalarFunction({LogicalType::ANY},
                                                                LogicalType::DOUBLE, SecondsEast)});
  registrar.AddPgScalar("raise_no_year",
                        {Fallible({LogicalType::BIGINT}, LogicalType::BIGINT, RaiseNoYear)});
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
