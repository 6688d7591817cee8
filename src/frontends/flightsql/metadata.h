#pragma once

#include <memory>
#include <optional>

#include <arrow/type_fwd.h>

#include "frontends/flightsql/command_codec.h"
#include "frontends/flightsql/conversation.h"
#include "frontends/flightsql/wire_types.h"

namespace skein::frontends::flightsql {

/// The protocol's schema for what a command about the catalogue or the server gives; nullptr for
/// the other commands.
std::shared_ptr<arrow::Schema> MetadataSchema(const Command& command);

/// What such a command gives, asked of information_schema through the client's own session. The
/// lock is held. Precondition: MetadataSchema(command) is not null.
Result<std::shared_ptr<arrow::Table>> ReadMetadata(const arrow::flight::ServerCallContext& context,
                                                   Conversation& conversation,
                                                   const WireTypes& types, const Command& command);

}  // namespace skein::frontends::flightsql
