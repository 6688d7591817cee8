#include "engine/postgres_functions/time_picture.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "engine/postgres_functions/iso_week.h"
#include "engine/postgres_functions/number_picture.h"
#include "engine/postgres_functions/time_names.h"
#include "results/time_text.h"

namespace skein::engine {
namespace {

using Field = TimePicture::Field;
using Letters = TimePicture::Letters;

struct Word {
  std::string_view text;
  Field field;
  /// Names are written in the case of the template: this one's, or any for what prints no letters.
  bool title = false;
  int digits = 0;
};

/// Longer words stand before those they begin with. All but the titles are known in capitals and in
/// small letters.
constexpr auto kWords = std::to_array<Word>({
    {"A.D.", Field::kEraDots},
    {"A.M.", Field::kMeridiemDots},
    {"AD", Field::kEra},
    {"AM", Field::kMeridiem},
    {"B.C.", Field::kEraDots},
    {"BC", Field::kEra},
    {"CC", Field::kCentury},
    {"Day", Field::kDayName, true},
    {"DAY", Field::kDayName},
    {"DDD", Field::kDayOfYear},
    {"DD", Field::kDay},
    {"Dy", Field::kDayShort, true},
    {"DY", Field::kDayShort},
    {"D", Field::kDayOfWeek},
    {"FF1", Field::kFraction, false, 1},
    {"FF2", Field::kFraction, false, 2},
    {"FF3", Field::kFraction, false, 3},
    {"FF4", Field::kFraction, false, 4},
    {"FF5", Field::kFraction, false, 5},
    {"FF6", Field::kFraction, false, 6},
    {"HH24", Field::kHour24},
    {"HH12", Field::kHour12},
    {"HH", Field::kHour12},
    {"IDDD", Field::kIsoDayOfYear},
    {"ID", Field::kIsoDay},
    {"IW", Field::kIsoWeek},
    {"IYYY", Field::kIsoYear},
    {"IYY", Field::kIsoYear3},
    {"IY", Field::kIsoYear2},
    {"I", Field::kIsoYear1},
    {"J", Field::kJulian},
    {"MI", Field::kMinute},
    {"MM", Field::kMonth},
    {"Month", Field::kMonthName, true},
    {"MONTH", Field::kMonthName},
    {"Mon", Field::kMonthShort, true},
    {"MON", Field::kMonthShort},
    {"MS", Field::kMillis},
    {"OF", Field::kOffset},
    {"P.M.", Field::kMeridiemDots},
    {"PM", Field::kMeridiem},
    {"Q", Field::kQuarter},
    {"RM", Field::kMonthRoman},
    {"SSSSS", Field::kSecondOfDay},
    {"SSSS", Field::kSecondOfDay},
    {"SS", Field::kSecond},
    {"TZH", Field::kZoneHour},
    {"TZM", Field::kZoneMinute},
    {"TZ", Field::kZone},
    {"US", Field::kMicros},
    {"WW", Field::kWeek},
    {"W", Field::kWeekOfMonth},
    {"Y,YYY", Field::kYearComma},
    {"YYYY", Field::kYear},
    {"YYY", Field::kYear3},
    {"YY", Field::kYear2},
    {"Y", Field::kYear1},
});

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string Cased(std::string_view name, Letters letters) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    bool small = letters == Letters::kLower || (letters == Letters::kTitle && i > 0);
    out += small ? Lower(name[i]) : Upper(name[i]);
  }
  return out;
}

bool Matches(std::string_view rest, std::string_view word, bool title, Letters* letters) {
  if (rest.size() < word.size()) return false;
  std::string_view there = rest.substr(0, word.size());
  *letters = title ? Letters::kTitle : Letters::kUpper;
  if (there == word) return true;
  *letters = Letters::kLower;
  return !title && there == Cased(word, Letters::kLower);
}

