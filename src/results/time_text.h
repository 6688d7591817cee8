#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skein::results {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
/// Days from 1970-01-01 (DuckDB's and Arrow's zero) to 2000-01-01 (PostgreSQL's).
inline constexpr int32_t kPgEpochDays = 10'957;

/// Room that each Write... function below needs at most.
inline constexpr size_t kMaxTimeText = 64;
inline constexpr size_t kMaxIntervalText = 128;

/// A day of the Gregorian calendar, extended backwards; the year 0 is 1 BC.
struct CivilDay {
  int64_t year;
  int32_t month;
  int32_t day;
};
CivilDay CivilFromDays(int64_t days_since_1970);
/// The month is one of 1 to 12; the day may lie outside of it.
int64_t DaysFromCivil(int64_t year, int32_t month, int64_t day);

/// How a time stands in a result: `2024-01-01 00:00:00` or `2024-01-01T00:00:00`.
enum class TimeSeparator : char { kSpace = ' ', kT = 'T' };

/// Each writes at `out` and returns the end. Years have at least four digits; years before 1 end in
/// ` BC`; a fraction is printed up to its last digit that is not zero.
char* WriteDate(char* out, int64_t days_since_1970);
/// From 00:00:00 to 24:00:00.
char* WriteTime(char* out, int64_t micros);
char* WriteTimestamp(char* out, int64_t micros_since_1970, TimeSeparator separator);

/// How an offset's minutes are printed when they are 0; its seconds are left out when they are.
enum class OffsetForm {
  kPostgres /* +01, +05:30, +00:19:32 */,
  kIso /* +01:00, +05:30, +00:19:32 */
};
char* WriteOffset(char* out, int32_t seconds_east, OffsetForm form);
/// `local_micros` is the wall clock's time in the zone; the offset stands before ` BC`.
char* WriteTimestampTz(char* out, int64_t local_micros, int32_t seconds_east,
                       TimeSeparator separator, OffsetForm form);

/// An interval as PostgreSQL prints it with intervalstyle = postgres: `1 year 2 mons -3 days
/// +04:05:06.789`.
char* WritePgInterval(char* out, int32_t months, int32_t days, int64_t micros);
/// The same as DuckDB casts it to VARCHAR: `1 year 2 months -3 days 04:05:06.789`.
char* WriteDuckDbInterval(char* out, int32_t months, int32_t days, int64_t micros);

/// One zone's rules. Immutable; cheap to copy.
class TimeZone {
 public:
  /// `name` as the IANA database and DuckDB's TimeZone setting have it; an unknown one is 22023.
  static Result<TimeZone> Load(const std::string& name);

  int32_t SecondsEastAt(int64_t micros_since_1970) const;
  /// The offset that holds when the zone's clock shows this. Of a clock time that is skipped the
  /// offset before the change, of one that comes twice the offset after it: as PostgreSQL.
  int32_t SecondsEastAtLocal(int64_t local_micros) const;

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace skein::results
