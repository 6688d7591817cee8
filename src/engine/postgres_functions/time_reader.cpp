// TimePicture::Parse: text to time by a template.

#include <algorithm>
#include <cstdlib>

#include "engine/postgres_functions/iso_week.h"
#include "engine/postgres_functions/sql_error.h"
#include "engine/postgres_functions/time_names.h"
#include "engine/postgres_functions/time_picture.h"
#include "results/time_text.h"

namespace skein::engine {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return Lower(c) >= 'a' && Lower(c) <= 'z'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool StartsWith(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (Lower(text[i]) != Lower(word[i])) return false;
  }
  return true;
}

int DaysInMonth(int64_t year, int month) {
  return static_cast<int>(month == 12 ? 31
                                      : results::DaysFromCivil(year, month + 1, 1) -
                                            results::DaysFromCivil(year, month, 1));
}

/// Two digits mean the year next to 2020.
int64_t NearYear(int64_t year) {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  if (year < 1000) return year + 1000;
  return year;
}

}  // namespace

/// One reading of one text. What is not written stays open and gets its default at the end.
class TimeReader {
 public:
  using Field = TimePicture::Field;

  TimeReader(const TimePicture& picture, const std::string& text)
      : picture_(picture), text_(text) {}

  ParsedTime Read() {
    const auto& items = picture_.items_;
    if (!picture_.exact_) SkipSpaces();
    for (size_t i = 0; i < items.size() && at_ < text_.size(); ++i) {
      const auto& item = items[i];
      if (item.field == Field::kSeparator) {
        Separator(item.text[0]);
        continue;
      }
      if (item.field == Field::kText) {
        at_ = std::min(text_.size(), at_ + item.text.size());
        continue;
      }
      if (!picture_.exact_) SkipSpaces();
      // Digits that follow each other are told apart by their number only.
      bool alone = i + 1 == items.size() || items[i + 1].field == Field::kSeparator ||
                   items[i + 1].field == Field::kText || item.ordinal || item.fill;
      ReadField(item, alone);
      if (item.ordinal) at_ = std::min(text_.size(), at_ + 2);
    }
    return Finish();
  }

