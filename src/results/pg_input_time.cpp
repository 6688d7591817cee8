#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "results/pg_input.h"
#include "results/pg_input_internal.h"
#include "results/temporal_value.h"

namespace skein::results {
namespace {

constexpr int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
constexpr int32_t kMaxZoneSeconds = 16 * 3600;  // PostgreSQL's own

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

Status Wrong(const char* type, std::string_view text) {
  return Status(StatusCode::kInvalidArgument, "22007",
                fmt::format("invalid input syntax for type {}: \"{}\"", type, ShownInput(text)));
}
Status FieldOutOfRange(std::string_view text) {
  return Status(StatusCode::kInvalidArgument, "22008",
                fmt::format("date/time field value out of range: \"{}\"", ShownInput(text)));
}

int32_t DaysInMonth(int64_t year, int32_t month) {
  constexpr std::array<int32_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

enum class Special { kNone, kInfinity, kMinusInfinity, kEpoch };

// What the text of a date, a time or both says.
struct Fields {
  Special special = Special::kNone;
  bool has_date = false;
  bool has_time = false;
  int64_t days = 0;
  int64_t time_micros = 0;
  std::optional<int32_t> seconds_east;
  std::string zone_name;
};

class Reader {
 public:
  Reader(const char* type, std::string_view text) : type_(type), text_(text) {
    rest_ = TrimInput(text);
  }

  Status Read(Fields* fields) {
    fields_ = fields;
    if (rest_.empty()) return Wrong(type_, text_);
    if (ReadSpecial()) return Status::OK();
    while (!rest_.empty()) {
      SKEIN_RETURN_IF_ERROR(ReadPart());
      while (!rest_.empty() && (rest_[0] == ' ' || (rest_[0] >= '\t' && rest_[0] <= '\r')))
        rest_.remove_prefix(1);
    }
    return Finish();
  }

 private:
  Status Bad() const { return Wrong(type_, text_); }

  bool ReadSpecial() {
    std::string word = LowerInput(rest_.substr(0, 12));
    if (word.size() != rest_.size()) return false;
    if (word == "infinity" || word == "+infinity") {
      fields_->special = Special::kInfinity;
    } else if (word == "-infinity") {
      fields_->special = Special::kMinusInfinity;
    } else if (word == "epoch") {
      fields_->special = Special::kEpoch;
    } else {
      return false;
    }
    return true;
  }

  bool Eat(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // The number of digits read, 0 when there is none or there are too many.
  size_t Number(int64_t* value) {
    size_t count = 0;
    *value = 0;
    while (count < rest_.size() && IsDigit(rest_[count])) {
      if (count == 15) return 0;
      *value = *value * 10 + (rest_[count++] - '0');
    }
    rest_.remove_prefix(count);
    return count;
  }

  std::string Word() {
    size_t count = 0;
    while (count < rest_.size() && IsLetter(rest_[count])) ++count;
    std::string word = LowerInput(rest_.substr(0, count));
    rest_.remove_prefix(count);
    return word;
  }

  static int32_t MonthOf(const std::string& word) {
    constexpr std::array<std::string_view, 12> kNames = {
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
    if (word.size() < 3) return 0;
    for (size_t i = 0; i < kNames.size(); ++i) {
      bool short_name = word.size() == 3 || word == "sept";
      if (kNames[i] == word || (short_name && kNames[i].substr(0, word.size()) == word))
        return static_cast<int32_t>(i) + 1;
    }
    return 0;
  }

  static bool IsWeekday(const std::string& word) {
    for (std::string_view name :
         {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}) {
      if (word == name || (word.size() == 3 && name.substr(0, 3) == word)) return true;
    }
    return false;
  }

  Status ReadPart() {
    char c = rest_[0];
    if (IsDigit(c)) return ReadNumeric();
    if (c == '+' || c == '-') return fields_->has_time || fields_->has_date ? ReadOffset() : Bad();
    if (c == ',') return Eat(','), Status::OK();
    if (IsLetter(c)) return ReadWord();
    return Bad();
  }

  Status ReadNumeric() {
    size_t end = 0;
    while (end < rest_.size() && IsDigit(rest_[end])) ++end;
    char behind = end < rest_.size() ? rest_[end] : '\0';
    if (behind == ':') return ReadTime();
    if (have_day_ && !fields_->has_time && fields_->has_date && end == 6) return ReadPackedTime();
    if (month_ != 0 && (day_ == 0 || year_digits_ == 0)) return ReadRestOfNamedDate(end);
    if (fields_->has_date) return Bad();
    int64_t first = 0;
    size_t first_digits = Number(&first);
    if (first_digits == 0) return Bad();
    if (behind == '-' || behind == '/' || behind == '.') {
      Eat(behind);
      return ReadDate(first, first_digits, behind);
    }
    if (first_digits == 8 || (first_digits == 6 && behind == '\0')) {
      year_ = first / 10000;
      year_digits_ = first_digits == 8 ? 4 : 2;
      month_ = static_cast<int32_t>(first / 100 % 100);
      day_ = static_cast<int32_t>(first % 100);
      have_day_ = fields_->has_date = true;
      Eat('T');
      return Status::OK();
    }
    // "8 January 1999".
    if (first_digits <= 2) {
      day_ = static_cast<int32_t>(first);
      return Status::OK();
    }
    year_ = first;
    year_digits_ = first_digits;
    return Status::OK();
  }

  Status ReadRestOfNamedDate(size_t digits) {
    int64_t value = 0;
    if (Number(&value) == 0) return Bad();
    if (day_ == 0 && digits <= 2) {
      day_ = static_cast<int32_t>(value);
    } else if (year_digits_ == 0) {
      year_ = value;
      year_digits_ = digits;
    } else {
      return Bad();
    }
    if (day_ != 0 && year_digits_ != 0) have_day_ = fields_->has_date = true;
    return Status::OK();
  }

  // What follows the first number and its separator: year-month-day when the number is long, else
  // month-day-year.
  Status ReadDate(int64_t first, size_t first_digits, char separator) {
    int64_t second = 0;
    int64_t third = 0;
    bool named = !rest_.empty() && IsLetter(rest_[0]);
    if (named) {
      second = MonthOf(Word());
      if (second == 0) return Bad();
    } else if (size_t digits = Number(&second); digits == 0 || digits > 3) {
      return Bad();
    } else if (digits == 3) {
      return ReadDayOfYear(first, first_digits, second);
    }
    if (!Eat(separator)) return Bad();
    size_t third_digits = Number(&third);
    if (third_digits == 0) return Bad();
    if (first_digits > 2) {
      year_ = first;
      year_digits_ = first_digits;
      month_ = static_cast<int32_t>(second);
      day_ = static_cast<int32_t>(std::min<int64_t>(third, 99));
    } else {
      month_ = static_cast<int32_t>(named ? second : first);
      day_ = static_cast<int32_t>(named ? first : second);
      year_ = third;
      year_digits_ = third_digits;
    }
    have_day_ = fields_->has_date = true;
    if (rest_.size() > 1 && (rest_[0] == 'T' || rest_[0] == 't') && IsDigit(rest_[1]))
      rest_.remove_prefix(1);
    return Status::OK();
  }

  Status ReadDayOfYear(int64_t year, size_t digits, int64_t day) {
    if (digits < 3 || day < 1 || day > 366) return FieldOutOfRange(text_);
    CivilDay civil = CivilFromDays(DaysFromCivil(year, 1, 1) + day - 1);
    year_ = civil.year;
    year_digits_ = digits;
    month_ = civil.month;
    day_ = civil.day;
    have_day_ = fields_->has_date = true;
    return Status::OK();
  }

  Status ReadTime() {
    if (fields_->has_time) return Bad();
    int64_t hours = 0;
    int64_t minutes = 0;
    int64_t seconds = 0;
    if (Number(&hours) == 0 || !Eat(':') || Number(&minutes) == 0) return Bad();
    int64_t micros = 0;
    if (Eat(':')) {
      if (Number(&seconds) == 0) return Bad();
      if (Eat('.')) micros = Fraction();
    }
    return SetTime(hours, minutes, seconds, micros);
  }

  Status ReadPackedTime() {
    int64_t packed = 0;
    Number(&packed);
    int64_t micros = Eat('.') ? Fraction() : 0;
    return SetTime(packed / 10000, packed / 100 % 100, packed % 100, micros);
  }

  // Behind the point; rounded to the nearest microsecond.
  int64_t Fraction() {
    int64_t micros = 0;
    int64_t unit = kMicrosPerSecond / 10;
    bool first_beyond = true;
    while (!rest_.empty() && IsDigit(rest_[0])) {
      int64_t digit = rest_[0] - '0';
      if (unit > 0) {
        micros += digit * unit;
        unit /= 10;
      } else if (std::exchange(first_beyond, false) && digit >= 5) {
        ++micros;
      }
      rest_.remove_prefix(1);
    }
    return micros;
  }

  Status SetTime(int64_t hours, int64_t minutes, int64_t seconds, int64_t micros) {
    if (minutes > 59 || seconds > 60 || hours > 24) return FieldOutOfRange(text_);
    fields_->time_micros =
        hours * kMicrosPerHour + minutes * kMicrosPerMinute + seconds * kMicrosPerSecond + micros;
    if (fields_->time_micros > kMicrosPerDay) return FieldOutOfRange(text_);
    hours_ = hours;
    fields_->has_time = true;
    return Status::OK();
  }

  Status ReadOffset() {
    if (fields_->seconds_east) return Bad();
    bool west = rest_[0] == '-';
    rest_.remove_prefix(1);
    int64_t hours = 0;
    int64_t minutes = 0;
    int64_t seconds = 0;
    size_t digits = Number(&hours);
    if (digits == 0 || digits > 6) return Bad();
    if (digits > 2) {
      if (digits > 4) {
        seconds = hours % 100;
        hours /= 100;
      }
      minutes = hours % 100;
      hours /= 100;
    } else if (Eat(':')) {
      if (Number(&minutes) == 0) return Bad();
      if (Eat(':') && Number(&seconds) == 0) return Bad();
    }
    int64_t offset = hours * 3600 + minutes * 60 + seconds;
    if (minutes > 59 || seconds > 59 || offset >= kMaxZoneSeconds) {
      return Status(StatusCode::kInvalidArgument, "22009",
                    fmt::format("time zone displacement out of range: \"{}\"", ShownInput(text_)));
    }
    fields_->seconds_east = static_cast<int32_t>(west ? -offset : offset);
    return Status::OK();
  }

  Status ReadWord() {
    std::string_view before = rest_;
    std::string word = Word();
    if (word == "bc" || word == "ad") {
      if (!fields_->has_date) return Bad();
      before_christ_ = word == "bc";
      return Status::OK();
    }
    if (word == "am" || word == "pm") {
      if (!fields_->has_time || hours_ > 12 || hours_ == 0) return FieldOutOfRange(text_);
      int64_t wanted = hours_ % 12 + (word == "pm" ? 12 : 0);
      fields_->time_micros += (wanted - hours_) * kMicrosPerHour;
      return Status::OK();
    }
    if (int32_t month = MonthOf(word); month != 0 && !fields_->has_date && month_ == 0) {
      month_ = month;
      // "8 January 1999", "January 8, 1999", "1999 January 8".
      if (day_ != 0 && year_digits_ != 0) have_day_ = fields_->has_date = true;
      Eat('-');
      return Status::OK();
    }
    if (IsWeekday(word)) return Status::OK();
    if (word == "t" && fields_->has_date && !fields_->has_time) return Status::OK();
    if (!fields_->has_time && !fields_->has_date) return Bad();
    if (word == "z" || word == "zulu" || word == "utc" || word == "gmt" || word == "ut") {
      fields_->seconds_east = 0;
      return Status::OK();
    }
    // A zone's full name.
    size_t end = 0;
    while (end < before.size() && before[end] != ' ') ++end;
    fields_->zone_name = std::string(before.substr(0, end));
    rest_ = before.substr(end);
    return TimeZone::Load(fields_->zone_name).ok() ? Status::OK() : Bad();
  }

  Status Finish() {
    if (!fields_->has_date && (month_ != 0 || day_ != 0 || year_digits_ != 0)) return Bad();
    if (!fields_->has_date) return fields_->has_time ? Status::OK() : Bad();
    // Two digits are a year near ours, as in PostgreSQL.
    if (year_digits_ <= 2 && !before_christ_) year_ += year_ < 70 ? 2000 : 1900;
    if (year_ == 0 || year_ > 10'000'000) return FieldOutOfRange(text_);
    if (before_christ_) year_ = 1 - year_;
    if (month_ < 1 || month_ > 12 || day_ < 1 || day_ > DaysInMonth(year_, month_))
      return FieldOutOfRange(text_);
    fields_->days = DaysFromCivil(year_, month_, day_);
    return Status::OK();
  }

  const char* type_;
  std::string_view text_;
  std::string_view rest_;
  Fields* fields_ = nullptr;
  int64_t year_ = 0;
  size_t year_digits_ = 0;
  int32_t month_ = 0;
  int32_t day_ = 0;
  int64_t hours_ = 0;
  bool have_day_ = false;
  bool before_christ_ = false;
};

// The one form that nearly all data has: YYYY-MM-DD, at the start of `text`.
bool ReadIsoDate(std::string_view text, int64_t* days) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  int32_t digits[8];
  size_t count = 0;
  for (size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!IsDigit(text[i])) return false;
    digits[count++] = text[i] - '0';
  }
  int32_t year = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
  int32_t month = digits[4] * 10 + digits[5];
  int32_t day = digits[6] * 10 + digits[7];
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month))
    return false;
  *days = DaysFromCivil(year, month, day);
  return true;
}

// HH:MM:SS and up to six digits behind a point, all of `text`.
bool ReadIsoTime(std::string_view text, int64_t* micros) {
  if (text.size() < 8 || text.size() > 15 || text[2] != ':' || text[5] != ':') return false;
  for (size_t i : {0, 1, 3, 4, 6, 7}) {
    if (!IsDigit(text[i])) return false;
  }
  auto two = [&](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  if (two(0) > 23 || two(3) > 59 || two(6) > 59) return false;
  *micros = two(0) * kMicrosPerHour + two(3) * kMicrosPerMinute + two(6) * kMicrosPerSecond;
  if (text.size() == 8) return true;
  if (text[8] != '.' || text.size() == 9) return false;
  int64_t unit = kMicrosPerSecond / 10;
  for (char c : text.substr(9)) {
    if (!IsDigit(c)) return false;
    *micros += (c - '0') * unit;
    unit /= 10;
  }
  return true;
}

Status Combine(const char* type, std::string_view text, const Fields& fields, int64_t* micros) {
  if (!fields.has_date) return Wrong(type, text);
  if (__builtin_mul_overflow(fields.days, kMicrosPerDay, micros) ||
      __builtin_add_overflow(*micros, fields.time_micros, micros) || *micros == kInfiniteTime ||
      fields.days < kPgFirstDay) {
    return Status(StatusCode::kInvalidArgument, "22008",
                  fmt::format("timestamp out of range: \"{}\"", ShownInput(text)));
  }
  return Status::OK();
}

template <typename Value>
bool TakeSpecial(Special special, Value infinite, Value* value) {
  switch (special) {
    case Special::kInfinity:
      *value = infinite;
      return true;
    case Special::kMinusInfinity:
      *value = -infinite;
      return true;
    case Special::kEpoch:
      *value = 0;
      return true;
    case Special::kNone:
      return false;
  }
  return false;
}

}  // namespace

Status ParsePgDate(std::string_view text, int32_t* days) {
  int64_t found = 0;
  if (text.size() == 10 && ReadIsoDate(text, &found)) [[likely]] {
    *days = static_cast<int32_t>(found);
    return Status::OK();
  }
  Fields fields;
  SKEIN_RETURN_IF_ERROR(Reader("date", text).Read(&fields));
  if (TakeSpecial(fields.special, kInfiniteDays, days)) return Status::OK();
  if (!fields.has_date) return Wrong("date", text);
  if (fields.days < kPgFirstDay || fields.days >= kPgDateEnd) {
    return Status(StatusCode::kInvalidArgument, "22008",
                  fmt::format("date out of range: \"{}\"", ShownInput(text)));
  }
  *days = static_cast<int32_t>(fields.days);
  return Status::OK();
}

Status ParsePgTime(std::string_view text, int64_t* micros) {
  if (ReadIsoTime(text, micros)) [[likely]]
    return Status::OK();
  Fields fields;
  SKEIN_RETURN_IF_ERROR(Reader("time", text).Read(&fields));
  if (!fields.has_time) return Wrong("time", text);
  *micros = fields.time_micros;
  return Status::OK();
}

Status ParsePgTimeTz(std::string_view text, const TimeZone& zone, std::string* value) {
  constexpr const char* kType = "time with time zone";
  Fields fields;
  SKEIN_RETURN_IF_ERROR(Reader(kType, text).Read(&fields));
  if (!fields.has_time) return Wrong(kType, text);
  int32_t east = 0;
  if (fields.seconds_east) {
    east = *fields.seconds_east;
  } else if (fields.zone_name.empty()) {
    east = zone.SecondsEastAt(fields.days * kMicrosPerDay + fields.time_micros);
  } else {
    SKEIN_ASSIGN_OR_RETURN(TimeZone named, TimeZone::Load(fields.zone_name));
    east = named.SecondsEastAt(fields.days * kMicrosPerDay + fields.time_micros);
  }
  char buffer[kMaxTimeText];
  char* end = WriteOffset(WriteTime(buffer, fields.time_micros), east, OffsetForm::kPostgres);
  value->assign(buffer, end);
  return Status::OK();
}

Status ParsePgTimestamp(std::string_view text, int64_t* micros) {
  int64_t days = 0;
  int64_t time = 0;
  if (text.size() > 11 && ReadIsoDate(text, &days) && (text[10] == ' ' || text[10] == 'T') &&
      ReadIsoTime(text.substr(11), &time)) [[likely]] {
    *micros = days * kMicrosPerDay + time;
    return Status::OK();
  }
  Fields fields;
  SKEIN_RETURN_IF_ERROR(Reader("timestamp", text).Read(&fields));
  if (TakeSpecial(fields.special, kInfiniteTime, micros)) return Status::OK();
  return Combine("timestamp", text, fields, micros);
}

Status ParsePgTimestampTz(std::string_view text, const TimeZone& zone, int64_t* micros) {
  constexpr const char* kType = "timestamp with time zone";
  Fields fields;
  SKEIN_RETURN_IF_ERROR(Reader(kType, text).Read(&fields));
  if (TakeSpecial(fields.special, kInfiniteTime, micros)) return Status::OK();
  int64_t local = 0;
  SKEIN_RETURN_IF_ERROR(Combine(kType, text, fields, &local));
  int64_t east = 0;
  if (fields.seconds_east) {
    east = *fields.seconds_east;
  } else if (fields.zone_name.empty()) {
    east = zone.SecondsEastAtLocal(local);
  } else {
    SKEIN_ASSIGN_OR_RETURN(TimeZone named, TimeZone::Load(fields.zone_name));
    east = named.SecondsEastAtLocal(local);
  }
  if (__builtin_sub_overflow(local, east * kMicrosPerSecond, micros)) {
    return Status(StatusCode::kInvalidArgument, "22008",
                  fmt::format("timestamp out of range: \"{}\"", ShownInput(text)));
  }
  return Status::OK();
}

}  // namespace skein::results
