#include "results/number_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include <fmt/format.h>

namespace skein::results {
namespace {

char* WriteUnsigned128(char* out, UInt128 value) {
  constexpr uint64_t kChunk =
      10'000'000'000'000'000'000u;  // 10^19, the largest power of ten in 64 bits
  constexpr int kChunkDigits = 19;
  if (value <= std::numeric_limits<uint64_t>::max())
    return WriteInteger(out, static_cast<uint64_t>(value));
  out = WriteUnsigned128(out, value / kChunk);
  char low[kMaxIntegerText];
  char* end = WriteInteger(low, static_cast<uint64_t>(value % kChunk));
  auto length = end - low;
  std::memset(out, '0', static_cast<size_t>(kChunkDigits - length));
  std::memcpy(out + kChunkDigits - length, low, static_cast<size_t>(length));
  return out + kChunkDigits;
}

char* Append(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

template <typename Float>
char* WriteSpecial(char* out, Float value) {
  if (std::isnan(value)) return Append(out, "NaN");
  return Append(out, value < 0 ? "-Infinity" : "Infinity");
}

// Lays out digits d1 d2 ... times 10^exponent (of d1): plain between 1e-4 and 10^plain_limit, else
// with an exponent.
char* LayOut(char* out, const char* digits, int count, int exponent, int plain_limit) {
  constexpr int kSmallestPlain = -4;
  auto copy = [&](int from, int n) {
    std::memcpy(out, digits + from, static_cast<size_t>(n));
    out += n;
  };
  auto zeros = [&](int n) {
    std::memset(out, '0', static_cast<size_t>(n));
    out += n;
  };
  if (exponent >= kSmallestPlain && exponent < plain_limit) {
    if (exponent < 0) {
      out = Append(out, "0.");
      zeros(-exponent - 1);
      copy(0, count);
    } else if (count <= exponent + 1) {
      copy(0, count);
      zeros(exponent + 1 - count);
    } else {
      copy(0, exponent + 1);
      *out++ = '.';
      copy(exponent + 1, count - exponent - 1);
    }
    return out;
  }
  *out++ = digits[0];
  if (count > 1) {
    *out++ = '.';
    copy(1, count - 1);
  }
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  exponent = std::abs(exponent);
  if (exponent < 10) *out++ = '0';
  return WriteInteger(out, exponent);
}

struct Digits {
  char digit[24];
  int count = 0;
  int exponent = 0;  // of the first digit
};

// From "d.ddde-05": the exponent has two or three digits.
Digits Split(const char* text, const char* end) {
  Digits d;
  const char* e = end - 4;
  if (*e != 'e') --e;
  d.digit[0] = text[0];
  d.count = 1;
  if (text[1] == '.') {
    std::memcpy(d.digit + 1, text + 2, static_cast<size_t>(e - text - 2));
    d.count += static_cast<int>(e - text - 2);
  }
  for (const char* digit = e + 2; digit != end; ++digit)
    d.exponent = d.exponent * 10 + (*digit - '0');
  if (e[1] == '-') d.exponent = -d.exponent;
  while (d.count > 1 && d.digit[d.count - 1] == '0') --d.count;
  return d;
}

// fmt's own digits, before it lays them out: std::to_chars takes twice the time, and its text would
// have to be taken apart again.
template <typename Float>
Digits Shortest(Float value) {
  auto decimal = fmt::detail::dragonbox::to_decimal(value);
  Digits d;
  d.count = static_cast<int>(WriteInteger(d.digit, decimal.significand) - d.digit);
  d.exponent = decimal.exponent + d.count - 1;
  return d;
}

// Whether the digits lie exactly halfway to a neighbour of `value`. They then read back as `value`
// only by the round-to-even rule, which PostgreSQL does not count on. Can only be at 2^(mantissa
// bits + 1) and above.
template <typename Float, typename Bits>
bool IsHalfway(const Digits& d, Float value) {
  constexpr int kMantissa = std::numeric_limits<Float>::digits - 1;
  constexpr auto kFirstWithHalves = static_cast<Float>(uint64_t{1} << (kMantissa + 2));
  if (value < kFirstWithHalves) return false;
  Bits bits = std::bit_cast<Bits>(value);
  Bits mantissa = (bits & ((Bits(1) << kMantissa) - 1)) | (Bits(1) << kMantissa);
  int exponent = static_cast<int>(bits >> kMantissa) -
                 (std::numeric_limits<Float>::max_exponent - 1) - kMantissa;

  // digits = odd * 2^twos
  uint64_t odd = 0;
  for (int i = 0; i < d.count; ++i) odd = odd * 10 + static_cast<uint64_t>(d.digit[i] - '0');
  int twos = 0;
  int tens = d.exponent - (d.count - 1);
  if (tens < 0 || odd == 0) return false;
  for (; odd % 2 == 0; odd /= 2) ++twos;
  for (; tens > 0; --tens, ++twos) {
    constexpr uint64_t kLimit = uint64_t(1) << 60;
    if (odd > kLimit / 5) return false;
    odd *= 5;
  }
  uint64_t m = mantissa;
  if (twos == exponent - 1 && (odd == 2 * m + 1 || odd == 2 * m - 1)) return true;
  return m == uint64_t(1) << kMantissa && twos == exponent - 2 && odd == 4 * m - 1;
}

template <typename Float, typename Bits>
Digits ShortestAsPostgres(Float magnitude) {
  Digits d = Shortest(magnitude);
  if (!IsHalfway<Float, Bits>(d, magnitude)) [[likely]]
    return d;
  for (int precision = d.count; precision <= std::numeric_limits<Float>::max_digits10;
       ++precision) {
    char text[kMaxFloatText];
    char* end = std::to_chars(text, text + sizeof(text), magnitude, std::chars_format::scientific,
                              precision)
                    .ptr;
    Float back = 0;
    std::from_chars(text, end, back);
    d = Split(text, end);
    if (back == magnitude && !IsHalfway<Float, Bits>(d, magnitude)) break;
  }
  return d;
}

// Most numbers in tables have few digits after the point. Up to 15 digits in all, at most one
// decimal reads back as a given double, so one that does is the shortest: no search for it is
// needed.
char* TryFewDecimals(char* out, double magnitude) {
  constexpr double kScale = 1e6;
  constexpr double kBound = 1e9;
  constexpr double kSmallest = 1e-4;
  constexpr double kWholeBound = 1e15;
  if (magnitude < kWholeBound) {
    auto whole = static_cast<uint64_t>(magnitude);
    if (static_cast<double>(whole) == magnitude) return WriteInteger(out, whole);
  }
  if (magnitude >= kBound || magnitude < kSmallest) return nullptr;
  auto scaled = static_cast<uint64_t>(magnitude * kScale + 0.5);
  if (static_cast<double>(scaled) / kScale != magnitude) return nullptr;
  constexpr uint64_t kMillion = 1'000'000;
  out = WriteInteger(out, scaled / kMillion);
  auto fraction = static_cast<uint32_t>(scaled % kMillion);
  *out++ = '.';
  for (int i = 5; i >= 0; --i, fraction /= 10) out[i] = static_cast<char>('0' + fraction % 10);
  out += 6;
  while (out[-1] == '0') --out;
  return out;
}

// For numbers with digits on both sides of the point, nullptr for others.
char* TryWithPoint(char* out, double magnitude) {
  constexpr double kFirstWithExponent = 1e15;
  if (magnitude < 1 || magnitude >= kFirstWithExponent) return nullptr;
  auto decimal = fmt::detail::dragonbox::to_decimal(magnitude);
  if (decimal.exponent >= 0) return nullptr;
  // The digits leave a place in front, to which those before the point move.
  char* end = WriteInteger(out + 1, decimal.significand);
  char* point = end - 1 + decimal.exponent;
  for (; out < point; ++out) *out = out[1];
  *point = '.';
  return end;
}

}  // namespace

char* WriteDecimal(char* out, Int128 unscaled, int32_t scale) {
  UInt128 magnitude = static_cast<UInt128>(unscaled);
  if (unscaled < 0) {
    *out++ = '-';
    magnitude = -magnitude;
  }
  char* start = out;
  out = WriteUnsigned128(out, magnitude);
  if (scale <= 0) return out;
  auto digits = static_cast<int32_t>(out - start);
  if (digits <= scale) {
    int32_t missing = scale + 1 - digits;
    std::memmove(start + missing, start, static_cast<size_t>(digits));
    std::memset(start, '0', static_cast<size_t>(missing));
    out += missing;
  }
  char* point = out - scale;
  std::memmove(point + 1, point, static_cast<size_t>(scale));
  *point = '.';
  return out + 1;
}

char* WriteDouble(char* out, double value) {
  constexpr int kPlainLimit = 15;
  if (!std::isfinite(value)) return WriteSpecial(out, value);
  if (std::signbit(value)) *out++ = '-';
  double magnitude = std::fabs(value);
  if (char* end = TryFewDecimals(out, magnitude)) return end;
  if (char* end = TryWithPoint(out, magnitude)) return end;
  Digits d = ShortestAsPostgres<double, uint64_t>(magnitude);
  return LayOut(out, d.digit, d.count, d.exponent, kPlainLimit);
}

char* WriteFloat(char* out, float value) {
  constexpr int kPlainLimit = 6;
  if (!std::isfinite(value)) return WriteSpecial(out, value);
  if (std::signbit(value)) *out++ = '-';
  float magnitude = std::fabs(value);
  Digits d = ShortestAsPostgres<float, uint32_t>(magnitude);
  return LayOut(out, d.digit, d.count, d.exponent, kPlainLimit);
}

char* WriteRoundedDouble(char* out, double value, int digits) {
  if (!std::isfinite(value)) return WriteSpecial(out, value);
  return std::to_chars(out, out + kMaxFloatText, value, std::chars_format::general,
                       digits < 1 ? 1 : digits)
      .ptr;
}

}  // namespace skein::results
