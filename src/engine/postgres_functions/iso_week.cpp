#include "engine/postgres_functions/iso_week.h"

#include "engine/postgres_functions/time_picture.h"

namespace skein::engine {
namespace {

/// Monday of the year's first week: the one that holds January 4th.
int64_t FirstMonday(int64_t year) {
  int64_t fourth = DaysFromDate(year, 1, 4);
  return fourth - (WeekdayOf(fourth) + 6) % 7;
}

}  // namespace

// Howard Hinnant's way: years that begin in March, in eras of 400.
int64_t DaysFromDate(int64_t year, int month, int64_t day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

void DateFromDays(int64_t days, int64_t* year, int* month, int64_t* day) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  *month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  *year = year_of_era + era * 400 + (*month <= 2);
}

int WeekdayOf(int64_t days_since_1970) {
  return static_cast<int>(((days_since_1970 + 4) % 7 + 7) % 7);
}

IsoDate IsoDateOf(int64_t days_since_1970) {
  int64_t year;
  int month;
  int64_t day;
  DateFromDays(days_since_1970, &year, &month, &day);
  if (days_since_1970 < FirstMonday(year)) {
    --year;
  } else if (days_since_1970 >= FirstMonday(year + 1)) {
    ++year;
  }
  int64_t since = days_since_1970 - FirstMonday(year);
  return {year, static_cast<int>(since / 7) + 1, static_cast<int>(since % 7) + 1};
}

int64_t DaysFromIsoDate(const IsoDate& date) {
  return FirstMonday(date.year) + (date.week - 1) * 7 + date.day - 1;
}

}  // namespace skein::engine
