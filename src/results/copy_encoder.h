#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/column_view.h"
#include "results/copy_layout.h"
#include "results/pg_row_encoder.h"

namespace skein::results {

/// Writes the rows of one result as PostgreSQL's COPY ... TO does, as CopyData messages: one for
/// each row, as drivers expect, the header line in one of its own, and the binary header in front
/// of the first row.
///
/// Lifecycle: Begin, any number of Append, End, each once. Values are those of PgRowEncoder (text
/// and CSV print them as its text format does). Not thread-safe.
class CopyEncoder {
 public:
  /// 42P10 when FORCE_QUOTE names a column that is not there, 0A000 for a column that cannot be
  /// sent, 22023 for an unknown time zone.
  static Result<std::unique_ptr<CopyEncoder>> Make(const arrow::Schema& schema,
                                                   const CopyLayout& layout,
                                                   const PgEncodeOptions& encode_options);

  void Begin(std::string* out);
  /// Appends rows from `begin` on to `out`: none after `max_bytes` were reached, but at least one.
  /// `rows_written` says how many. After an error the rows before the failing one are in `out`.
  Status Append(const arrow::RecordBatch& batch, int64_t begin, size_t max_bytes, std::string* out,
                int64_t* rows_written);
  void End(std::string* out);

  size_t columns() const { return columns_.size(); }
  CopyFormat format() const { return layout_.format; }

 private:
  /// How a column's values get into the row.
  enum class Way : uint8_t {
    kPlain,       ///< written by the plan's writer, and nothing in it needs to be escaped
    kCharacters,  ///< text, taken from the column as it is
    kEscaped,     ///< written by the plan's writer, then looked through
    kBinary4,     ///< the stored bits in network order
    kBinary8,
    kBinaryText,
    kBinary,  ///< written by the plan's writer
  };
  struct Column {
    ColumnPlan plan;
    Way way = Way::kBinary;
    bool force_quote = false;
  };

  CopyEncoder(CopyLayout layout, TimeZone zone, const PgEncodeOptions& encode_options);
  Way WayOf(const ColumnPlan& plan) const;
  void WriteBinaryRow(const std::vector<ColumnView>& views, int64_t row, EncodeContext& context);
  void WriteTextRow(const std::vector<ColumnView>& views, int64_t row, EncodeContext& context);
  void PutText(std::string_view text, ByteWriter& out) const;
  void PutCsv(std::string_view text, bool force_quote, ByteWriter& out) const;
  /// Escapes what was written from `start` on.
  void Rewrite(size_t start, bool force_quote, EncodeContext& context);

  CopyLayout layout_;
  TimeZone zone_;
  PgEncodeOptions encode_options_;
  std::vector<Column> columns_;
  /// What a character must be preceded by and becomes: 0 for most, else what stands behind the
  /// backslash (text), or 1 for a character that asks for quotes (CSV).
  char special_[256] = {};
  std::string scratch_;
  bool begun_ = false;  ///< the binary header is out
};

}  // namespace skein::results
