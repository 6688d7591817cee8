#pragma once

#include <string_view>

#include "results/column_view.h"

namespace skein::results {

/// Chooses, for a column and all that is nested in it, the functions that write values as JSON:
///
/// - numbers bare and exact, whatever their size; NaN and the infinities null, as JSON has none;
/// - DATE `"2024-01-01"`, TIME `"12:34:56"`, timestamps ISO 8601 with a `T`, with time zone as
/// `...+01:00` in the
///   context's zone; infinite ones `"infinity"`; years before 1 end in ` BC`;
/// - INTERVAL as DuckDB's text; BLOB base64 or PostgreSQL's `\x` hexadecimal, as the context says;
/// - JSON as it is (the engine checked it), an empty one as a string;
/// - LIST and ARRAY arrays, STRUCT an object (without names: an array), MAP an object when its keys
/// are text, else an
///   array of {"key": ..., "value": ...};
/// - UNION, VARIANT and every other type a string holding DuckDB's text.
void ChooseJsonWriters(ColumnPlan* plan);

/// Appends text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void WriteJsonString(std::string_view text, ByteWriter* out);

/// Appends bytes as PostgreSQL's `\x` hexadecimal.
void WriteByteaHex(std::string_view bytes, EncodeContext& context);

}  // namespace skein::results
