// Quotients against a second way to find them, digit by digit in numbers that have no end.

#include "engine/postgres_functions/numeric_division.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include <boost/multiprecision/cpp_int.hpp>
#include <gtest/gtest.h>

namespace skein::engine {
namespace {

using Big = boost::multiprecision::cpp_int;

Big Power(int exponent) {
  return boost::multiprecision::pow(Big(10), static_cast<unsigned>(exponent));
}

std::string Text(Int128 value) { return duckdb::Hugeint::ToString(ToHuge(value)); }

/// The first digit in base 10000 and its weight, of a number written out.
std::pair<int, Big> FirstDigit(const Big& value, int scale) {
  if (value == 0) return {0, 0};
  // So many digits behind the point that whole digits of base 10000 are cut off.
  Big shifted = value * Power(80 - scale);
  int weight = -20;
  while (shifted >= 10000) {
    shifted /= 10000;
    ++weight;
  }
  return {weight, shifted};
}

/// What PostgreSQL's select_div_scale() and div_var() come to, or "22003".
std::string Expected(Int128 left, int left_scale, Int128 right, int right_scale, int result_scale) {
  Big a(Text(left)), b(Text(right));
  bool negative = (a < 0) != (b < 0);
  a = abs(a);
  b = abs(b);
  auto [left_weight, left_first] = FirstDigit(a, left_scale);
  auto [right_weight, right_first] = FirstDigit(b, right_scale);
  int weight = left_weight - right_weight - (left_first <= right_first ? 1 : 0);
  int scale = std::min(std::max({16 - 4 * weight, left_scale, right_scale}), result_scale);
  Big dividend = a * Power(scale + right_scale);
  Big divisor = b * Power(left_scale);
  Big quotient = (2 * dividend + divisor) / (2 * divisor);
  quotient *= Power(result_scale - scale);
  if (quotient >= Power(38)) return "22003";
  return (negative && quotient != 0 ? "-" : "") + quotient.str();
}

std::string Actual(Int128 left, int left_scale, Int128 right, int right_scale, int result_scale) {
  try {
    return duckdb::Hugeint::ToString(
        NumericDivisor(right, {left_scale, right_scale, result_scale}).Divide(left));
  } catch (const duckdb::Exception&) {
    return "22003";
  }
}

TEST(NumericDivision, AgreesWithLongDivision) {
  std::mt19937_64 random(42);
  auto number = [&](int most_digits) {
    int digits = 1 + static_cast<int>(random() % static_cast<uint64_t>(most_digits));
    Unsigned128 value = (static_cast<Unsigned128>(random()) << 64 | random()) % PowerOfTen(digits);
    // Round numbers and their neighbours are where digits begin and end.
    if (random() % 4 == 0) value = PowerOfTen(digits - 1) + random() % 3 - (digits > 1 ? 1 : 0);
    auto signed_value = static_cast<Int128>(value);
    return random() % 2 == 0 ? signed_value : -signed_value;
  };
  for (int i = 0; i < 20000; ++i) {
    int left_digits = random() % 2 == 0 ? 18 : 38;
    int right_digits = random() % 2 == 0 ? 9 : 38;
    Int128 left = number(left_digits);
    Int128 right = number(right_digits);
    if (right == 0) continue;
    int left_scale =
        static_cast<int>(random() % static_cast<uint64_t>(std::min(left_digits, 20) + 1));
    int right_scale =
        static_cast<int>(random() % static_cast<uint64_t>(std::min(right_digits, 20) + 1));
    int result_scale = std::max({16 + static_cast<int>(random() % 5), left_scale, right_scale});
    ASSERT_EQ(Actual(left, left_scale, right, right_scale, result_scale),
              Expected(left, left_scale, right, right_scale, result_scale))
        << Text(left) << "e-" << left_scale << " / " << Text(right) << "e-" << right_scale << " to "
        << result_scale;
  }
}

TEST(NumericDivision, RefusesZero) {
  EXPECT_THROW(NumericDivisor(0, {2, 0, 20}).Divide(5), duckdb::Exception);
  EXPECT_EQ(NumericDivisor(7, {2, 0, 20}).Divide(0), duckdb::hugeint_t(0));
}

}  // namespace
}  // namespace skein::engine
