#pragma once

#include <memory>
#include <string_view>

#include <arrow/type_fwd.h>

#include "common/status.h"

namespace skein::frontends::flightsql {

// What Flight SQL calls the metadata of a column.
inline constexpr char kTypeNameKey[] = "ARROW:FLIGHT:SQL:TYPE_NAME";
inline constexpr char kPrecisionKey[] = "ARROW:FLIGHT:SQL:PRECISION";
inline constexpr char kScaleKey[] = "ARROW:FLIGHT:SQL:SCALE";

/// How columns travel to a client, where Arrow leaves a choice. Inside the server there is one form
/// of each DuckDB type; this turns it into what the client asked for, nested types too.
///
/// With extensions (the default): UUID is arrow.uuid, JSON is arrow.json, and types that only
/// DuckDB has (UHUGEINT, TIMETZ, BIT, BIGNUM, VARIANT, GEOMETRY, ...) are arrow.opaque with
/// DuckDB's text of them as storage. BOOLEAN is Arrow's, HUGEINT is decimal(38, 0) either way:
/// clients calculate with sums, which they are.
struct WireTypes {
  bool extensions = true;
  bool string_views = false;
  bool dictionaries = true;

  /// Reads a list like "plain, string-view, no-dictionary"; words that are not there keep their
  /// default. 22023 for others.
  static Result<WireTypes> Parse(std::string_view text);

  /// A schema of the engine as the client sees it: fields name their DuckDB type, and of numbers
  /// the digits, in Flight SQL's words, too.
  std::shared_ptr<arrow::Schema> Apply(const std::shared_ptr<arrow::Schema>& schema) const;
};

/// The rows of a batch of the engine in the schema that Apply made of its own.
Result<std::shared_ptr<arrow::RecordBatch>> ToWire(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                   const std::shared_ptr<arrow::Schema>& schema);

/// What a client sends back as arrow.opaque of DuckDB, also within other types, becomes the text
/// that it holds, which the engine casts; the field names DuckDB's type. Dense unions become sparse
/// ones, which the engine knows. All else stays as it is.
std::shared_ptr<arrow::Schema> FromWire(const std::shared_ptr<arrow::Schema>& schema);

/// A batch that a client sent in the schema that FromWire made of its own.
Result<std::shared_ptr<arrow::RecordBatch>> FromWire(
    const std::shared_ptr<arrow::RecordBatch>& batch, const std::shared_ptr<arrow::Schema>& schema);

}  // namespace skein::frontends::flightsql
