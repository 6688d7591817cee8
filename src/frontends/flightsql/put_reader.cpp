#include "frontends/flightsql/put_reader.h"

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>

#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {

Result<std::shared_ptr<arrow::RecordBatch>> NextBatch(arrow::flight::FlightMessageReader& reader) {
  while (true) {
    auto chunk = reader.Next();
    if (!chunk.ok()) return FromArrow(chunk.status());
    if (chunk->data) return chunk->data;
    if (!chunk->app_metadata) return std::shared_ptr<arrow::RecordBatch>();
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> NextBatch(arrow::flight::FlightMessageReader& reader,
                                                      Conversation& conversation,
                                                      Conversation::Lock& lock) {
  Conversation::RowsAwaited awaited(conversation, lock);
  return NextBatch(reader);
}

Status CheckAllCame(const arrow::flight::ServerCallContext& context) {
  if (!context.is_cancelled()) return Status::OK();
  return errors::ConnectionLost("the client went away before its data was complete");
}

}  // namespace skein::frontends::flightsql
