#pragma once

#include <array>
#include <cstddef>

#include "duckdb/common/types/hugeint.hpp"

namespace skein::engine {

// The division of numerics, number by number: which digits PostgreSQL gives a quotient, and these.
// Made for columns: what hangs on the divisor alone is found once where it is the same in all rows,
// and nothing is wider than 128 bits unless the numbers are.

__extension__ using Int128 = __int128;
__extension__ using Unsigned128 = unsigned __int128;

inline constexpr int kMostDigits = 38;

inline constexpr auto kPowersOfTen = [] {
  std::array<Unsigned128, kMostDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

inline Unsigned128 PowerOfTen(int exponent) {
  return kPowersOfTen.at(static_cast<size_t>(exponent));
}

inline Int128 Native(duckdb::hugeint_t value) {
  return static_cast<Int128>(static_cast<Unsigned128>(value.upper) << 64 | value.lower);
}
template <class T>
Int128 Native(T value) {
  return static_cast<Int128>(value);
}

inline duckdb::hugeint_t ToHuge(Int128 value) {
  return {static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value)};
}

inline Unsigned128 Magnitude(Int128 value) {
  return value < 0 ? -static_cast<Unsigned128>(value) : static_cast<Unsigned128>(value);
}

/// 22003: more than 38 digits.
[[noreturn]] void ThrowNumericTooLarge();

/// Divides by one number. Cheap to make; used by one thread.
class NumericDivisor {
 public:
  struct Scales {
    int dividend;
    int divisor;
    /// At least as large as the other two.
    int quotient;
  };

  /// A divisor of zero can be made: 22012 comes when something is divided by it.
  NumericDivisor(Int128 divisor, Scales scales);

  /// The quotient as PostgreSQL rounds it, in the scale of quotients. Throws 22012 and 22003.
  duckdb::hugeint_t Divide(Int128 dividend) const;

 private:
  /// How many digits PostgreSQL gives the quotient behind the point, at most those of its type.
  int DigitsBehindPoint(Unsigned128 dividend, int digits) const;
  /// dividend * 10^exponent / divisor, halves away from zero.
  Unsigned128 Ratio(Unsigned128 dividend, int digits, int exponent) const;

  Scales scales_;
  Unsigned128 value_;
  bool negative_;
  /// Of PostgreSQL's notation in base 10000: where the first digit stands, and which it is.
  int weight_ = 0;
  Unsigned128 first_digit_ = 0;
};

}  // namespace skein::engine
