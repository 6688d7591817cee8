#pragma once

#include <memory>
#include <vector>

#include <arrow/record_batch.h>

#include "frontends/flightsql/call_watch.h"
#include "frontends/flightsql/conversation.h"

namespace skein::frontends::flightsql {

/// A statement's rows as the Flight stream pulls them; run once for each row of parameters, one
/// result after the other.
///
/// The conversation's lock is held only while a batch is made, so that the client's other calls go
/// on between two. When the caller goes away the run is cancelled, also while it makes a batch. A
/// statement that returns no rows gives an empty stream. Lives within its call; single consumer.
class ResultReader : public arrow::RecordBatchReader {
 public:
  ResultReader(std::shared_ptr<Conversation> conversation,
               const arrow::flight::ServerCallContext* context,
               std::shared_ptr<session::Prepared> prepared, std::vector<ParameterRow> rows);
  ~ResultReader() override;

  /// Runs the statement with the first row of parameters. The conversation's lock is held.
  Status Start();

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> NextLocked();
  void DropRun();

  const std::shared_ptr<Conversation> conversation_;
  const arrow::flight::ServerCallContext* context_;
  std::shared_ptr<session::Prepared> prepared_;
  const std::vector<ParameterRow> rows_;
  std::shared_ptr<arrow::Schema> schema_;
  size_t next_row_ = 0;
  std::unique_ptr<session::Execution> execution_;
  std::unique_ptr<CallWatch> watch_;
};

}  // namespace skein::frontends::flightsql
