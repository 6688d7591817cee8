#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include "results/pg_input.h"
#include "results/pg_input_internal.h"
#include "results/pg_parameter_value.h"
#include "results/pg_type.h"

namespace skein::results {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Status TooBig(std::string_view type, std::string_view text) {
  return Status(
      StatusCode::kInvalidArgument, "22003",
      fmt::format("value is out of range for type {}: \"{}\"", type, text.substr(0, 100)));
}

// A value of the type by one of PostgreSQL's input functions.
template <typename Scalar, typename Value, typename Read>
Result<Parameter> Parsed(std::string_view type, std::string_view text, Read read) {
  Value value{};
  SKEIN_RETURN_IF_ERROR(read(text, &value));
  if constexpr (std::is_same_v<Scalar, arrow::BinaryScalar>) {
    return Parameter{std::make_shared<Scalar>(arrow::Buffer::FromString(std::move(value))),
                     std::string(type)};
  } else {
    return Parameter{std::make_shared<Scalar>(std::move(value)), std::string(type)};
  }
}

template <typename Scalar>
Result<Parameter> Whole(const char* name, std::string_view type, std::string_view text) {
  using Int = typename Scalar::ValueType;
  return Parsed<Scalar, Int>(type, text, [name](std::string_view t, Int* value) {
    return ParsePgInteger(t, name, value);
  });
}

Result<Parameter> Timestamp(std::string_view type, std::string_view text) {
  int64_t micros = 0;
  SKEIN_RETURN_IF_ERROR(ParsePgTimestamp(text, &micros));
  return Parameter{
      std::make_shared<arrow::TimestampScalar>(micros, arrow::timestamp(arrow::TimeUnit::MICRO)),
      std::string(type)};
}

Result<Parameter> Time(std::string_view type, std::string_view text) {
  int64_t micros = 0;
  SKEIN_RETURN_IF_ERROR(ParsePgTime(text, &micros));
  return Parameter{
      std::make_shared<arrow::Time64Scalar>(micros, arrow::time64(arrow::TimeUnit::MICRO)),
      std::string(type)};
}

Result<Parameter> Interval(std::string_view type, std::string_view text) {
  PgInterval interval;
  SKEIN_RETURN_IF_ERROR(ParsePgInterval(text, &interval));
  return Parameter{std::make_shared<arrow::StringScalar>(
                       IntervalForEngine(interval.months, interval.days, interval.micros)),
                   std::string(type)};
}

// PostgreSQL writes `BC` at the end of all; DuckDB behind the date and between brackets, and drops
// it from a date when it finds it elsewhere, which would be another day.
std::string MoveEra(std::string_view text) {
  std::string_view rest = TrimInput(text);
  constexpr std::string_view kEra = "bc";
  if (rest.size() <= kEra.size() || LowerInput(rest.substr(rest.size() - kEra.size())) != kEra)
    return std::string(text);
  rest = TrimInput(rest.substr(0, rest.size() - kEra.size()));
  size_t date_end = std::min(rest.find_first_of(" T"), rest.size());
  return fmt::format("{} (BC){}", rest.substr(0, date_end), rest.substr(date_end));
}

/// An instant that says its offset or its zone. Without one the session's zone is meant, which the
/// engine knows: it reads that. (It makes NULL of an offset behind a time without seconds.)
Result<Parameter> TimestampTz(std::string_view type, std::string_view text) {
  // Two that are never alike.
  static const auto east_zone = TimeZone::Load("Asia/Tokyo");
  static const auto west_zone = TimeZone::Load("America/New_York");
  int64_t east = 0;
  int64_t west = 0;
  bool special = text.find_first_of("0123456789") == std::string_view::npos;  // infinity, now
  if (!special && east_zone.ok() && west_zone.ok() &&
      ParsePgTimestampTz(text, *east_zone, &east).ok() &&
      ParsePgTimestampTz(text, *west_zone, &west).ok() && east == west) {
    return Parameter{std::make_shared<arrow::TimestampScalar>(
                         east, arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")),
                     std::string(type)};
  }
  return Parameter{std::make_shared<arrow::StringScalar>(MoveEra(text)), std::string(type)};
}

}  // namespace

Result<Parameter> DecimalParameter(std::string_view text) {
  constexpr size_t kMaxDigits = 38;  // of DuckDB's DECIMAL
  constexpr int kMaxExponent = 1000;
  constexpr std::string_view kType = "numeric";
  std::string_view rest = TrimInput(text);
  std::string word = LowerInput(rest);
  if (!word.empty() && (word[0] == '-' || word[0] == '+')) word.erase(0, 1);
  if (word == "nan" || word == "inf" || word == "infinity") {
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("a numeric parameter cannot be {}", rest))
        .WithHint("DECIMAL has no such value; declare the parameter as double precision");
  }
  bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  std::string digits;
  size_t at = 0;
  while (at < rest.size() && IsDigit(rest[at])) digits.push_back(rest[at++]);
  int64_t scale = 0;
  if (at < rest.size() && rest[at] == '.') {
    size_t start = ++at;
    while (at < rest.size() && IsDigit(rest[at])) digits.push_back(rest[at++]);
    scale = static_cast<int64_t>(at - start);
  }
  if (digits.empty()) return InvalidTextFor(kType, text);
  if (at < rest.size() && (rest[at] | 0x20) == 'e') {
    int exponent = 0;
    if (++at < rest.size() && rest[at] == '+') {
      ++at;
      if (at < rest.size() && rest[at] == '-') return InvalidTextFor(kType, text);
    }
    auto [end, error] = std::from_chars(rest.data() + at, rest.data() + rest.size(), exponent);
    if (error == std::errc::invalid_argument) return InvalidTextFor(kType, text);
    at = static_cast<size_t>(end - rest.data());
    if (error != std::errc() || std::abs(exponent) > kMaxExponent) return TooBig(kType, text);
    scale -= exponent;
  }
  if (at != rest.size()) return InvalidTextFor(kType, text);
  if (scale < 0) {
    digits.append(static_cast<size_t>(-scale), '0');
    scale = 0;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  // Zeros at the end are kept where they fit: 1.50 is DECIMAL(3,2).
  while (std::max(digits.size(), static_cast<size_t>(scale)) > kMaxDigits && scale > 0 &&
         (digits.empty() || digits.back() == '0')) {
    if (!digits.empty()) digits.pop_back();
    --scale;
  }
  auto fraction = static_cast<size_t>(scale);
  size_t precision = std::max({digits.size(), fraction, size_t{1}});
  if (precision > kMaxDigits) {
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("a numeric parameter has more than {} digits", kMaxDigits))
        .WithHint("declare the parameter as text or double precision");
  }
  bool zero = digits.empty();
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  if (fraction > 0) digits.insert(digits.size() - fraction, 1, '.');
  if (negative && !zero) digits.insert(0, 1, '-');
  return Parameter{std::make_shared<arrow::StringScalar>(digits),
                   fmt::format("DECIMAL({},{})", precision, fraction)};
}

