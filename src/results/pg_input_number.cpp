#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "results/pg_input.h"
#include "results/pg_input_internal.h"

namespace skein::results {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Status Wrong(const char* type, std::string_view text) {
  return errors::InvalidText(
      fmt::format("invalid input syntax for type {}: \"{}\"", type, ShownInput(text)));
}

template <typename Float>
Status ReadFloat(std::string_view text, const char* type, Float* value) {
  std::string_view digits = TrimInput(text);
  if (digits.empty()) return Wrong(type, text);
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-' && digits[1] != '+')
    digits.remove_prefix(1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  if (error == std::errc::result_out_of_range && end == digits.data() + digits.size()) {
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("\"{}\" is out of range for type {}", ShownInput(text), type));
  }
  if (error != std::errc() || end != digits.data() + digits.size() ||
      digits.find('(') != std::string_view::npos) {
    return Wrong(type, text);
  }
  return Status::OK();
}

// A byte of a longer character cannot stand in a message alone.
Status WrongDigit(std::string_view text, char c, const char* kind) {
  bool ascii = static_cast<unsigned char>(c) < 0x80;
  return errors::InvalidText(fmt::format("\"{}\" is not a valid {} digit",
                                         ascii ? std::string_view(&c, 1) : ShownInput(text), kind));
}

Int128 PowerOfTen(int32_t exponent) {
  Int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

Status NumericOverflow(int32_t precision, int32_t scale) {
  return Status(StatusCode::kInvalidArgument, "22003", "numeric field overflow")
      .WithDetail(fmt::format(
          "A field with precision {}, scale {} must round to an absolute value less than {}{}.",
          precision, scale, precision == scale ? "1" : "10^",
          precision == scale ? "" : std::to_string(precision - scale)));
}

}  // namespace

std::string_view TrimInput(std::string_view text) {
  auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string LowerInput(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string_view ShownInput(std::string_view text) {
  constexpr size_t kShown = 200;
  if (text.size() <= kShown) return text;
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

Status ParsePgBoolean(std::string_view text, bool* value) {
  std::string_view trimmed = TrimInput(text);
  if (trimmed.size() > 5) return Wrong("boolean", text);
  std::string word = LowerInput(trimmed);
  auto begins = [&](std::string_view whole, size_t least) {
    return word.size() >= least && whole.substr(0, word.size()) == word;
  };
  bool yes = begins("true", 1) || begins("yes", 1) || word == "on" || word == "1";
  bool no = begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0";
  if (!yes && !no) return Wrong("boolean", text);
  *value = yes;
  return Status::OK();
}

template <typename Int>
Status ParsePgInteger(std::string_view text, const char* type, Int* value) {
  std::string_view digits = TrimInput(text);
  if (digits.size() > 1 && digits[0] == '+' && IsDigit(digits[1])) digits.remove_prefix(1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  if (end == digits.data() + digits.size() && error == std::errc() && !digits.empty()) [[likely]]
    return Status::OK();
  bool whole = !digits.empty() && end == digits.data() + digits.size();
  bool negative = !std::numeric_limits<Int>::is_signed && digits.size() > 1 && digits[0] == '-' &&
                  digits.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (negative && digits.find_first_not_of('0', 1) == std::string_view::npos) {
    *value = 0;
    return Status::OK();
  }
  if (negative || (whole && error == std::errc::result_out_of_range)) {
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("value \"{}\" is out of range for type {}", ShownInput(text), type));
  }
  return Wrong(type, text);
}
template Status ParsePgInteger(std::string_view, const char*, int8_t*);
template Status ParsePgInteger(std::string_view, const char*, int16_t*);
template Status ParsePgInteger(std::string_view, const char*, int32_t*);
template Status ParsePgInteger(std::string_view, const char*, int64_t*);
template Status ParsePgInteger(std::string_view, const char*, uint8_t*);
template Status ParsePgInteger(std::string_view, const char*, uint16_t*);
template Status ParsePgInteger(std::string_view, const char*, uint32_t*);
template Status ParsePgInteger(std::string_view, const char*, uint64_t*);

Status ParsePgFloat4(std::string_view text, float* value) { return ReadFloat(text, "real", value); }
Status ParsePgFloat8(std::string_view text, double* value) {
  return ReadFloat(text, "double precision", value);
}

Status ParsePgDecimal(std::string_view text, int32_t precision, int32_t scale, Int128* value) {
  constexpr int32_t kMaxExponent = 100'000;
  std::string_view rest = TrimInput(text);
  bool negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  // First the exponent, which says how many of the digits count.
  size_t mantissa_end = 0;
  size_t point = std::string_view::npos;
  bool any_digit = false;
  while (mantissa_end < rest.size()) {
    char c = rest[mantissa_end];
    if (IsDigit(c)) {
      any_digit = true;
    } else if (c == '.' && point == std::string_view::npos) {
      point = mantissa_end;
    } else {
      break;
    }
    ++mantissa_end;
  }
  int32_t exponent = 0;
  std::string_view tail = rest.substr(mantissa_end);
  if (any_digit && !tail.empty() && (tail[0] | 0x20) == 'e') {
    tail.remove_prefix(1);
    if (tail.size() > 1 && tail[0] == '+' && IsDigit(tail[1])) tail.remove_prefix(1);
    auto [end, error] = std::from_chars(tail.data(), tail.data() + tail.size(), exponent);
    if (error == std::errc::invalid_argument || end != tail.data() + tail.size())
      return Wrong("numeric", text);
    if (error != std::errc()) exponent = tail[0] == '-' ? -kMaxExponent : kMaxExponent;
    exponent = std::min(std::max(exponent, -kMaxExponent), kMaxExponent);
    tail = {};
  }
  if (!any_digit || !tail.empty()) {
    std::string word = LowerInput(rest);
    bool special = word == "inf" || word == "infinity" ||
                   (word == "nan" && TrimInput(text).size() == rest.size());
    if (!special) return Wrong("numeric", text);
    return Status(StatusCode::kInvalidArgument, "22003",
                  fmt::format("a DECIMAL column cannot hold \"{}\"", ShownInput(text)))
        .WithHint("DOUBLE has such a value.");
  }
  std::string_view mantissa = rest.substr(0, mantissa_end);
  auto whole = static_cast<int64_t>(point == std::string_view::npos ? mantissa_end : point);
  // The digit with weight 10^0 of the scaled number stands at `whole + exponent + scale - 1`.
  int64_t keep = whole + exponent + scale;
  Int128 limit = PowerOfTen(precision);
  Int128 number = 0;
  int64_t position = 0;
  bool rounds_up = false;
  for (char c : mantissa) {
    if (c == '.') continue;
    if (position == keep) {
      rounds_up = c >= '5';
      break;
    }
    if (position > keep) break;
    number = number * 10 + (c - '0');
    if (number >= limit) return NumericOverflow(precision, scale);
    ++position;
  }
  for (; position < keep && number != 0; ++position) {
    number *= 10;
    if (number >= limit) return NumericOverflow(precision, scale);
  }
  if (rounds_up && ++number >= limit) return NumericOverflow(precision, scale);
  *value = negative ? -number : number;
  return Status::OK();
}

Status ParsePgBytea(std::string_view text, std::string* bytes) {
  bytes->clear();
  if (text.substr(0, 2) == "\\x") {
    bytes->reserve(text.size() / 2);
    for (size_t i = 2; i < text.size();) {
      if (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r')) {
        ++i;
        continue;
      }
      int high = HexDigit(text[i]);
      if (high >= 0 && i + 1 == text.size())
        return errors::InvalidParameter("invalid hexadecimal data: odd number of digits");
      int low = high < 0 ? -1 : HexDigit(text[i + 1]);
      if (high < 0 || low < 0) {
        std::string_view wrong = text.substr(high < 0 ? i : i + 1);
        size_t length = 1;
        while (length < wrong.size() &&
               (static_cast<unsigned char>(wrong[length]) & 0xC0) == 0x80) {
          ++length;
        }
        return errors::InvalidParameter(
            fmt::format("invalid hexadecimal digit: \"{}\"", wrong.substr(0, length)));
      }
      bytes->push_back(static_cast<char>(high << 4 | low));
      i += 2;
    }
    return Status::OK();
  }
  // The escape format: \\ for a backslash, \ooo for any byte.
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      bytes->push_back(text[i++]);
      continue;
    }
    std::string_view rest = text.substr(i + 1);
    auto octal = [&](size_t at, char most) { return rest[at] >= '0' && rest[at] <= most; };
    if (!rest.empty() && rest[0] == '\\') {
      bytes->push_back('\\');
      i += 2;
    } else if (rest.size() >= 3 && octal(0, '3') && octal(1, '7') && octal(2, '7')) {
      bytes->push_back(
          static_cast<char>((rest[0] - '0') << 6 | (rest[1] - '0') << 3 | (rest[2] - '0')));
      i += 4;
    } else {
      return errors::InvalidText("invalid input syntax for type bytea");
    }
  }
  return Status::OK();
}

Status ParsePgUuid(std::string_view text, std::string* uuid) {
  constexpr size_t kDigits = 32;
  std::string_view rest = text;
  if (rest.size() > 2 && rest.front() == '{' && rest.back() == '}')
    rest = rest.substr(1, rest.size() - 2);
  uuid->clear();
  size_t digits = 0;
  bool after_hyphen = false;
  for (char c : rest) {
    if (c == '-' && digits > 0 && digits < kDigits && digits % 4 == 0 && !after_hyphen) {
      after_hyphen = true;
      continue;
    }
    if (HexDigit(c) < 0 || digits == kDigits) return Wrong("uuid", text);
    after_hyphen = false;
    if (digits == 8 || digits == 12 || digits == 16 || digits == 20) uuid->push_back('-');
    uuid->push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c);
    ++digits;
  }
  return digits == kDigits ? Status::OK() : Wrong("uuid", text);
}

Status ParsePgBits(std::string_view text, std::string* bits) {
  bits->clear();
  std::string_view rest = text;
  if (!rest.empty() && (rest[0] | 0x20) == 'x') {
    for (char c : rest.substr(1)) {
      int digit = HexDigit(c);
      if (digit < 0) return WrongDigit(rest, c, "hexadecimal");
      for (int shift : {3, 2, 1, 0}) bits->push_back((digit >> shift & 1) ? '1' : '0');
    }
    return Status::OK();
  }
  if (!rest.empty() && (rest[0] | 0x20) == 'b') rest.remove_prefix(1);
  for (char c : rest) {
    if (c != '0' && c != '1') return WrongDigit(rest, c, "binary");
    bits->push_back(c);
  }
  return Status::OK();
}

}  // namespace skein::results
