#pragma once

#include <memory>

#include "common/status.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace skein::results {

/// A result, pulled batch by batch: the one currency between engine, worker, cluster and doors.
///
/// Nothing holds a whole result: the producer works no further ahead than a small bounded buffer,
/// so a slow consumer slows its query. Single consumer, not thread-safe. Destroying the stream
/// stops its producer and frees what it held.
class BatchStream {
 public:
  virtual ~BatchStream() = default;

  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  /// The next batch (never empty), or nullptr after the last one. Blocks; a cancelled query ends
  /// the wait. After an error or the end every further call gives the same answer.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

}  // namespace skein::results
