#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skein::engine {

/// A point in time or an interval, taken apart for to_char().
struct TimeParts {
  int64_t year = 0;  ///< 0 is 1 BC; of an interval the years
  int month = 0;     ///< 1 to 12; of an interval 0 to 11, as its days and hours may be any number
  int64_t day = 0;
  int64_t hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
  bool interval = false;
  int32_t seconds_east = 0;
  std::string zone;  ///< its abbreviation; empty for a time without zone
};

/// What to_date() and to_timestamp() read: the wall clock's time, and the offset if it was written.
struct ParsedTime {
  int64_t days = 0;    ///< since 1970-01-01
  int64_t micros = 0;  ///< of the day
  std::optional<int32_t> seconds_east;
};

/// A template of to_char(), to_date() and to_timestamp() for times, such as 'FMDay, DDth Month
/// YYYY'. Names are English (PostgreSQL's in the locale C). Pure: no clock, no zone.
class TimePicture {
 public:
  explicit TimePicture(std::string_view text);

  std::string Format(const TimeParts& time) const;
  /// Throws 22007 for text that does not fit, 22008 for a time there is not.
  ParsedTime Parse(const std::string& text) const;
  bool shows_zone() const;

  enum class Field {
    kText,
    kSeparator,
    kMeridiem,
    kMeridiemDots,
    kEra,
    kEraDots,
    kCentury,
    kDayName,
    kDayShort,
    kDayOfYear,
    kDay,
    kDayOfWeek,
    kIsoDay,
    kIsoDayOfYear,
    kFraction,
    kHour12,
    kHour24,
    kMinute,
    kSecond,
    kMillis,
    kMicros,
    kSecondOfDay,
    kMonthName,
    kMonthShort,
    kMonth,
    kMonthRoman,
    kQuarter,
    kWeek,
    kIsoWeek,
    kWeekOfMonth,
    kJulian,
    kYearComma,
    kYear,
    kYear3,
    kYear2,
    kYear1,
    kIsoYear,
    kIsoYear3,
    kIsoYear2,
    kIsoYear1,
    kZone,
    kZoneHour,
    kZoneMinute,
    kOffset
  };
  enum class Letters { kUpper, kTitle, kLower };

 private:
  struct Item {
    Field field;
    Letters letters = Letters::kUpper;
    int digits = 0;
    bool fill = false;   ///< FM
    bool local = false;  ///< TM
    int ordinal = 0;     ///< 1: TH, 2: th
    std::string text;    ///< the literal, or how the field was written
  };
  friend class TimeReader;

  std::vector<Item> items_;
  bool exact_ = false;  ///< FX
};

}  // namespace skein::engine
