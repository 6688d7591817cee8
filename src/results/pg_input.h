#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"
#include "results/number_text.h"
#include "results/time_text.h"

namespace skein::results {

// What PostgreSQL's input functions make of a value's text: spaces around it do not count, the
// errors have PostgreSQL's words and SQLSTATEs (22P02 and 22007 for what is no such value, 22003
// and 22008 for what is out of range). All are pure and safe on any bytes.

/// Any beginning of true, false, yes, no that is not ambiguous; on, off, 1, 0.
Status ParsePgBoolean(std::string_view text, bool* value);

/// `type` is PostgreSQL's name, for the message. For all of DuckDB's whole numbers up to 64 bits.
template <typename Int>
Status ParsePgInteger(std::string_view text, const char* type, Int* value);

/// Also NaN, Infinity, inf, in any case of letters. What is too small for the type is an error, as
/// in PostgreSQL.
Status ParsePgFloat4(std::string_view text, float* value);
Status ParsePgFloat8(std::string_view text, double* value);

/// Digits with an optional point and exponent, rounded half away from zero to `scale`; 22003 when
/// that has more than `precision` digits, and for NaN and infinities, which DECIMAL has not.
/// Preconditions: 0 <= scale <= precision <= 38.
Status ParsePgDecimal(std::string_view text, int32_t precision, int32_t scale, Int128* value);

/// The hex format after `\x`, else the escape format.
Status ParsePgBytea(std::string_view text, std::string* bytes);

/// Hexadecimal digits with hyphens after any group of four, maybe between braces; gives the usual
/// form.
Status ParsePgUuid(std::string_view text, std::string* uuid);

/// Binary digits, or hexadecimal ones after an x; gives binary digits.
Status ParsePgBits(std::string_view text, std::string* bits);

/// ISO 8601 in its variants, month-day-year as DateStyle MDY has it, names of months; `infinity`,
/// `-infinity`, `epoch`; BC. Days since 1970.
Status ParsePgDate(std::string_view text, int32_t* days);
/// Microseconds since midnight, rounded to the nearest; an offset is dropped.
Status ParsePgTime(std::string_view text, int64_t* micros);
/// Gives the form that DuckDB casts from; without an offset the one of `zone` holds.
Status ParsePgTimeTz(std::string_view text, const TimeZone& zone, std::string* value);
/// Microseconds since 1970 of the wall clock; an offset is dropped, as in PostgreSQL.
Status ParsePgTimestamp(std::string_view text, int64_t* micros);
/// The instant; without an offset or a zone's name the clock of `zone` is meant.
Status ParsePgTimestampTz(std::string_view text, const TimeZone& zone, int64_t* micros);

struct PgInterval {
  int32_t months = 0;
  int32_t days = 0;
  int64_t micros = 0;
};
/// `1 year 2 mons -3 days 04:05:06.789`, `@ 1 hour ago`, ISO 8601's `P1Y2M3DT4H`.
Status ParsePgInterval(std::string_view text, PgInterval* value);

}  // namespace skein::results
