#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/status.h"
#include "results/byte_writer.h"
#include "results/number_text.h"

namespace skein::results {

/// PostgreSQL's binary form of numeric: counts and weight, sign, display scale, then digits to the
/// base 10000.

/// Appends `unscaled` / 10^scale.
void WritePgNumeric(ByteWriter* out, Int128 unscaled, int32_t scale);

/// Appends the number that `text` spells: an optional sign, digits, optionally a point and digits.
/// 22P02 for anything else, 22003 for more digits than numeric has.
Status WritePgNumericText(ByteWriter* out, std::string_view text);

/// Reads the binary form into plain text with as many digits after the point as it says, or "NaN",
/// "Infinity",
/// "-Infinity". Trusts nothing: 22P03 when the lengths, digits or sign are not PostgreSQL's. The
/// text is at most a few times as long as numeric's own limits allow.
Result<std::string> ReadPgNumeric(std::string_view bytes);

}  // namespace skein::results
