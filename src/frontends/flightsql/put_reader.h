#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "frontends/flightsql/conversation.h"

namespace arrow::flight {
class FlightMessageReader;
class ServerCallContext;
}  // namespace arrow::flight

namespace skein::frontends::flightsql {

/// The next batch that a client sends, or nullptr after the last one.
Result<std::shared_ptr<arrow::RecordBatch>> NextBatch(arrow::flight::FlightMessageReader& reader);

/// The same while `lock` of the conversation is held, which it is not while the client is awaited.
Result<std::shared_ptr<arrow::RecordBatch>> NextBatch(arrow::flight::FlightMessageReader& reader,
                                                      Conversation& conversation,
                                                      Conversation::Lock& lock);

/// 08006 when the client went away: a stream that broke ends like one that is complete, and what
/// came of it must not be taken for the whole.
Status CheckAllCame(const arrow::flight::ServerCallContext& context);

}  // namespace skein::frontends::flightsql
