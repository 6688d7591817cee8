#include "results/time_text.h"

#include <cstring>
#include <utility>

#include <cctz/time_zone.h>

#include "results/number_text.h"

namespace skein::results {
namespace {

char* Append(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* WriteTwoDigits(char* out, int64_t value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

// At least two digits: an interval's hours may need more.
char* WriteHours(char* out, uint64_t hours) {
  if (hours < 10) *out++ = '0';
  return WriteInteger(out, hours);
}

char* WriteFraction(char* out, int64_t micros) {
  if (micros == 0) return out;
  *out++ = '.';
  for (int i = 5; i >= 0; --i, micros /= 10) out[i] = static_cast<char>('0' + micros % 10);
  out += 6;
  while (out[-1] == '0') --out;
  return out;
}

char* WriteMinutesAndSeconds(char* out, uint64_t micros_in_hour) {
  auto micros = static_cast<int64_t>(micros_in_hour);
  int64_t seconds = micros / kMicrosPerSecond;
  *out++ = ':';
  out = WriteTwoDigits(out, seconds / 60);
  *out++ = ':';
  out = WriteTwoDigits(out, seconds % 60);
  return WriteFraction(out, micros % kMicrosPerSecond);
}

char* WriteYearMonthDay(char* out, const CivilDay& civil) {
  // There is no year 0: the year before 1 is 1 BC.
  int64_t year = civil.year > 0 ? civil.year : 1 - civil.year;
  if (year < 10'000) {
    out = WriteTwoDigits(out, year / 100);
    out = WriteTwoDigits(out, year % 100);
  } else {
    out = WriteInteger(out, year);
  }
  *out++ = '-';
  out = WriteTwoDigits(out, civil.month);
  *out++ = '-';
  return WriteTwoDigits(out, civil.day);
}

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

uint64_t Magnitude(int64_t value) {
  return value < 0 ? uint64_t(0) - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

constexpr uint64_t kMicrosPerHour = 3600 * static_cast<uint64_t>(kMicrosPerSecond);

char* WriteTimestampBody(char* out, int64_t micros, TimeSeparator separator, bool* before_christ) {
  int64_t days = FloorDivide(micros, kMicrosPerDay);
  CivilDay civil = CivilFromDays(days);
  *before_christ = civil.year <= 0;
  out = WriteYearMonthDay(out, civil);
  *out++ = static_cast<char>(separator);
  return WriteTime(out, micros - days * kMicrosPerDay);
}

}  // namespace

CivilDay CivilFromDays(int64_t days_since_1970) {
  // Counted from 0000-03-01, so that a leap day ends its year: 146,097 days repeat every 400 years.
  constexpr int64_t kDaysFromMarchZero = 719'468;
  constexpr int64_t kDaysPer400Years = 146'097;
  int64_t shifted = days_since_1970 + kDaysFromMarchZero;
  int64_t era = FloorDivide(shifted, kDaysPer400Years);
  auto day_of_era = static_cast<uint32_t>(shifted - era * kDaysPer400Years);
  uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint32_t month =
      (5 * day_of_year + 2) / 153;  // 0 is March; months of 31, 30, 31, 30, 31 days take turns
  uint32_t day = day_of_year - (153 * month + 2) / 5 + 1;
  month = month < 10 ? month + 3 : month - 9;
  int64_t year = era * 400 + static_cast<int64_t>(year_of_era) + (month <= 2 ? 1 : 0);
  return {year, static_cast<int32_t>(month), static_cast<int32_t>(day)};
}

int64_t DaysFromCivil(int64_t year, int32_t month, int64_t day) {
  // Years that begin in March put the leap day at their end.
  year -= month <= 2;
  int64_t era = FloorDivide(year, 400);
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

char* WriteDate(char* out, int64_t days_since_1970) {
  CivilDay civil = CivilFromDays(days_since_1970);
  out = WriteYearMonthDay(out, civil);
  return civil.year > 0 ? out : Append(out, " BC");
}

char* WriteTime(char* out, int64_t micros) {
  auto value = static_cast<uint64_t>(micros);
  return WriteMinutesAndSeconds(WriteHours(out, value / kMicrosPerHour), value % kMicrosPerHour);
}

char* WriteTimestamp(char* out, int64_t micros_since_1970, TimeSeparator separator) {
  bool before_christ = false;
  out = WriteTimestampBody(out, micros_since_1970, separator, &before_christ);
  return before_christ ? Append(out, " BC") : out;
}

char* WriteTimestampTz(char* out, int64_t local_micros, int32_t seconds_east,
                       TimeSeparator separator, OffsetForm form) {
  bool before_christ = false;
  out = WriteTimestampBody(out, local_micros, separator, &before_christ);
  out = WriteOffset(out, seconds_east, form);
  return before_christ ? Append(out, " BC") : out;
}

char* WriteOffset(char* out, int32_t seconds_east, OffsetForm form) {
  *out++ = seconds_east < 0 ? '-' : '+';
  int32_t seconds = seconds_east < 0 ? -seconds_east : seconds_east;
  out = WriteTwoDigits(out, seconds / 3600);
  int32_t minutes = seconds / 60 % 60;
  seconds %= 60;
  if (minutes || seconds || form == OffsetForm::kIso) {
    *out++ = ':';
    out = WriteTwoDigits(out, minutes);
  }
  if (seconds) {
    *out++ = ':';
    out = WriteTwoDigits(out, seconds);
  }
  return out;
}

char* WritePgInterval(char* out, int32_t months, int32_t days, int64_t micros) {
  bool first = true;
  bool before = false;  // the part before this one was negative: a positive one then shows its sign
  auto part = [&](int32_t value, std::string_view unit) {
    if (value == 0) return;
    if (!first) *out++ = ' ';
    if (before && value > 0) *out++ = '+';
    out = WriteInteger(out, value);
    *out++ = ' ';
    out = Append(out, unit);
    if (value != 1) *out++ = 's';
    before = value < 0;
    first = false;
  };
  part(months / 12, "year");
  part(months % 12, "mon");
  part(days, "day");
  if (!first && micros == 0) return out;
  if (!first) *out++ = ' ';
  if (micros < 0) {
    *out++ = '-';
  } else if (before) {
    *out++ = '+';
  }
  uint64_t magnitude = Magnitude(micros);
  return WriteMinutesAndSeconds(WriteHours(out, magnitude / kMicrosPerHour),
                                magnitude % kMicrosPerHour);
}

char* WriteDuckDbInterval(char* out, int32_t months, int32_t days, int64_t micros) {
  char* start = out;
  auto part = [&](int32_t value, std::string_view unit) {
    if (value == 0) return;
    if (out != start) *out++ = ' ';
    out = WriteInteger(out, value);
    *out++ = ' ';
    out = Append(out, unit);
    if (value != 1 && value != -1) *out++ = 's';
  };
  part(months / 12, "year");
  part(months % 12, "month");
  part(days, "day");
  if (out != start && micros == 0) return out;
  if (out != start) *out++ = ' ';
  if (micros < 0) *out++ = '-';
  uint64_t magnitude = Magnitude(micros);
  return WriteMinutesAndSeconds(WriteHours(out, magnitude / kMicrosPerHour),
                                magnitude % kMicrosPerHour);
}

struct TimeZone::Rules {
  cctz::time_zone zone;
};

Result<TimeZone> TimeZone::Load(const std::string& name) {
  auto rules = std::make_shared<Rules>();
  if (!cctz::load_time_zone(name, &rules->zone)) {
    return errors::InvalidParameter("no such time zone: " + name);
  }
  TimeZone zone;
  zone.rules_ = std::move(rules);
  return zone;
}

int32_t TimeZone::SecondsEastAt(int64_t micros_since_1970) const {
  cctz::time_point<cctz::seconds> at{
      cctz::seconds(FloorDivide(micros_since_1970, kMicrosPerSecond))};
  return rules_->zone.lookup(at).offset;
}

int32_t TimeZone::SecondsEastAtLocal(int64_t local_micros) const {
  int64_t seconds = FloorDivide(local_micros, kMicrosPerSecond);
  CivilDay day = CivilFromDays(FloorDivide(seconds, kMicrosPerDay / kMicrosPerSecond));
  cctz::civil_second clock = cctz::civil_second(day.year, day.month, day.day) +
                             (seconds - FloorDivide(seconds, kMicrosPerDay / kMicrosPerSecond) *
                                            (kMicrosPerDay / kMicrosPerSecond));
  cctz::time_zone::civil_lookup found = rules_->zone.lookup(clock);
  auto instant = found.kind == cctz::time_zone::civil_lookup::REPEATED ? found.post : found.pre;
  return static_cast<int32_t>(seconds - instant.time_since_epoch().count());
}

}  // namespace skein::results
