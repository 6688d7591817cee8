#include "frontends/flightsql/result_reader.h"

#include <arrow/flight/server.h>
#include <arrow/util/byte_size.h>

#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {

ResultReader::ResultReader(std::shared_ptr<Conversation> conversation,
                           const arrow::flight::ServerCallContext* context,
                           std::shared_ptr<session::Prepared> prepared,
                           std::vector<ParameterRow> rows)
    : conversation_(std::move(conversation)),
      context_(context),
      prepared_(std::move(prepared)),
      rows_(std::move(rows)),
      schema_(prepared_->schema()) {
  if (!schema_ || prepared_->returns() != engine::Returns::kRows) schema_ = arrow::schema({});
}

ResultReader::~ResultReader() {
  watch_.reset();
  // Another call may hold the lock because it puts this very result aside; nobody will read it.
  if (execution_) execution_->cancel().Cancel(errors::Cancelled("the client closed the result"));
  auto lock = conversation_->AcquireForCleanup();
  DropRun();
  prepared_.reset();
}

void ResultReader::DropRun() {
  watch_.reset();
  if (!execution_) return;
  execution_.reset();
  --conversation_->open_results;
}

Status ResultReader::Start() {
  if (next_row_ >= rows_.size()) return Status::OK();
  SKEIN_ASSIGN_OR_RETURN(execution_, conversation_->Run(*context_, prepared_, rows_[next_row_++]));
  ++conversation_->open_results;
  watch_ = std::make_unique<CallWatch>(
      conversation_->timer(), context_, [cancel = &execution_->cancel()] {
        cancel->Cancel(errors::Cancelled("canceling statement because the client went away"));
      });
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> ResultReader::NextLocked() {
  while (execution_) {
    if (execution_->returns_rows()) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, execution_->Next());
      if (batch) {
        execution_->AddBytesSent(static_cast<size_t>(arrow::util::TotalBufferSize(*batch)));
        return batch;
      }
    }
    DropRun();
    SKEIN_RETURN_IF_ERROR(Start());
  }
  return std::shared_ptr<arrow::RecordBatch>();
}

arrow::Status ResultReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  SKEIN_ARROW_ASSIGN(auto lock, conversation_->Acquire(*context_));
  SKEIN_ARROW_ASSIGN(*batch, NextLocked());
  return arrow::Status::OK();
}

}  // namespace skein::frontends::flightsql
