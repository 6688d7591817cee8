#include "results/temporal_value.h"

#include <fmt/format.h>

namespace skein::results {
namespace {

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

Status OutOfRange(const ColumnView& view, const char* what) {
  return Status(StatusCode::kInvalidArgument, "22008",
                fmt::format("{} out of range for PostgreSQL in column {}", what, view.plan->name))
      .WithHint("cast the column to VARCHAR");
}

}  // namespace

Instant ReadDate(const ColumnView& view, int64_t row) {
  int64_t days = view.Integer(row);
  if (days == kInfiniteDays) return {Instant::Kind::kInfinity, 0};
  if (days == -int64_t{kInfiniteDays}) return {Instant::Kind::kMinusInfinity, 0};
  return {Instant::Kind::kFinite, days};
}

Instant ReadTimestamp(const ColumnView& view, int64_t row) {
  constexpr int64_t kMicrosPerMilli = 1000;
  constexpr int64_t kNanosPerMicro = 1000;
  int64_t stored = view.Integer(row);
  if (stored == kInfiniteTime) return {Instant::Kind::kInfinity, 0};
  if (stored == -kInfiniteTime) return {Instant::Kind::kMinusInfinity, 0};
  Instant instant{Instant::Kind::kFinite, stored};
  int64_t factor = 1;
  switch (view.plan->unit) {
    case StoredUnit::kMicros:
      return instant;
    case StoredUnit::kNanos:
      instant.value = FloorDivide(stored, kNanosPerMicro);
      return instant;
    case StoredUnit::kMillis:
      factor = kMicrosPerMilli;
      break;
    case StoredUnit::kSeconds:
      factor = kMicrosPerSecond;
      break;
  }
  if (__builtin_mul_overflow(stored, factor, &instant.value))
    instant.kind = Instant::Kind::kOutOfRange;
  return instant;
}

int64_t ReadTime(const ColumnView& view, int64_t row) {
  int64_t stored = view.Integer(row);
  switch (view.plan->unit) {
    case StoredUnit::kSeconds:
      return stored * kMicrosPerSecond;
    case StoredUnit::kMillis:
      return stored * 1000;
    case StoredUnit::kMicros:
      return stored;
    case StoredUnit::kNanos:
      return stored / 1000;
  }
  return stored;
}

Instant ReadPgDate(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadDate(view, row);
  if (instant.kind == Instant::Kind::kFinite &&
      (instant.value < kPgFirstDay || instant.value >= kPgDateEnd)) {
    instant.kind = Instant::Kind::kOutOfRange;
  }
  if (instant.kind == Instant::Kind::kOutOfRange) context.Fail(OutOfRange(view, "date"));
  return instant;
}

Instant ReadPgTimestamp(const ColumnView& view, int64_t row, EncodeContext& context) {
  Instant instant = ReadTimestamp(view, row);
  if (instant.kind == Instant::Kind::kFinite && instant.value < kPgFirstDay * kMicrosPerDay) {
    instant.kind = Instant::Kind::kOutOfRange;
  }
  if (instant.kind == Instant::Kind::kOutOfRange) context.Fail(OutOfRange(view, "timestamp"));
  return instant;
}

IntervalValue ReadInterval(const ColumnView& view, int64_t row) {
  struct Stored {
    int32_t months;
    int32_t days;
    int64_t nanos;
  };
  auto stored = view.Fixed<Stored>(row);
  return {stored.months, stored.days, FloorDivide(stored.nanos, 1000)};
}

void WriteZonedTimestamp(int64_t micros, TimeSeparator separator, OffsetForm form,
                         EncodeContext& context) {
  int32_t east = context.zone.SecondsEastAt(micros);
  int64_t local = 0;
  if (__builtin_add_overflow(micros, int64_t{east} * kMicrosPerSecond, &local)) {
    context.Fail(Status(StatusCode::kInvalidArgument, "22008",
                        "timestamp out of range in the session's time zone"));
    return;
  }
  context.out.CommitTo(
      WriteTimestampTz(context.out.Reserve(kMaxTimeText), local, east, separator, form));
}

}  // namespace skein::results
