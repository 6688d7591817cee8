// to_char(), to_date() and to_timestamp() for times: TimePicture with DuckDB's values.

#include <memory>
#include <string>

#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/main/client_context.hpp"
#include <cctz/time_zone.h>

#include "engine/postgres_functions/registrar.h"
#include "engine/postgres_functions/time_picture.h"
#include "results/time_text.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::date_t;
using duckdb::ExpressionState;
using duckdb::interval_t;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::StringVector;
using duckdb::timestamp_t;
using duckdb::Vector;

constexpr int64_t kMicrosPerSecond = 1000000;
constexpr int64_t kMicrosPerDay = 86400 * kMicrosPerSecond;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/// A template that is kept from row to row.
class KeptPicture {
 public:
  const TimePicture& Get(const string_t& text) {
    std::string_view view(text.GetData(), text.GetSize());
    if (!picture_ || view != text_) {
      text_ = view;
      picture_ = std::make_unique<TimePicture>(text_);
    }
    return *picture_;
  }

 private:
  std::string text_;
  std::unique_ptr<TimePicture> picture_;
};

cctz::time_zone SessionZone(ExpressionState& state) {
  std::string name = state.GetContext().GetClientProperties().time_zone;
  cctz::time_zone zone;
  if (!cctz::load_time_zone(name, &zone))
    ThrowSql("22023", "time zone \"" + name + "\" not recognized");
  return zone;
}

TimeParts Parts(int64_t local_micros) {
  TimeParts parts;
  int64_t days = FloorDivide(local_micros, kMicrosPerDay);
  int64_t of_day = local_micros - days * kMicrosPerDay;
  results::CivilDay civil = results::CivilFromDays(days);
  parts.year = civil.year;
  parts.month = civil.month;
  parts.day = civil.day;
  parts.hour = of_day / (3600 * kMicrosPerSecond);
  parts.minute = static_cast<int>(of_day / (60 * kMicrosPerSecond) % 60);
  parts.second = static_cast<int>(of_day / kMicrosPerSecond % 60);
  parts.micros = static_cast<int>(of_day % kMicrosPerSecond);
  return parts;
}

TimeParts Parts(interval_t value) {
  TimeParts parts;
  parts.interval = true;
  parts.year = value.months / 12;
  parts.month = value.months % 12;
  parts.day = value.days;
  parts.hour = value.micros / (3600 * kMicrosPerSecond);
  parts.minute = static_cast<int>(value.micros / (60 * kMicrosPerSecond) % 60);
  parts.second = static_cast<int>(value.micros / kMicrosPerSecond % 60);
  parts.micros = static_cast<int>(value.micros % kMicrosPerSecond);
  return parts;
}

bool IsFinite(timestamp_t value) { return duckdb::Timestamp::IsFinite(value); }
bool IsFinite(date_t value) { return duckdb::Value::IsFinite(value); }
bool IsFinite(interval_t) { return true; }

/// Nothing comes of an infinite time and of an empty template.
template <class T, class ToParts>
void Format(DataChunk& arguments, Vector& result, ToParts to_parts) {
  KeptPicture kept;
  duckdb::BinaryExecutor::ExecuteWithNulls<T, string_t, string_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](T value, const string_t& picture, duckdb::ValidityMask& mask, duckdb::idx_t row) {
        if (!IsFinite(value) || picture.GetSize() == 0) {
          mask.SetInvalid(row);
          return string_t();
        }
        return StringVector::AddString(result, kept.Get(picture).Format(to_parts(value)));
      });
}

void TimestampToChar(DataChunk& arguments, ExpressionState&, Vector& result) {
  Format<timestamp_t>(arguments, result, [](timestamp_t value) { return Parts(value.value); });
}

void DateToChar(DataChunk& arguments, ExpressionState&, Vector& result) {
  Format<date_t>(arguments, result,
                 [](date_t value) { return Parts(int64_t{value.days} * kMicrosPerDay); });
}

void IntervalToChar(DataChunk& arguments, ExpressionState&, Vector& result) {
  Format<interval_t>(arguments, result, [](interval_t value) { return Parts(value); });
}

void ZonedToChar(DataChunk& arguments, ExpressionState& state, Vector& result) {
  cctz::time_zone zone = SessionZone(state);
  Format<timestamp_t>(arguments, result, [&](timestamp_t value) {
    auto seconds = cctz::seconds(FloorDivide(value.value, kMicrosPerSecond));
    auto found = zone.lookup(cctz::time_point<cctz::seconds>(seconds));
    TimeParts parts = Parts(value.value + found.offset * kMicrosPerSecond);
    parts.seconds_east = found.offset;
    parts.zone = found.abbr;
    return parts;
  });
}

void ToDate(DataChunk& arguments, ExpressionState&, Vector& result) {
  KeptPicture kept;
  duckdb::BinaryExecutor::Execute<string_t, string_t, date_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](const string_t& text, const string_t& picture) {
        int64_t days = kept.Get(picture).Parse(text.GetString()).days;
        if (days <= -duckdb::NumericLimits<int32_t>::Maximum() ||
            days >= duckdb::NumericLimits<int32_t>::Maximum())
          ThrowSql("22008", "date out of range: \"" + text.GetString() + "\"");
        return date_t(static_cast<int32_t>(days));
      });
}

void ToTimestamp(DataChunk& arguments, ExpressionState& state, Vector& result) {
  cctz::time_zone zone = SessionZone(state);
  KeptPicture kept;
  duckdb::BinaryExecutor::Execute<string_t, string_t, timestamp_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](const string_t& text, const string_t& picture) {
        ParsedTime time = kept.Get(picture).Parse(text.GetString());
        if (time.days < -106000000 || time.days > 106000000)
          ThrowSql("22008", "timestamp out of range: \"" + text.GetString() + "\"");
        int64_t local = time.days * kMicrosPerDay + time.micros;
        if (time.seconds_east) return timestamp_t(local - *time.seconds_east * kMicrosPerSecond);
        cctz::civil_second clock =
            cctz::civil_second(1970, 1, 1) + FloorDivide(local, kMicrosPerSecond);
        auto found = zone.lookup(clock);
        // As PostgreSQL: of a time that comes twice the second, of a skipped one as before.
        auto instant =
            found.kind == cctz::time_zone::civil_lookup::REPEATED ? found.post : found.pre;
        return timestamp_t(instant.time_since_epoch().count() * kMicrosPerSecond +
                           time.micros % kMicrosPerSecond);
      });
}

}  // namespace

void RegisterTimePictures(FunctionRegistrar& registrar) {
  const LogicalType text = LogicalType::VARCHAR;
  auto shape = [&](const LogicalType& from, duckdb::scalar_function_t function) {
    return SeesNulls(Fallible({from, text}, text, std::move(function)));
  };
  // They may give NULL for what is not NULL; NULLs themselves are the executor's.
  duckdb::ScalarFunction zoned = shape(LogicalType::TIMESTAMP_TZ, ZonedToChar);
  duckdb::ScalarFunction to_timestamp =
      Fallible({text, text}, LogicalType::TIMESTAMP_TZ, ToTimestamp);
  // The session's time zone is part of what they say.
  zoned.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
  to_timestamp.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
  registrar.AddScalar("to_char", {shape(LogicalType::TIMESTAMP, TimestampToChar), zoned,
                                  shape(LogicalType::DATE, DateToChar),
                                  shape(LogicalType::INTERVAL, IntervalToChar)});
  registrar.AddScalar("to_timestamp", {to_timestamp});
  registrar.AddScalar("to_date", {Fallible({text, text}, LogicalType::DATE, ToDate)});
}

}  // namespace skein::engine
