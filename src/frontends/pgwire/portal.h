#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/statement.h"
#include "frontends/pgwire/backend_message.h"
#include "results/pg_row_encoder.h"
#include "session/session.h"

namespace skein::frontends::pgwire {

/// A prepared statement as the client knows it. `prepared` is null for an empty query.
struct Statement {
  std::string text;
  std::shared_ptr<session::Prepared> prepared;
  std::vector<uint32_t> parameter_oids;
};

/// A statement with its parameters, run when first executed and then read as far as the client asks
/// each time. Owned by one connection; its execution must be gone before the session.
struct Portal {
  std::shared_ptr<Statement> statement;
  std::vector<engine::BoundValue> parameters;
  std::vector<int16_t> formats;

  std::unique_ptr<session::Execution> execution;
  std::unique_ptr<results::PgRowEncoder> encoder;
  /// What was pulled and not all sent.
  std::shared_ptr<arrow::RecordBatch> batch;
  int64_t batch_offset = 0;
  bool finished = false;
};

/// RowDescription's fields for a result sent in `formats` (as PgRowEncoder::Make takes them).
Result<std::vector<FieldDescription>> DescribeFields(const arrow::Schema& schema,
                                                     const std::vector<int16_t>& formats);

/// CommandComplete for a run that ended after `rows` rows were sent by this execute.
void AppendCommandComplete(const session::Execution& execution, int64_t rows, std::string* out);

}  // namespace skein::frontends::pgwire
