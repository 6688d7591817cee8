#pragma once

#include <memory>

#include <arrow/record_batch.h>

#include "frontends/flightsql/conversation.h"
#include "frontends/flightsql/shared_result.h"

namespace skein::frontends::flightsql {

/// One part of a result as a Flight stream pulls it. Lives within its call; single consumer.
class ResultReader : public arrow::RecordBatchReader {
 public:
  ResultReader(std::shared_ptr<Conversation> conversation,
               const arrow::flight::ServerCallContext* context,
               std::shared_ptr<SharedResult> result, size_t part);
  ~ResultReader() override;

  /// Pulls the first batch, so that an error comes before the stream begins. The conversation's
  /// lock is not held.
  Status Start();

  std::shared_ptr<arrow::Schema> schema() const override { return result_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  const std::shared_ptr<Conversation> conversation_;
  const arrow::flight::ServerCallContext* context_;
  const std::shared_ptr<SharedResult> result_;
  const size_t part_;
  size_t next_ = 0;
  std::shared_ptr<arrow::RecordBatch> first_;
  bool done_ = false;
};

}  // namespace skein::frontends::flightsql
