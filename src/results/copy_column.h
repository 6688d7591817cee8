#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/copy_layout.h"
#include "results/duckdb_type.h"
#include "results/time_text.h"

namespace skein::results {

/// Takes the values of one column of a COPY FROM, one after another, and makes Arrow arrays of
/// them.
///
/// Values are read as PostgreSQL's input (text, CSV) and receive (binary) functions of the type
/// that stands for the column's read them. The array's type carries the value to the engine: the
/// column's own type where PostgreSQL and Arrow have it, else text (or lists of text) that the
/// engine casts, which it may refuse: enums, JSON, nested types.
class CopyColumn {
 public:
  virtual ~CopyColumn() = default;

  static Result<std::unique_ptr<CopyColumn>> Make(const DuckDbType& type, CopyFormat format,
                                                  const TimeZone& zone);

  /// One value in the format given to Make. After an error nothing was taken. Text is valid UTF-8.
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status AppendNull() = 0;
  /// What was taken since the last call.
  virtual Result<std::shared_ptr<arrow::Array>> Finish() = 0;
  virtual const std::shared_ptr<arrow::DataType>& type() const = 0;
};

/// 22021 with PostgreSQL's words unless the text is UTF-8 without NUL characters.
Status CheckCopyEncoding(std::string_view text);

}  // namespace skein::results
