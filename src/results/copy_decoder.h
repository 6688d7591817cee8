#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/copy_column.h"
#include "results/copy_layout.h"
#include "results/duckdb_type.h"
#include "results/time_text.h"

namespace skein::results {

/// A column that a COPY FROM fills.
struct CopyTarget {
  std::string name;
  DuckDbType type;
  bool has_default = false;
};

/// Rows of a COPY FROM.
struct CopyRows {
  /// The targets' columns, then, when the layout has a word for defaults, a boolean column for
  /// each: whether the word stood there.
  std::shared_ptr<arrow::RecordBatch> batch;
  /// In which line (binary: row) of the data each row is, from 1.
  std::vector<int64_t> lines;
  /// 1 for a row that is to be left out as wrong; empty when there is none.
  std::vector<uint8_t> skipped;
};

/// Where in the data an error is, as PostgreSQL's CONTEXT has it; `value` may be null.
std::string CopyContext(std::string_view table, int64_t line, std::string_view column,
                        const std::string_view* value);

/// Reads the data of a COPY FROM, as it comes in pieces that end anywhere, into Arrow columns.
///
/// Lifecycle: any number of Feed, with Take whenever rows() or bytes() is large, then Finish and a
/// last Take. What it holds is the rows not yet taken and at most one row of kMaxCopyRowBytes. An
/// error says where it is (Status::context) and is the end of it all. Safe on any bytes; not
/// thread-safe.
///
/// As in PostgreSQL: lines end in LF, CR or CRLF, all alike; `\.` alone in a line ends the data,
/// what follows is not looked at. Errors: 22P04 for data that is laid out wrongly, 22021 for text
/// that is not UTF-8, 54000 for a row that is too large, and those of the columns' types.
class CopyDecoder {
 public:
  struct Options {
    std::string table{};  ///< for the errors
    std::vector<CopyTarget> columns{};
    CopyLayout layout{};
    std::string time_zone = "UTC";
    /// A row with a value that its column does not take is left out (text and CSV).
    bool skip_wrong_rows = false;
  };

  static Result<std::unique_ptr<CopyDecoder>> Make(Options options);
  virtual ~CopyDecoder();

  virtual Status Feed(std::string_view bytes) = 0;
  /// There is no more data.
  virtual Status Finish() = 0;

  int64_t rows() const { return static_cast<int64_t>(lines_.size()); }
  size_t bytes() const { return bytes_; }
  /// The rows read since the last call; a batch without rows when there are none.
  Result<CopyRows> Take();

 protected:
  explicit CopyDecoder(Options options) : options_(std::move(options)) {}
  Status MakeColumns();

  /// An error of the line read now.
  Status InLine(Status status, std::string_view line) const;
  Status InLine(Status status) const;

  Options options_;
  std::vector<std::unique_ptr<CopyColumn>> columns_;
  std::vector<std::vector<uint8_t>> defaults_;  ///< by column; used when there is a word for them
  std::vector<int64_t> lines_;
  std::vector<uint8_t> skipped_;
  size_t bytes_ = 0;
  int64_t line_ = 0;
};

/// A longer row is refused: it would be held in memory whole. PostgreSQL's own limit is 1 GiB.
inline constexpr size_t kMaxCopyRowBytes = size_t{256} << 20;

/// For CopyDecoder::Make.
Result<std::unique_ptr<CopyDecoder>> MakeCopyTextDecoder(CopyDecoder::Options options);
std::unique_ptr<CopyDecoder> MakeCopyBinaryDecoder(CopyDecoder::Options options);

}  // namespace skein::results
