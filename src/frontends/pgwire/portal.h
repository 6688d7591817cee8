#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frontends/pgwire/backend_message.h"
#include "results/pg_row_encoder.h"
#include "session/session.h"

namespace skein::frontends::pgwire {

/// What this door keeps of a portal: how its rows are written. The rows, and its place in them, are
/// the session's (session/cursor.h), where FETCH finds them too. Owned by one connection.
struct Portal {
  std::shared_ptr<session::NamedStatement> statement;
  std::vector<int16_t> formats;
  /// Null when the statement is empty.
  std::shared_ptr<session::Cursor> cursor;
  /// Once it runs; null when it gives no rows.
  std::unique_ptr<results::PgRowEncoder> encoder;
};

/// RowDescription's fields for a result sent in `formats` (as PgRowEncoder::Make takes them).
Result<std::vector<FieldDescription>> DescribeFields(const arrow::Schema& schema,
                                                     const std::vector<int16_t>& formats);

/// CommandComplete for a run that ended after `rows` rows were sent by this execute.
void AppendCommandComplete(const session::Execution& execution, int64_t rows, std::string* out);

}  // namespace skein::frontends::pgwire
