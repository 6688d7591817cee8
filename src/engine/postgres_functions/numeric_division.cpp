#include "engine/postgres_functions/numeric_division.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include <boost/multiprecision/cpp_int.hpp>

#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

using Wide = boost::multiprecision::uint256_t;

constexpr int kLeastQuotientScale = 16;

int Digits(Unsigned128 value) {
  auto high = static_cast<uint64_t>(value >> 64);
  int bits = high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(value));
  // bits * log10(2), which is one too few at most.
  int guess = bits * 1233 >> 12;
  return guess + (value >= kPowersOfTen[static_cast<size_t>(guess)]);
}

/// Which power of 10000 the first digit is of.
int WeightOf(int digits, int scale) { return (digits - 1 - scale) >> 2; }

Unsigned128 WideRatio(Unsigned128 value, int exponent, Unsigned128 divisor) {
  Wide scaled = Wide(value) * boost::multiprecision::pow(Wide(10), static_cast<unsigned>(exponent));
  Wide quotient = (scaled + Wide(divisor) / 2) / Wide(divisor);
  if (quotient >= Wide(PowerOfTen(kMostDigits))) ThrowNumericTooLarge();
  return static_cast<Unsigned128>(quotient);
}

/// The processor divides 64 bits by 64 in one step.
Unsigned128 Quotient(Unsigned128 value, Unsigned128 divisor) {
  bool small = value >> 64 == 0 && divisor >> 64 == 0;
  return small ? static_cast<uint64_t>(value) / static_cast<uint64_t>(divisor) : value / divisor;
}

}  // namespace

void ThrowNumericTooLarge() {
  ThrowSql("22003", "numeric value out of range: it has more than 38 digits",
           "Cast an operand to double precision, or to a numeric with fewer digits behind the "
           "point.");
}

NumericDivisor::NumericDivisor(Int128 divisor, Scales scales)
    : scales_(scales), value_(Magnitude(divisor)), negative_(divisor < 0) {
  if (value_ == 0) return;
  weight_ = WeightOf(Digits(value_), scales.divisor);
  int shift = scales.divisor + 4 * weight_;
  first_digit_ = shift >= 0 ? Quotient(value_, PowerOfTen(shift)) : value_ * PowerOfTen(-shift);
}

int NumericDivisor::DigitsBehindPoint(Unsigned128 dividend, int digits) const {
  int weight = 0;
  bool first_is_less = true;  // of zero
  if (dividend != 0) {
    weight = WeightOf(digits, scales_.dividend);
    int shift = scales_.dividend + 4 * weight;
    // The first digit is dividend / 10^shift; compared without dividing while that has room.
    constexpr int kRoom = kMostDigits - 4;
    first_is_less = shift > kRoom ? dividend / PowerOfTen(shift) <= first_digit_
                    : shift >= 0  ? dividend < (first_digit_ + 1) * PowerOfTen(shift)
                                  : dividend * PowerOfTen(-shift) <= first_digit_;
  }
  int quotient_weight = weight - weight_ - first_is_less;
  int wanted =
      std::max({kLeastQuotientScale - 4 * quotient_weight, scales_.dividend, scales_.divisor});
  return std::min(wanted, scales_.quotient);
}

Unsigned128 NumericDivisor::Ratio(Unsigned128 dividend, int digits, int exponent) const {
  if (digits + exponent > kMostDigits) {
    // 38 digits and an exponent of up to 38 + 20 fit into 256 bits but for the largest.
    if (digits + exponent > 76) ThrowNumericTooLarge();
    return WideRatio(dividend, exponent, value_);
  }
  Unsigned128 scaled = dividend * PowerOfTen(exponent);
  Unsigned128 quotient = Quotient(scaled, value_);
  Unsigned128 rest = scaled - quotient * value_;
  return quotient + (rest >= value_ - rest);
}

duckdb::hugeint_t NumericDivisor::Divide(Int128 dividend) const {
  if (value_ == 0) ThrowSql("22012", "division by zero");
  Unsigned128 value = Magnitude(dividend);
  int digits = Digits(value);
  int scale = DigitsBehindPoint(value, digits);
  Unsigned128 quotient = Ratio(value, digits, scale - scales_.dividend + scales_.divisor);
  int zeros = scales_.quotient - scale;
  if (quotient >= PowerOfTen(kMostDigits - zeros)) ThrowNumericTooLarge();
  auto result = static_cast<Int128>(quotient * PowerOfTen(zeros));
  return ToHuge((dividend < 0) != negative_ ? -result : result);
}

}  // namespace skein::engine
