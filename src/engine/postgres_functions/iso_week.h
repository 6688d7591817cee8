#pragma once

#include <cstdint>

namespace skein::engine {

inline constexpr int64_t kJulianDayOf1970 = 2440588;

struct IsoDate {
  int64_t year = 0;
  int week = 0;
  int day = 0;  ///< Monday is 1
};

IsoDate IsoDateOf(int64_t days_since_1970);
int64_t DaysFromIsoDate(const IsoDate& date);
/// Sunday is 0.
int WeekdayOf(int64_t days_since_1970);

}  // namespace skein::engine
