#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "common/status.h"

namespace skein::results {

/// The result of one statement as a pulled stream of Arrow record batches: the one form in which
/// results travel between the engine, the workers, the cache and the encoders.
///
/// - **Pulled and bounded.** The producer runs at most a bounded number of bytes ahead of the
/// consumer; a slow
///   consumer slows the query. Next() blocks until a batch, the end or an error is there; it is
///   woken by the query's cancel token and deadline, which then are the error it returns.
/// - **One consumer.** One thread at a time calls Next(); which thread may change between calls.
/// - **The end** is a null pointer, and stays the end when asked again. Batches of no rows may
/// occur before it.
/// - **An error ends the stream**: every later call returns the same error. What was pulled before
/// stays valid, but
///   the result as a whole failed and must not be passed on as complete.
/// - **Destroying** the stream stops the producer and waits until it let go of the connection.
/// - **Types.** Every field, nested ones too, carries DuckDB's type name in its metadata (see
/// field_type.h); all
///   batches have the stream's schema.
class BatchStream {
 public:
  virtual ~BatchStream() = default;

  /// Known from the start; does not block and does not change.
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  /// The next batch, or null at the end.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

}  // namespace skein::results
