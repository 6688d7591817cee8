#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/scalar.h>
#include <fmt/format.h>

#include "results/pg_parameter_value.h"
#include "results/pg_type.h"

namespace skein::results {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

Status TooBig(std::string_view type, std::string_view text) {
  return Status(
      StatusCode::kInvalidArgument, "22003",
      fmt::format("value is out of range for type {}: \"{}\"", type, text.substr(0, 100)));
}

// As PostgreSQL: any beginning of true, false, yes, no that is not ambiguous; on, off, 1, 0.
Result<Parameter> Boolean(std::string_view type, std::string_view text) {
  std::string word = Lower(Trim(text));
  auto begins = [&](std::string_view whole, size_t least) {
    return word.size() >= least && whole.substr(0, word.size()) == word;
  };
  bool yes = begins("true", 1) || begins("yes", 1) || word == "on" || word == "1";
  bool no = begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0";
  if (!yes && !no) return InvalidTextFor(type, text);
  return Parameter{std::make_shared<arrow::BooleanScalar>(yes), std::string(type)};
}

template <typename Scalar>
Result<Parameter> Number(std::string_view type, std::string_view text) {
  typename Scalar::ValueType value{};
  std::string_view digits = Trim(text);
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || digits.empty()) return InvalidTextFor(type, text);
  if (error == std::errc::result_out_of_range) return TooBig(type, text);
  if (error != std::errc()) return InvalidTextFor(type, text);
  return Parameter{std::make_shared<Scalar>(value), std::string(type)};
}

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<Parameter> Bytea(std::string_view type, std::string_view text) {
  std::string bytes;
  if (text.substr(0, 2) == "\\x") {
    for (size_t i = 2; i < text.size();) {
      if (IsSpace(text[i])) {
        ++i;
        continue;
      }
      int high = HexDigit(text[i]);
      int low = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      if (high < 0 || low < 0) return InvalidTextFor(type, text);
      bytes.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    }
  } else {
    // The escape format: \\ for a backslash, \ooo for any byte.
    for (size_t i = 0; i < text.size();) {
      if (text[i] != '\\') {
        bytes.push_back(text[i++]);
        continue;
      }
      std::string_view rest = text.substr(i + 1);
      auto octal = [&](size_t at, char most) { return rest[at] >= '0' && rest[at] <= most; };
      if (!rest.empty() && rest[0] == '\\') {
        bytes.push_back('\\');
        i += 2;
      } else if (rest.size() >= 3 && octal(0, '3') && octal(1, '7') && octal(2, '7')) {
        bytes.push_back(
            static_cast<char>((rest[0] - '0') << 6 | (rest[1] - '0') << 3 | (rest[2] - '0')));
        i += 4;
      } else {
        return InvalidTextFor(type, text);
      }
    }
  }
  auto value = std::make_shared<arrow::BinaryScalar>(arrow::Buffer::FromString(std::move(bytes)));
  return Parameter{std::move(value), std::string(type)};
}

// PostgreSQL writes `BC` at the end of all; DuckDB behind the date and between brackets, and drops
// it from a date when it finds it elsewhere, which would be another day.
std::string MoveEra(std::string_view text) {
  std::string_view rest = Trim(text);
  constexpr std::string_view kEra = "bc";
  if (rest.size() <= kEra.size() || Lower(rest.substr(rest.size() - kEra.size())) != kEra)
    return std::string(text);
  rest = Trim(rest.substr(0, rest.size() - kEra.size()));
  size_t date_end = std::min(rest.find_first_of(" T"), rest.size());
  return fmt::format("{} (BC){}", rest.substr(0, date_end), rest.substr(date_end));
}

}  // namespace

Result<Parameter> DecimalParameter(std::string_view text) {
  constexpr size_t kMaxDigits = 38;  // of DuckDB's DECIMAL
  constexpr int kMaxExponent = 1000;
  constexpr std::string_view kType = "DECIMAL";
  std::string_view rest = Trim(text);
  std::string word = Lower(rest);
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
  switch (oid) {
    case pg_oid::kBool:
      return Boolean(type, text);
    case pg_oid::kInt2:
      return Number<arrow::Int16Scalar>(type, text);
    case pg_oid::kInt4:
      return Number<arrow::Int32Scalar>(type, text);
    case pg_oid::kOid:
    case pg_oid::kXid:
    case pg_oid::kCid:
    case pg_oid::kInt8:
      return Number<arrow::Int64Scalar>(type, text);
    case pg_oid::kFloat4:
      return Number<arrow::FloatScalar>(type, text);
    case pg_oid::kFloat8:
      return Number<arrow::DoubleScalar>(type, text);
    case pg_oid::kNumeric:
      return DecimalParameter(text);
    case pg_oid::kBytea:
      return Bytea(type, text);
    case pg_oid::kDate:
    case pg_oid::kTimestamp:
    case pg_oid::kTimestampTz:
      return Parameter{std::make_shared<arrow::StringScalar>(MoveEra(text)), std::string(type)};
    default:
      return Parameter{std::make_shared<arrow::StringScalar>(std::string(text)), std::string(type)};
  }
}

}  // namespace skein::results
