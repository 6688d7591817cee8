#include "engine/postgres_functions/iso_week.h"

#include "results/time_text.h"

namespace skein::engine {
namespace {

/// Monday of the year's first week: the one that holds January 4th.
int64_t FirstMonday(int64_t year) {
  int64_t fourth = results::DaysFromCivil(year, 1, 4);
  return fourth - (WeekdayOf(fourth) + 6) % 7;
}

}  // namespace

int WeekdayOf(int64_t days_since_1970) {
  return static_cast<int>(((days_since_1970 + 4) % 7 + 7) % 7);
}

IsoDate IsoDateOf(int64_t days_since_1970) {
  int64_t year = results::CivilFromDays(days_since_1970).year;
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