bool IsAlphaNumeric(char c) {
  return (c >= '0' && c <= '9') || (Lower(c) >= 'a' && Lower(c) <= 'z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// As printf's %0*d: the sign counts.
std::string Padded(int64_t number, int width) {
  std::string digits = std::to_string(std::abs(number));
  size_t wanted = static_cast<size_t>(width) - (number < 0 ? 1 : 0);
  if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
  return (number < 0 ? "-" : "") + digits;
}

}  // namespace

TimePicture::TimePicture(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    Item item{Field::kText, Letters::kUpper, 0, false, false, 0, {}};
    size_t start = i;
    while (true) {
      std::string_view two = text.substr(i, 2);
      if (two == "FM" || two == "fm") {
        item.fill = true;
      } else if (two == "TM" || two == "tm") {
        item.local = true;
      } else if (two == "FX" || two == "fx") {
        exact_ = true;
      } else {
        break;
      }
      i += 2;
    }
    if (i >= text.size()) break;
    const Word* found = nullptr;
    for (const Word& word : kWords) {
      if (Matches(text.substr(i), word.text, word.title, &item.letters)) {
        found = &word;
        break;
      }
    }
    if (found) {
      item.field = found->field;
      item.digits = found->digits;
      item.text = text.substr(i, found->text.size());
      i += found->text.size();
      std::string_view two = text.substr(i, 2);
      if (two == "TH" || two == "th") {
        item.ordinal = two == "TH" ? 1 : 2;
        i += 2;
      }
    } else if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        item.text += text[i];
      }
      if (i < text.size()) ++i;
    } else {
      if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"') ++i;
      item.field = IsAlphaNumeric(text[i]) ? Field::kText : Field::kSeparator;
      item.text = text[i++];
    }
    if (i == start) break;
    items_.push_back(std::move(item));
  }
}

bool TimePicture::shows_zone() const {
  for (const Item& item : items_) {
    if (item.field == Field::kZone) return true;
  }
  return false;
}

