#pragma once

#include <cstdint>

#include "duckdb/common/types.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/function/scalar_function.hpp"

namespace skein::engine {

// Arithmetic of numerics that stays exact, within the 38 digits of DuckDB's DECIMAL.
//
// PostgreSQL gives a quotient 16 significant digits or a few more, by its size: 10 / 4.0 has 16
// behind the point, 1.0 / 3 has 20. A type has one scale for all values, so a quotient is rounded
// where PostgreSQL rounds it, and zeros follow to the scale of the type.

/// The name in pg_catalog of a function of a dividend, a divisor and the scale of their quotient:
/// for who has to divide a sum by a count to the type that avg() gives.
inline constexpr const char* kNumericQuotient = "numeric_quotient";

/// How many digits a numeric has behind the point where nobody said a scale: DECIMAL has one
/// always.
inline constexpr int kOpenScale = 10;

/// The type of a quotient of which at most `whole_digits` can stand before the point: with 20
/// digits behind it, down to 16 where it takes these for what is before it, and at least `scale`.
duckdb::LogicalType QuotientType(int whole_digits, int scale);

/// dividend / divisor, of these scales, as PostgreSQL rounds it, in `result_scale`. Throws 22012
/// for a divisor of zero and 22003 for what has more than 38 digits.
duckdb::hugeint_t DivideNumeric(duckdb::hugeint_t dividend, int dividend_scale,
                                duckdb::hugeint_t divisor, int divisor_scale, int result_scale);

/// The division of decimals, and of these and whole numbers.
duckdb::ScalarFunction NumericDivision();

}  // namespace skein::engine
