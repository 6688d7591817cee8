#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <arrow/type_fwd.h>

#include "common/status.h"

namespace skein::results {

/// One bound parameter, ready for the engine.
struct Parameter {
  std::shared_ptr<arrow::Scalar> value;  ///< a scalar that is not valid is SQL's NULL
  std::string type;  ///< DuckDB type the value is to be cast to; empty: the statement decides
};

/// Decodes a value of a Bind message. `bytes` without a value is NULL; the caller has checked their
/// length.
///
/// `oid` is the declared type, 0 or 705 for none; `format` 0 text, 1 binary. Where PostgreSQL's
/// text is also what DuckDB casts from (dates, times, intervals, UUID, JSON, bits), the value stays
/// text and `type` says the cast; numbers, booleans, bytea and arrays are read here, as PostgreSQL
/// reads them. A numeric keeps every digit: its type is the DECIMAL(p,s) that holds it, or 22003
/// beyond 38 digits, for NaN and for infinities. Arrays become lists, of lists when they have more
/// dimensions; their lower bounds are dropped.
///
/// Safe on any bytes. Errors: 22P02 text that is no such value, 22P03 bytes that are no such value,
/// 22021 text that is not UTF-8, 22003 and 22008 values out of range, 42704 an unknown type, 42P18
/// binary of no declared type, 0A000 no binary form known, 22023 no such format.
Result<Parameter> DecodePgParameter(uint32_t oid, int16_t format,
                                    std::optional<std::string_view> bytes);

}  // namespace skein::results
