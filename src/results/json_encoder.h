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

struct JsonEncodeOptions {
  std::string time_zone = "UTC";  ///< in which TIMESTAMP WITH TIME ZONE is printed
};

/// Writes the rows of one result as JSON objects, `{"a":1,"b":"x"}`, separated by commas; the
/// brackets around them are the caller's. Values are as json_value.h says, with BLOB in base64. Of
/// columns with one name the second is called `name_1`, the third `name_2`, skipping names that are
/// taken.
///
/// One encoder per result: it remembers whether a comma is due. Not thread-safe.
class JsonEncoder {
 public:
  /// 0A000 for a column that cannot be sent, 22023 for an unknown time zone.
  static Result<std::unique_ptr<JsonEncoder>> Make(const arrow::Schema& schema,
                                                   const JsonEncodeOptions& options);

  /// Appends rows from `begin` on to `out`: at most `max_rows`, and none after `max_bytes` were
  /// reached, but at least one. `rows_written` says how many. On an error the rows before the
  /// failing one are there.
  Status Append(const arrow::RecordBatch& batch, int64_t begin, int64_t max_rows, size_t max_bytes,
                std::string* out, int64_t* rows_written);

 private:
  JsonEncoder(std::vector<ColumnPlan> plans, TimeZone zone)
      : plans_(std::move(plans)), zone_(std::move(zone)) {}

  std::vector<ColumnPlan> plans_;
  TimeZone zone_;
  bool comma_due_ = false;
};

}  // namespace skein::results
