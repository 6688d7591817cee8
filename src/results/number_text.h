#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <fmt/compile.h>

namespace skein::results {

// Not ISO C++; every compiler for 64-bit machines has them.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// Room that each of the functions below needs at most.
inline constexpr size_t kMaxIntegerText = 21;
inline constexpr size_t kMaxDecimalText = 48;
inline constexpr size_t kMaxFloatText = 40;

/// Each writes a number at `out` and returns the end; no terminator.
template <std::integral Int>
char* WriteInteger(char* out, Int value) {
  return fmt::format_to(out, FMT_COMPILE("{}"), value);
}

/// `unscaled` / 10^scale, with exactly `scale` digits after the point; no point when the scale is
/// 0. Exact for all 128 bits.
char* WriteDecimal(char* out, Int128 unscaled, int32_t scale);

/// The shortest digits that read back as the same number, as PostgreSQL's float8out and float4out
/// lay them out with extra_float_digits >= 1: `0.1`, `1e+20`, `1e-05`, `-0`, `NaN`, `Infinity`.
char* WriteDouble(char* out, double value);
char* WriteFloat(char* out, float value);

/// With `digits` significant digits, as C's %g: what PostgreSQL prints with extra_float_digits <=
/// 0.
char* WriteRoundedDouble(char* out, double value, int digits);

}  // namespace skein::results
