#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "results/pg_parameter.h"

namespace skein::results {

// The parts of DecodePgParameter, one per file. None takes NULL.

/// A value of a type that is no array; `type` is what DuckDbTypeForOid() says.
Result<Parameter> DecodePgText(uint32_t oid, std::string_view type, std::string_view text);
Result<Parameter> DecodePgBinary(uint32_t oid, std::string_view type, std::string_view bytes);

/// An array whose elements have the type `element_oid`.
Result<Parameter> DecodePgTextArray(uint32_t element_oid, std::string_view text);
Result<Parameter> DecodePgBinaryArray(uint32_t element_oid, std::string_view bytes);

/// A number spelled in digits, possibly with a point and an exponent, as text of the smallest
/// DECIMAL that holds it.
Result<Parameter> DecimalParameter(std::string_view text);

/// As text that the engine casts: its interval has microseconds, Arrow's nanoseconds, in which most
/// of them do not fit.
std::string IntervalForEngine(int32_t months, int32_t days, int64_t micros);

/// 22P02, 22P03: a message that names the type and, for text, the value.
Status InvalidTextFor(std::string_view type, std::string_view text);
Status InvalidBinaryFor(std::string_view type);
/// 22021 unless the text is UTF-8 without NUL characters.
Status CheckText(std::string_view text);

}  // namespace skein::results
