#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "results/pg_input.h"
#include "results/pg_input_internal.h"

namespace skein::results {
namespace {

enum class Unit {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kDecade,
  kCentury,
  kMillennium
};

struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr auto kUnits = std::to_array<UnitName>({
    {"us", Unit::kMicrosecond},
    {"usec", Unit::kMicrosecond},
    {"usecs", Unit::kMicrosecond},
    {"microsecond", Unit::kMicrosecond},
    {"microseconds", Unit::kMicrosecond},
    {"ms", Unit::kMillisecond},
    {"msec", Unit::kMillisecond},
    {"msecs", Unit::kMillisecond},
    {"millisecond", Unit::kMillisecond},
    {"milliseconds", Unit::kMillisecond},
    {"s", Unit::kSecond},
    {"sec", Unit::kSecond},
    {"secs", Unit::kSecond},
    {"second", Unit::kSecond},
    {"seconds", Unit::kSecond},
    {"m", Unit::kMinute},
    {"min", Unit::kMinute},
    {"mins", Unit::kMinute},
    {"minute", Unit::kMinute},
    {"minutes", Unit::kMinute},
    {"h", Unit::kHour},
    {"hr", Unit::kHour},
    {"hrs", Unit::kHour},
    {"hour", Unit::kHour},
    {"hours", Unit::kHour},
    {"d", Unit::kDay},
    {"day", Unit::kDay},
    {"days", Unit::kDay},
    {"w", Unit::kWeek},
    {"week", Unit::kWeek},
    {"weeks", Unit::kWeek},
    {"mon", Unit::kMonth},
    {"mons", Unit::kMonth},
    {"month", Unit::kMonth},
    {"months", Unit::kMonth},
    {"y", Unit::kYear},
    {"yr", Unit::kYear},
    {"yrs", Unit::kYear},
    {"year", Unit::kYear},
    {"years", Unit::kYear},
    {"decade", Unit::kDecade},
    {"decades", Unit::kDecade},
    {"dec", Unit::kDecade},
    {"decs", Unit::kDecade},
    {"c", Unit::kCentury},
    {"cent", Unit::kCentury},
    {"century", Unit::kCentury},
    {"centuries", Unit::kCentury},
    {"mil", Unit::kMillennium},
    {"mils", Unit::kMillennium},
    {"millennium", Unit::kMillennium},
    {"millennia", Unit::kMillennium},
});

std::optional<Unit> UnitNamed(std::string_view name) {
  for (const UnitName& unit : kUnits) {
    if (unit.name == name) return unit.unit;
  }
  return std::nullopt;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A number taken apart, so that whole ones are exact.
struct Amount {
  int64_t whole = 0;
  double fraction = 0;  // with the number's sign
  bool negative = false;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), rest_(TrimInput(text)) {}

  Status Read(PgInterval* value) {
    if (rest_.empty()) return Wrong();
    SKEIN_RETURN_IF_ERROR((rest_[0] | 0x20) == 'p' && !IsWordAt(0) ? ReadIso() : ReadVerbose());
    if (months_ < std::numeric_limits<int32_t>::min() ||
        months_ > std::numeric_limits<int32_t>::max() ||
        days_ < std::numeric_limits<int32_t>::min() ||
        days_ > std::numeric_limits<int32_t>::max() || overflow_) {
      return Status(StatusCode::kInvalidArgument, "22015",
                    fmt::format("interval field value out of range: \"{}\"", ShownInput(text_)));
    }
    *value = {static_cast<int32_t>(months_), static_cast<int32_t>(days_), micros_};
    return Status::OK();
  }

 private:
  Status Wrong() const {
    return Status(StatusCode::kInvalidArgument, "22007",
                  fmt::format("invalid input syntax for type interval: \"{}\"", ShownInput(text_)));
  }
  // More than one letter in a row.
  bool IsWordAt(size_t at) const {
    return rest_.size() > at + 1 && IsLetter(rest_[at + 1]) && (rest_[at + 1] | 0x20) != 't';
  }
  void SkipSpace() {
    while (!rest_.empty() && IsSpace(rest_[0])) rest_.remove_prefix(1);
  }
  bool Eat(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Digits(int64_t* value) {
    size_t count = 0;
    *value = 0;
    while (count < rest_.size() && IsDigit(rest_[count])) {
      if (__builtin_mul_overflow(*value, 10, value) ||
          __builtin_add_overflow(*value, rest_[count] - '0', value)) {
        overflow_ = true;
        *value = 0;
      }
      ++count;
    }
    rest_.remove_prefix(count);
    return count > 0;
  }

  double FractionDigits() {
    double value = 0;
    double unit = 0.1;
    while (!rest_.empty() && IsDigit(rest_[0])) {
      value += unit * (rest_[0] - '0');
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return value;
  }

  bool ReadAmount(Amount* amount) {
    amount->negative = !rest_.empty() && rest_[0] == '-';
    if (!rest_.empty() && (rest_[0] == '-' || rest_[0] == '+')) rest_.remove_prefix(1);
    bool any = Digits(&amount->whole);
    if (Eat('.')) {
      any = any || (!rest_.empty() && IsDigit(rest_[0]));
      amount->fraction = FractionDigits();
    }
    if (amount->negative) {
      amount->whole = -amount->whole;
      amount->fraction = -amount->fraction;
    }
    return any;
  }

  void AddMicros(int64_t count, int64_t unit) {
    int64_t product = 0;
    overflow_ = overflow_ || __builtin_mul_overflow(count, unit, &product) ||
                __builtin_add_overflow(micros_, product, &micros_);
  }
  void AddMicros(double micros) { AddMicros(static_cast<int64_t>(std::rint(micros)), 1); }
  void AddTo(int64_t* total, int64_t count, int64_t unit) {
    int64_t product = 0;
    overflow_ = overflow_ || __builtin_mul_overflow(count, unit, &product) ||
                __builtin_add_overflow(*total, product, total);
  }
  // Days with a fraction, which becomes time.
  void AddDays(double days) {
    double whole = std::trunc(days);
    AddTo(&days_, static_cast<int64_t>(whole), 1);
    AddMicros((days - whole) * static_cast<double>(kMicrosPerDay));
  }

  void Add(const Amount& amount, Unit unit) {
    constexpr int64_t kHour = 3600 * kMicrosPerSecond;
    constexpr double kDaysInMonth = 30;  // as PostgreSQL counts parts of months
    auto time = [&](int64_t micros) {
      AddMicros(amount.whole, micros);
      AddMicros(amount.fraction * static_cast<double>(micros));
    };
    auto months = [&](int64_t count) {
      AddTo(&months_, amount.whole, count);
      AddTo(&months_, static_cast<int64_t>(std::rint(amount.fraction * static_cast<double>(count))),
            1);
    };
    switch (unit) {
      case Unit::kMicrosecond:
        return time(1);
      case Unit::kMillisecond:
        return time(1000);
      case Unit::kSecond:
        return time(kMicrosPerSecond);
      case Unit::kMinute:
        return time(60 * kMicrosPerSecond);
      case Unit::kHour:
        return time(kHour);
      case Unit::kDay:
        AddTo(&days_, amount.whole, 1);
        return AddMicros(amount.fraction * static_cast<double>(kMicrosPerDay));
      case Unit::kWeek:
        AddTo(&days_, amount.whole, 7);
        return AddDays(amount.fraction * 7);
      case Unit::kMonth:
        AddTo(&months_, amount.whole, 1);
        return AddDays(amount.fraction * kDaysInMonth);
      case Unit::kYear:
        return months(12);
      case Unit::kDecade:
        return months(120);
      case Unit::kCentury:
        return months(1200);
      case Unit::kMillennium:
        return months(12000);
    }
  }

  // `4:05`, `4:05:06.7`: behind the hours and their colon.
  Status ReadClock(const Amount& hours) {
    int64_t minutes = 0;
    int64_t seconds = 0;
    double fraction = 0;
    if (hours.fraction != 0 || !Digits(&minutes)) return Wrong();
    if (Eat(':')) {
      if (!Digits(&seconds)) return Wrong();
      if (Eat('.')) fraction = FractionDigits();
    } else if (Eat('.')) {
      // `mm:ss.fraction`
      fraction = FractionDigits();
      return AddClock(hours.negative, 0, std::abs(hours.whole), minutes, fraction);
    }
    return AddClock(hours.negative, std::abs(hours.whole), minutes, seconds, fraction);
  }

  Status AddClock(bool negative, int64_t hours, int64_t minutes, int64_t seconds, double fraction) {
    if (minutes > 59 || seconds > 60) {
      overflow_ = true;
      return Status::OK();
    }
    int64_t sign = negative ? -1 : 1;
    AddMicros(sign * hours, 3600 * kMicrosPerSecond);
    AddMicros(sign * minutes, 60 * kMicrosPerSecond);
    AddMicros(sign * seconds, kMicrosPerSecond);
    AddMicros(static_cast<double>(sign) * fraction * static_cast<double>(kMicrosPerSecond));
    return Status::OK();
  }

  Status ReadVerbose() {
    bool any = false;
    Eat('@');
    while (true) {
      SkipSpace();
      if (rest_.empty()) break;
      if (LowerInput(rest_) == "ago") {
        if (!any) return Wrong();
        Negate();
        return Status::OK();
      }
      Amount amount;
      if (!ReadAmount(&amount)) return Wrong();
      any = true;
      if (Eat(':')) {
        SKEIN_RETURN_IF_ERROR(ReadClock(amount));
        continue;
      }
      int64_t months = 0;
      if (!rest_.empty() && rest_[0] == '-' && rest_.size() > 1 && IsDigit(rest_[1])) {
        // SQL's year-month.
        Eat('-');
        if (!Digits(&months) || months > 11) return Wrong();
        AddTo(&months_, amount.whole, 12);
        AddTo(&months_, amount.negative ? -months : months, 1);
        continue;
      }
      SkipSpace();
      size_t length = 0;
      while (length < rest_.size() && IsLetter(rest_[length])) ++length;
      if (length == 0) {
        // A number without a unit is seconds at the end, and days before a time.
        bool before_clock = rest_.find(':') != std::string_view::npos;
        Add(amount, before_clock ? Unit::kDay : Unit::kSecond);
        continue;
      }
      auto unit = UnitNamed(LowerInput(rest_.substr(0, length)));
      if (!unit) return Wrong();
      rest_.remove_prefix(length);
      Add(amount, *unit);
    }
    return any ? Status::OK() : Wrong();
  }

  Status ReadIso() {
    rest_.remove_prefix(1);
    bool time = false;
    bool any = false;
    while (!rest_.empty()) {
      if (!time && (rest_[0] | 0x20) == 't') {
        time = true;
        rest_.remove_prefix(1);
        continue;
      }
      Amount amount;
      if (!ReadAmount(&amount) || rest_.empty()) return Wrong();
      any = true;
      char letter = static_cast<char>(rest_[0] | 0x20);
      rest_.remove_prefix(1);
      switch (letter) {
        case 'y':
          if (time) return Wrong();
          Add(amount, Unit::kYear);
          break;
        case 'm':
          Add(amount, time ? Unit::kMinute : Unit::kMonth);
          break;
        case 'w':
          if (time) return Wrong();
          Add(amount, Unit::kWeek);
          break;
        case 'd':
          if (time) return Wrong();
          Add(amount, Unit::kDay);
          break;
        case 'h':
          if (!time) return Wrong();
          Add(amount, Unit::kHour);
          break;
        case 's':
          if (!time) return Wrong();
          Add(amount, Unit::kSecond);
          break;
        default:
          return Wrong();
      }
    }
    return any ? Status::OK() : Wrong();
  }

  void Negate() {
    months_ = -months_;
    days_ = -days_;
    overflow_ = overflow_ || __builtin_sub_overflow(int64_t{0}, micros_, &micros_);
  }

  std::string_view text_;
  std::string_view rest_;
  int64_t months_ = 0;
  int64_t days_ = 0;
  int64_t micros_ = 0;
  bool overflow_ = false;
};

}  // namespace

Status ParsePgInterval(std::string_view text, PgInterval* value) {
  return Reader(text).Read(value);
}

}  // namespace skein::results
