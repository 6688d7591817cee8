#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <arrow/flight/server.h>

#include "frontends/flightsql/call_middleware.h"
#include "frontends/flightsql/command_codec.h"

namespace skein::frontends::flightsql {

/// The Flight methods: each decodes what it was sent and calls the handler of that command or
/// action.
///
/// A statement that returns rows is described by GetFlightInfo, which prepares it and runs nothing,
/// and runs in DoGet, once; one that returns none runs in GetFlightInfo, once. GetSchema runs
/// nothing. Thread-safe.
class FlightService : public arrow::flight::FlightServerBase {
 public:
  struct Dependencies {
    std::shared_ptr<ConversationTable> table;
    std::chrono::milliseconds ticket_timeout{std::chrono::minutes(10)};
  };

  explicit FlightService(Dependencies dependencies)
      : table_(dependencies.table), timeout_(dependencies.ticket_timeout) {}

  using Context = arrow::flight::ServerCallContext;

  arrow::Status GetFlightInfo(const Context& context,
                              const arrow::flight::FlightDescriptor& request,
                              std::unique_ptr<arrow::flight::FlightInfo>* info) override;
  arrow::Status GetSchema(const Context& context, const arrow::flight::FlightDescriptor& request,
                          std::unique_ptr<arrow::flight::SchemaResult>* schema) override;
  arrow::Status DoGet(const Context& context, const arrow::flight::Ticket& request,
                      std::unique_ptr<arrow::flight::FlightDataStream>* stream) override;
  arrow::Status DoPut(const Context& context,
                      std::unique_ptr<arrow::flight::FlightMessageReader> reader,
                      std::unique_ptr<arrow::flight::FlightMetadataWriter> writer) override;
  arrow::Status DoAction(const Context& context, const arrow::flight::Action& action,
                         std::unique_ptr<arrow::flight::ResultStream>* result) override;
  arrow::Status ListActions(const Context& context,
                            std::vector<arrow::flight::ActionType>* actions) override;

 private:
  struct Described {
    std::shared_ptr<arrow::Schema> schema;
    std::string ticket;
  };
  using Stream = std::unique_ptr<arrow::flight::FlightDataStream>;

  static const CallMiddleware& CallOf(const Context& context);
  /// The conversation that a handle names, else the caller's own.
  std::shared_ptr<Conversation> ConversationOf(const Context& context, const std::string& handle);

  /// `keep`: a ticket is made, not only the schema told.
  Result<Described> Describe(const Context& context, const std::string& bytes, bool keep);
  /// Runs what returns no rows, once for each row of parameters. The lock is held.
  Result<Described> RunNow(const Context& context, Conversation& conversation,
                           const std::shared_ptr<session::Prepared>& prepared,
                           const std::vector<ParameterRow>& rows);
  Result<Stream> Fetch(const Context& context, const Command& command);

  // DoAction; in actions.cpp.
  Result<std::string> Act(const Context& context, const ActionRequest& request);
  Result<std::string> StartSavepoint(const Context& context, const BeginSavepoint& begin);
  Result<std::string> FinishSavepoint(const Context& context, const EndSavepoint& end);

  // DoPut; in put_handlers.cpp.
  Result<std::string> BindRows(const Context& context, const PreparedQuery& command,
                               arrow::flight::FlightMessageReader& reader);
  Result<int64_t> Update(const Context& context, const StatementUpdate& command);
  Result<int64_t> UpdatePrepared(const Context& context, const PreparedUpdate& command,
                                 arrow::flight::FlightMessageReader& reader);
  // In ingest_handler.cpp.
  Result<int64_t> Ingest(const Context& context, const StatementIngest& command,
                         arrow::flight::FlightMessageReader& reader);

  const std::shared_ptr<ConversationTable> table_;
  const std::chrono::milliseconds timeout_;
};

/// What its rows look like; no fields when it returns none.
std::shared_ptr<arrow::Schema> ResultSchema(const session::Prepared& prepared);

/// The prepared statement of a handle, or 26000. The lock is held.
Result<PreparedStatement*> FindPrepared(Conversation& conversation, const std::string& handle);

}  // namespace skein::frontends::flightsql