std::string TimePicture::Format(const TimeParts& time) const {
  std::string out;
  int64_t days = time.interval ? 0 : results::DaysFromCivil(time.year, time.month, time.day);
  IsoDate iso = time.interval ? IsoDate{} : IsoDateOf(days);
  int weekday = time.interval ? 0 : WeekdayOf(days);  // Sunday is 0
  int64_t day_of_year = time.interval ? (time.year * 12 + time.month) * 30 + time.day
                                      : days - results::DaysFromCivil(time.year, 1, 1) + 1;
  auto shown_year = [&](int64_t year) { return time.interval || year > 0 ? year : 1 - year; };

  for (const Item& item : items_) {
    auto number = [&](int64_t value, int width) {
      std::string digits = Padded(value, item.fill ? 1 : width);
      if (item.ordinal)
        digits +=
            Cased(OrdinalSuffix(digits), item.ordinal == 1 ? Letters::kUpper : Letters::kLower);
      out += digits;
    };
    // The clock's fields have two digits whatever their sign.
    auto clock = [&](int64_t value) { number(value, value < 0 ? 3 : 2); };
    auto name = [&](std::string_view word, size_t width) {
      std::string cased = Cased(word, item.letters);
      if (!item.fill && !item.local && cased.size() < width) cased.resize(width, ' ');
      out += cased;
    };
    switch (item.field) {
      case Field::kText:
      case Field::kSeparator:
        out += item.text;
        break;
      case Field::kMeridiem:
      case Field::kMeridiemDots: {
        bool after = ((time.hour % 24) + 24) % 24 >= 12;
        bool dots = item.field == Field::kMeridiemDots;
        out += Cased(after ? (dots ? "P.M." : "PM") : (dots ? "A.M." : "AM"), item.letters);
        break;
      }
      case Field::kEra:
        out += Cased(time.year <= 0 && !time.interval ? "BC" : "AD", item.letters);
        break;
      case Field::kEraDots:
        out += Cased(time.year <= 0 && !time.interval ? "B.C." : "A.D.", item.letters);
        break;
      case Field::kCentury: {
        int64_t century = time.interval   ? time.year / 100
                          : time.year > 0 ? (time.year - 1) / 100 + 1
                                          : time.year / 100 - 1;
        number(century, 2);
        break;
      }
      case Field::kHour12: {
        int64_t hour = time.hour % 12;
        clock(hour == 0 ? 12 : hour);
        break;
      }
      case Field::kHour24:
        clock(time.hour);
        break;
      case Field::kMinute:
        clock(time.minute);
        break;
      case Field::kSecond:
        clock(time.second);
        break;
      case Field::kFraction:
      case Field::kMillis:
      case Field::kMicros: {
        int digits = item.field == Field::kMillis   ? 3
                     : item.field == Field::kMicros ? 6
                                                    : item.digits;
        int value = time.micros;
        for (int i = digits; i < 6; ++i) value /= 10;
        std::string text = Padded(value, digits);
        if (item.ordinal)
          text += Cased(OrdinalSuffix(text), item.ordinal == 1 ? Letters::kUpper : Letters::kLower);
        out += text;
        break;
      }
      case Field::kSecondOfDay:
        number(time.hour * 3600 + time.minute * 60 + time.second, 1);
        break;
      case Field::kDayName:
        if (!time.interval) name(kDayNames[static_cast<size_t>(weekday)], 9);
        break;
      case Field::kDayShort:
        if (!time.interval) name(kDayNames[static_cast<size_t>(weekday)].substr(0, 3), 0);
        break;
      case Field::kDayOfYear:
        number(day_of_year, 3);
        break;
      case Field::kDay:
        number(time.day, 2);
        break;
      case Field::kDayOfWeek:
        number(weekday + 1, 1);
        break;
      case Field::kIsoDay:
        number(iso.day, 1);
        break;
      case Field::kIsoDayOfYear:
        number((iso.week - 1) * 7 + iso.day, 3);
        break;
      case Field::kMonthName:
        if (time.month > 0) name(kMonthNames[static_cast<size_t>(time.month - 1)], 9);
        break;
      case Field::kMonthShort:
        if (time.month > 0) name(kMonthNames[static_cast<size_t>(time.month - 1)].substr(0, 3), 0);
        break;
      case Field::kMonth:
        number(time.month, 2);
        break;
      case Field::kMonthRoman:
        if (time.month > 0) name(*RomanNumeral(time.month), 4);
        break;
      case Field::kQuarter:
        if (time.month > 0) number((time.month - 1) / 3 + 1, 1);
        break;
      case Field::kWeek:
        number((day_of_year - 1) / 7 + 1, 2);
        break;
      case Field::kIsoWeek:
        number(iso.week, 2);
        break;
      case Field::kWeekOfMonth:
        number((time.day - 1) / 7 + 1, 1);
        break;
      case Field::kJulian:
        number(days + kJulianDayOf1970, 1);
        break;
      case Field::kYearComma: {
        int64_t year = shown_year(time.year);
        std::string text = std::to_string(year / 1000) + "," + Padded(year % 1000, 3);
        if (item.ordinal)
          text += Cased(OrdinalSuffix(text), item.ordinal == 1 ? Letters::kUpper : Letters::kLower);
        out += text;
        break;
      }
      case Field::kYear:
        number(shown_year(time.year), 4);
        break;
      case Field::kYear3:
        number(shown_year(time.year) % 1000, 3);
        break;
      case Field::kYear2:
        number(shown_year(time.year) % 100, 2);
        break;
      case Field::kYear1:
        number(shown_year(time.year) % 10, 1);
        break;
      case Field::kIsoYear:
        number(shown_year(iso.year), 4);
        break;
      case Field::kIsoYear3:
        number(shown_year(iso.year) % 1000, 3);
        break;
      case Field::kIsoYear2:
        number(shown_year(iso.year) % 100, 2);
        break;
      case Field::kIsoYear1:
        number(shown_year(iso.year) % 10, 1);
        break;
      case Field::kZone:
        out += Cased(time.zone, item.letters);
        break;
      case Field::kZoneHour:
        out += time.seconds_east < 0 ? '-' : '+';
        out += Padded(std::abs(time.seconds_east) / 3600, 2);
        break;
      case Field::kZoneMinute:
        out += Padded(std::abs(time.seconds_east) % 3600 / 60, 2);
        break;
      case Field::kOffset:
        out += time.seconds_east < 0 ? '-' : '+';
        out += Padded(std::abs(time.seconds_east) / 3600, item.fill ? 1 : 2);
        if (int minutes = std::abs(time.seconds_east) % 3600 / 60) out += ":" + Padded(minutes, 2);
        break;
    }
  }
  return out;
}

}  // namespace skein::engine
