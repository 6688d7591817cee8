#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/column_view.h"

namespace skein::results {

/// The session settings that change how values are printed. Dates are always ISO and intervals
/// always in PostgreSQL's own style: other values of DateStyle and IntervalStyle are the session's
/// to refuse.
struct PgEncodeOptions {
  std::string time_zone = "UTC";  ///< TimeZone
  int extra_float_digits = 1;     ///< above 0: the shortest digits that read back the same
  bool bytea_hex = true;          ///< bytea_output = hex, else escape
};

/// Writes the rows of one result as PostgreSQL DataRow messages, each column in the format the
/// client asked for.
///
/// The types it sends are PgTypeOf() of the schema's fields; the caller's RowDescription must say
/// the same. Values are exactly as PostgreSQL's output (text) and send (binary) functions have
/// them. TIMESTAMP_NS and TIME_NS are rounded down to microseconds. Keeps nothing between calls but
/// its plan; not thread-safe.
class PgRowEncoder {
 public:
  /// `formats`: 0 text, 1 binary; none means all text, one is meant for all columns. 08P01 for
  /// another count, 22023 for another format or an unknown time zone, 0A000 for a column that
  /// cannot be sent.
  static Result<std::unique_ptr<PgRowEncoder>> Make(const arrow::Schema& schema,
                                                    const std::vector<int16_t>& formats,
                                                    const PgEncodeOptions& options);

  /// Appends rows from `begin` on to `out` as complete messages: at most `max_rows`, and none after
  /// `max_bytes` were reached, but at least one. `rows_written` says how many. A value PostgreSQL
  /// cannot represent is an error (22008, 22003, 0A000); the rows before it are then in `out`.
  Status Append(const arrow::RecordBatch& batch, int64_t begin, int64_t max_rows, size_t max_bytes,
                std::string* out, int64_t* rows_written);

 private:
  PgRowEncoder(std::vector<ColumnPlan> plans, TimeZone zone, const PgEncodeOptions& options)
      : plans_(std::move(plans)), zone_(std::move(zone)), options_(options) {}

  std::vector<ColumnPlan> plans_;
  TimeZone zone_;
  PgEncodeOptions options_;
};

}  // namespace skein::results
