#pragma once

#include <limits>

#include "results/column_view.h"

namespace skein::results {

/// DuckDB's infinite dates and timestamps, as they are stored.
inline constexpr int32_t kInfiniteDays = std::numeric_limits<int32_t>::max();
inline constexpr int64_t kInfiniteTime = std::numeric_limits<int64_t>::max();

/// What PostgreSQL represents, in days since 1970: Julian day 0 is 4714-11-24 BC; dates end after
/// 5874897-12-31.
inline constexpr int64_t kPgFirstDay = -2'440'588;
inline constexpr int64_t kPgDateEnd = 2'145'042'906;

/// A date or a timestamp read from a column.
struct Instant {
  enum class Kind : uint8_t {
    kFinite,
    kInfinity,
    kMinusInfinity,
    kOutOfRange
  } kind = Kind::kFinite;
  int64_t value = 0;  ///< days or microseconds since 1970
};

/// Days; microseconds, with nanoseconds rounded down. kOutOfRange where the stored unit does not
/// fit.
Instant ReadDate(const ColumnView& view, int64_t row);
Instant ReadTimestamp(const ColumnView& view, int64_t row);
/// Microseconds since midnight.
int64_t ReadTime(const ColumnView& view, int64_t row);
/// The same, kOutOfRange (22008 in `context`) too for what PostgreSQL does not represent: before
/// 4714-11-24 BC, and for dates after 5874897-12-31.
Instant ReadPgDate(const ColumnView& view, int64_t row, EncodeContext& context);
Instant ReadPgTimestamp(const ColumnView& view, int64_t row, EncodeContext& context);

/// An interval; the stored nanoseconds are rounded down to microseconds.
struct IntervalValue {
  int32_t months;
  int32_t days;
  int64_t micros;
};
IntervalValue ReadInterval(const ColumnView& view, int64_t row);

/// Appends a timestamp in the context's zone, with its offset; 22008 in `context` when the clock
/// there is out of range.
void WriteZonedTimestamp(int64_t micros, TimeSeparator separator, OffsetForm form,
                         EncodeContext& context);

}  // namespace skein::results