Result<Parameter> DecodePgText(uint32_t oid, std::string_view type, std::string_view text) {
  using arrow::StringScalar;
  switch (oid) {
    case pg_oid::kBool:
      return Parsed<arrow::BooleanScalar, bool>(type, text, &ParsePgBoolean);
    case pg_oid::kInt2:
      return Whole<arrow::Int16Scalar>("smallint", type, text);
    case pg_oid::kInt4:
      return Whole<arrow::Int32Scalar>("integer", type, text);
    case pg_oid::kOid:
    case pg_oid::kXid:
    case pg_oid::kCid:
      return Whole<arrow::Int64Scalar>("oid", type, text);
    case pg_oid::kInt8:
      return Whole<arrow::Int64Scalar>("bigint", type, text);
    case pg_oid::kFloat4:
      return Parsed<arrow::FloatScalar, float>(type, text, &ParsePgFloat4);
    case pg_oid::kFloat8:
      return Parsed<arrow::DoubleScalar, double>(type, text, &ParsePgFloat8);
    case pg_oid::kNumeric:
      return DecimalParameter(text);
    case pg_oid::kBytea:
      return Parsed<arrow::BinaryScalar, std::string>(type, text, &ParsePgBytea);
    case pg_oid::kDate:
      return Parsed<arrow::Date32Scalar, int32_t>(type, text, &ParsePgDate);
    case pg_oid::kTime:
      return Time(type, text);
    case pg_oid::kTimestamp:
      return Timestamp(type, text);
    case pg_oid::kInterval:
      return Interval(type, text);
    case pg_oid::kUuid:
      return Parsed<StringScalar, std::string>(type, text, &ParsePgUuid);
    case pg_oid::kBit:
    case pg_oid::kVarbit:
      return Parsed<StringScalar, std::string>(type, text, &ParsePgBits);
    case pg_oid::kTimestampTz:
      return TimestampTz(type, text);
    default:
      return Parameter{std::make_shared<StringScalar>(std::string(text)), std::string(type)};
  }
}

}  // namespace skein::results
