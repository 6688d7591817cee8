#include "frontends/flightsql/result_reader.h"

#include <arrow/flight/server.h>

#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {

ResultReader::ResultReader(std::shared_ptr<Conversation> conversation,
                           const arrow::flight::ServerCallContext* context,
                           std::shared_ptr<SharedResult> result, size_t part)
    : conversation_(std::move(conversation)),
      context_(context),
      result_(std::move(result)),
      part_(part) {
  result_->Attach(part_);
}

ResultReader::~ResultReader() { result_->Leave(*conversation_, part_, !done_); }

Status ResultReader::Start() {
  auto batch = result_->Read(*conversation_, *context_, part_, next_++);
  // A caller that went away while it waited has not read its part.
  done_ = batch.ok() ? !*batch : !context_->is_cancelled();
  if (!batch.ok()) return batch.status();
  if (!*batch) return Status::OK();
  SKEIN_ASSIGN_OR_RETURN(first_, ToWire(*batch, schema()));
  return Status::OK();
}

arrow::Status ResultReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  if (first_) {
    batch->swap(first_);
    return arrow::Status::OK();
  }
  if (done_) return arrow::Status::OK();
  auto next = result_->Read(*conversation_, *context_, part_, next_++);
  // A client that goes away ends a wait with an error of its own, which is no end of the result.
  bool gone = !next.ok() && context_->is_cancelled();
  done_ = !gone && (!next.ok() || !*next);
  if (!next.ok()) return ToArrow(next.status());
  if (!*next) return arrow::Status::OK();
  SKEIN_ARROW_ASSIGN(*batch, ToWire(*next, schema()));
  return arrow::Status::OK();
}

}  // namespace skein::frontends::flightsql