 private:
  void SkipSpaces() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }

  /// A separator of the template stands for one of the text, whichever, or for none.
  void Separator(char wanted) {
    if (picture_.exact_) {
      if (at_ < text_.size()) ++at_;
      return;
    }
    size_t before = at_;
    SkipSpaces();
    bool separator = at_ < text_.size() && !IsDigit(text_[at_]) && !IsLetter(text_[at_]) &&
                     static_cast<unsigned char>(text_[at_]) < 0x80;
    // A sign belongs to the number behind it, unless the template has it here.
    bool sign = separator && (text_[at_] == '-' || text_[at_] == '+') && text_[at_] != wanted &&
                before != at_;
    if (separator && !sign) ++at_;
    SkipSpaces();
  }

  [[noreturn]] void BadValue(const std::string& field, const char* why) {
    size_t length = std::min<size_t>(std::max<size_t>(field.size(), 1), text_.size() - at_);
    ThrowSql("22007", "invalid value \"" + text_.substr(at_, length) + "\" for \"" + field + "\"",
             why);
  }
  [[noreturn]] void OutOfRange() {
    ThrowSql("22008", "date/time field value out of range: \"" + text_ + "\"");
  }

  /// A number of `digits` digits, or of any when it stands alone. `read` gets how many there were.
  int64_t Number(const std::string& field, int digits, bool alone, int* read = nullptr) {
    size_t start = at_;
    bool negative = false;
    if (alone && at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) {
      negative = text_[at_] == '-';
      ++at_;
    }
    int64_t value = 0;
    int count = 0;
    while (at_ < text_.size() && IsDigit(text_[at_]) && (alone || count < digits)) {
      value = value * 10 + (text_[at_++] - '0');
      if (++count > 9) {
        at_ = start;
        ThrowSql("22008", "value for \"" + field + "\" in source string is out of range",
                 "Value must be in the range -2147483648 to 2147483647.");
      }
    }
    if (count == 0) {
      at_ = start;
      BadValue(field, "Value must be an integer.");
    }
    if (read) *read = count;
    return negative ? -value : value;
  }

  template <class Names>
  int Name(const std::string& field, const Names& names, bool shortened) {
    for (size_t i = 0; i < names.size(); ++i) {
      std::string_view name =
          shortened ? std::string_view(names[i]).substr(0, 3) : std::string_view(names[i]);
      if (StartsWith(std::string_view(text_).substr(at_), name)) {
        at_ += name.size();
        return static_cast<int>(i);
      }
    }
    BadValue(field, "The given value did not match any of the allowed values for this field.");
  }

  int Fraction(const std::string& field, int digits, bool alone) {
    int read = 0;
    int64_t value = Number(field, digits, alone, &read);
    for (; read < 6; ++read) value *= 10;
    for (; read > 6; --read) value /= 10;
    return static_cast<int>(value);
  }

  void ReadField(const TimePicture::Item& item, bool alone) {
    const std::string& field = item.text;
    std::string_view rest = std::string_view(text_).substr(at_);
    int read = 0;
    switch (item.field) {
      case Field::kMeridiem:
      case Field::kMeridiemDots: {
        bool dots = item.field == Field::kMeridiemDots;
        afternoon_ = StartsWith(rest, dots ? "p.m." : "pm");
        if (!*afternoon_ && !StartsWith(rest, dots ? "a.m." : "am"))
          BadValue(field,
                   "The given value did not match any of the allowed values for this field.");
        at_ += dots ? 4 : 2;
        break;
      }
      case Field::kEra:
      case Field::kEraDots: {
        bool dots = item.field == Field::kEraDots;
        bc_ = StartsWith(rest, dots ? "b.c." : "bc");
        if (!bc_ && !StartsWith(rest, dots ? "a.d." : "ad"))
          BadValue(field,
                   "The given value did not match any of the allowed values for this field.");
        at_ += dots ? 4 : 2;
        break;
      }
      case Field::kCentury:
        century_ = Number(field, 2, alone);
        break;
      case Field::kHour12:
        hour_ = Number(field, 2, alone);
        twelve_ = true;
        break;
      case Field::kHour24:
        hour_ = Number(field, 2, alone);
        break;
      case Field::kMinute:
        minute_ = Number(field, 2, alone);
        break;
      case Field::kSecond:
        second_ = Number(field, 2, alone);
        break;
      case Field::kFraction:
        micros_ = Fraction(field, item.digits, alone);
        break;
      case Field::kMillis:
        micros_ = Fraction(field, 3, alone);
        break;
      case Field::kMicros:
        micros_ = Fraction(field, 6, alone);
        break;
      case Field::kSecondOfDay:
        second_of_day_ = Number(field, static_cast<int>(field.size()), alone);
        break;
      case Field::kDayName:
        Name(field, kDayNames, false);
        break;
      case Field::kDayShort:
        Name(field, kDayNames, true);
        break;
      case Field::kDayOfYear:
        day_of_year_ = Number(field, 3, alone);
        break;
      case Field::kDay:
        day_ = Number(field, 2, alone);
        break;
      case Field::kDayOfWeek:
        Number(field, 1, alone);
        break;
      case Field::kIsoDay:
        iso_day_ = Number(field, 1, alone);
        break;
      case Field::kIsoDayOfYear:
        iso_day_of_year_ = Number(field, 3, alone);
        break;
      case Field::kMonthName:
        month_ = Name(field, kMonthNames, false) + 1;
        break;
      case Field::kMonthShort:
        month_ = Name(field, kMonthNames, true) + 1;
        break;
      case Field::kMonth:
        month_ = Number(field, 2, alone);
        break;
      case Field::kMonthRoman: {
        // The longest first: VIII before VII.
        static constexpr std::array<std::string_view, 12> kRoman = {
            "VIII", "VII", "XII", "III", "VI", "IV", "IX", "XI", "II", "V", "X", "I"};
        static constexpr std::array<int, 12> kValues = {8, 7, 12, 3, 6, 4, 9, 11, 2, 5, 10, 1};
        month_ = kValues[static_cast<size_t>(Name(field, kRoman, false))];
        break;
      }
      case Field::kQuarter:
        Number(field, 1, alone);
        break;
      case Field::kWeek:
        week_ = Number(field, 2, alone);
        break;
      case Field::kIsoWeek:
        iso_week_ = Number(field, 2, alone);
        break;
      case Field::kWeekOfMonth:
        week_of_month_ = Number(field, 1, alone);
        break;
      case Field::kJulian:
        julian_ = Number(field, 9, true);
        break;
      case Field::kYearComma: {
        int64_t thousands = Number(field, 9, true);
        if (at_ >= text_.size() || text_[at_] != ',') BadValue(field, "Value must be like 2,000.");
        ++at_;
        year_ = thousands * 1000 + Number(field, 3, false);
        break;
      }
      case Field::kYear:
      case Field::kIsoYear:
        (item.field == Field::kYear ? year_ : iso_year_) = Number(field, 4, alone);
        break;
      case Field::kYear3:
      case Field::kYear2:
      case Field::kYear1:
      case Field::kIsoYear3:
      case Field::kIsoYear2:
      case Field::kIsoYear1: {
        bool iso = item.field >= Field::kIsoYear;
        auto& year = iso ? iso_year_ : year_;
        year = Number(field, static_cast<int>(field.size()), alone, &read);
        if (read < 4) year = NearYear(*year);
        break;
      }
      case Field::kZoneHour:
        if (rest[0] == '-' || rest[0] == '+' || rest[0] == ' ') {
          zone_sign_ = rest[0] == '-' ? -1 : 1;
          ++at_;
        }
        zone_hour_ = Number(field, 2, alone);
        break;
      case Field::kZoneMinute:
        zone_minute_ = Number(field, 2, alone);
        break;
      case Field::kOffset:
        if (rest[0] == '-' || rest[0] == '+') {
          zone_sign_ = rest[0] == '-' ? -1 : 1;
          ++at_;
        }
        zone_hour_ = Number(field, 2, false);
        if (at_ < text_.size() && text_[at_] == ':') {
          ++at_;
          zone_minute_ = Number(field, 2, false);
        }
        break;
      case Field::kZone:
        ThrowSql("0A000", "formatting field \"" + field + "\" is only supported in to_char");
      case Field::kText:
      case Field::kSeparator:
        break;
    }
  }

  ParsedTime Finish() {
    ParsedTime time;
    if (second_of_day_) {
      if (*second_of_day_ < 0 || *second_of_day_ >= 86400) OutOfRange();
      hour_ = *second_of_day_ / 3600;
      minute_ = *second_of_day_ % 3600 / 60;
      second_ = *second_of_day_ % 60;
    } else if (twelve_ || afternoon_) {
      if (hour_ < 1 || hour_ > 12) {
        ThrowSql("22007", "hour \"" + std::to_string(hour_) + "\" is invalid for the 12-hour clock",
                 "Use the 24-hour clock, or give an hour between 1 and 12.");
      }
      if (hour_ == 12) hour_ = 0;
      if (afternoon_.value_or(false)) hour_ += 12;
    }
    if (hour_ < 0 || hour_ > 23 || minute_ < 0 || minute_ > 59 || second_ < 0 || second_ > 59)
      OutOfRange();
    time.micros = ((hour_ * 60 + minute_) * 60 + second_) * 1000000 + micros_;
    time.days = Days();
    if (zone_hour_) {
      if (*zone_hour_ > 15 || zone_minute_ > 59) OutOfRange();
      time.seconds_east =
          static_cast<int32_t>(zone_sign_ * (*zone_hour_ * 3600 + zone_minute_ * 60));
    }
    return time;
  }

  int64_t Days() {
    if (julian_) return *julian_ - kJulianDayOf1970;
    if (iso_year_) {
      if (iso_day_of_year_) {
        return DaysFromIsoDate({*iso_year_, 1, 1}) + *iso_day_of_year_ - 1;
      }
      int64_t week = iso_week_.value_or(1);
      if (week < 1 || week > 53) OutOfRange();
      return DaysFromIsoDate(
          {*iso_year_, static_cast<int>(week), static_cast<int>(iso_day_.value_or(1))});
    }
    // Without a year it is the first one of the calendar.
    int64_t year = year_.value_or(0);
    if (century_) {
      year = year_ ? (*century_ - 1) * 100 + *year_ % 100 : (*century_ - 1) * 100 + 1;
      if (year_ && *year_ % 100 == 0) year += 100;
    } else if (!year_) {
      year = 0;
    } else if (bc_) {
      year = *year_ > 0 ? 1 - *year_ : *year_;
    } else if (*year_ < 0) {
      year = *year_ + 1;
    }
    int64_t month = month_.value_or(1);
    int64_t day = day_.value_or(1);
    if (week_) day_of_year_ = (*week_ - 1) * 7 + 1;
    if (week_of_month_) day = (*week_of_month_ - 1) * 7 + 1;
    if (day_of_year_ && !month_) {
      int64_t length = results::DaysFromCivil(year + 1, 1, 1) - results::DaysFromCivil(year, 1, 1);
      if (*day_of_year_ < 1 || *day_of_year_ > length) OutOfRange();
      return results::DaysFromCivil(year, 1, *day_of_year_);
    }
    if (month < 1 || month > 12) OutOfRange();
    if (day < 1 || day > DaysInMonth(year, static_cast<int>(month))) OutOfRange();
    return results::DaysFromCivil(year, static_cast<int>(month), day);
  }

  const TimePicture& picture_;
  const std::string& text_;
  size_t at_ = 0;

  std::optional<bool> afternoon_;
  bool bc_ = false;
  bool twelve_ = false;
  int64_t hour_ = 0, minute_ = 0, second_ = 0, micros_ = 0;
  std::optional<int64_t> second_of_day_, century_, year_, month_, day_, day_of_year_, week_,
      week_of_month_, julian_, iso_year_, iso_week_, iso_day_, iso_day_of_year_, zone_hour_;
  int64_t zone_minute_ = 0;
  int zone_sign_ = 1;
};

ParsedTime TimePicture::Parse(const std::string& text) const {
  return TimeReader(*this, text).Read();
}

}  // namespace skein::engine
