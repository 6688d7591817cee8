#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/connection.h"
#include "results/copy_decoder.h"
#include "results/copy_layout.h"
#include "sql/copy_statement.h"

namespace skein::session {

/// The options of a COPY, checked and with their defaults.
Result<results::CopyLayout> LayoutOf(const sql::CopyStatement& copy);

/// The inside of a COPY ... FROM STDIN: data goes in as it comes, rows go into the table.
///
/// Lifecycle: Take any number of times, Finish once. Blocks while rows are inserted, so that a
/// client that sends faster than that is slowed down; holds a bounded number of rows and at most
/// one row that is not whole. After an error it is over. Must be gone before its connection; the
/// transaction is the caller's to end.
class CopyFeed {
 public:
  static Result<std::unique_ptr<CopyFeed>> Make(engine::Connection& connection,
                                                const sql::CopyStatement& copy,
                                                const std::string& time_zone,
                                                std::shared_ptr<CancelToken> cancel);

  results::CopyFormat format() const { return format_; }
  size_t columns() const { return writer_->columns().size(); }

  Status Take(std::string_view bytes);
  /// How many rows were inserted.
  Result<int64_t> Finish();
  /// Rows that ON_ERROR ignore left out.
  int64_t skipped() const { return writer_->skipped(); }

 private:
  CopyFeed() = default;
  Status MoveRows();

  results::CopyFormat format_ = results::CopyFormat::kText;
  bool skip_wrong_rows_ = false;
  std::optional<int64_t> reject_limit_;
  std::unique_ptr<engine::TableWriter> writer_;
  std::unique_ptr<results::CopyDecoder> decoder_;
};

}  // namespace skein::session
