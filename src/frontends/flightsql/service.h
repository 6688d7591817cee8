#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <arrow/flight/server.h>

#include "frontends/flightsql/background_runs.h"
#include "frontends/flightsql/call_middleware.h"
#include "frontends/flightsql/command_codec.h"
#include "frontends/flightsql/result_options.h"
#include "frontends/flightsql/shared_result.h"
#include "frontends/flightsql/wire_types.h"

namespace skein::frontends::flightsql {

/// The Flight methods: each decodes what it was sent and calls the handler of that command or
/// action.
///
/// A query is described by GetFlightInfo, which prepares it and runs nothing, and runs when the
/// first of its tickets is fetched, once; a statement that changes something runs in GetFlightInfo,
/// once, also when it returns rows, as drivers may never fetch them. PollFlightInfo starts a query
/// and tells how far it is. GetSchema runs nothing. Thread-safe.
class FlightService : public arrow::flight::FlightServerBase {
 public:
  struct Dependencies {
    std::shared_ptr<ConversationTable> table;
    ResultOptions results;
    std::string spool_dir;
  };

  explicit FlightService(Dependencies dependencies)
      : table_(std::move(dependencies.table)),
        options_(dependencies.results),
        spool_dir_(std::move(dependencies.spool_dir)),
        budget_(
            std::make_shared<results::StoreBudget>(options_.spool_memory, options_.spool_disk)) {}

  using Context = arrow::flight::ServerCallContext;

  arrow::Status GetFlightInfo(const Context& context,
                              const arrow::flight::FlightDescriptor& request,
                              std::unique_ptr<arrow::flight::FlightInfo>* info) override;
  arrow::Status PollFlightInfo(const Context& context,
                               const arrow::flight::FlightDescriptor& request,
                               std::unique_ptr<arrow::flight::PollInfo>* info) override;
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
  // Flight SQL has no use for these two.
  arrow::Status DoExchange(const Context& context,
                           std::unique_ptr<arrow::flight::FlightMessageReader> reader,
                           std::unique_ptr<arrow::flight::FlightMessageWriter> writer) override;
  arrow::Status ListFlights(const Context& context, const arrow::flight::Criteria* criteria,
                            std::unique_ptr<arrow::flight::FlightListing>* listings) override;

  /// Queries that run without a reader are ended, and none is started any more. Blocks.
  void StopRuns();
  /// Puts away what those that ended left.
  void Sweep() { runs_.Reap(); }

 private:
  using Stream = std::unique_ptr<arrow::flight::FlightDataStream>;

  /// A query that a command names, ready to run. The lock is held for as long as it lives.
  struct Query {
    std::shared_ptr<Conversation> conversation;
    Conversation::Lock lock;
    std::shared_ptr<session::Prepared> prepared;
    std::vector<ParameterRow> rows;
  };
  /// What a FlightInfo tells.
  struct Described {
    std::shared_ptr<arrow::Schema> schema;
    std::vector<arrow::flight::FlightEndpoint> endpoints;
    int64_t rows = -1;
    int64_t bytes = -1;
    bool ordered = false;
  };

  static const CallMiddleware& CallOf(const Context& context);
  /// The conversation that a handle names, else the caller's own.
  std::shared_ptr<Conversation> ConversationOf(const Context& context, const std::string& handle);

  /// How columns travel in this call: its header, else the session option. The lock is held.
  static Result<WireTypes> TypesOf(const Context& context, const Conversation& conversation);

  // In queries.cpp.
  Result<Query> FindQuery(const Context& context, const Command& command);
  Result<Described> Describe(const Context& context, const std::string& bytes);
  /// Runs what returns no rows, once for each row of parameters.
  Result<Described> RunNow(const Context& context, Query& query);
  Result<SharedResult::Options> CutOf(const Context& context, const Query& query, bool polled);
  Result<std::string> AddResult(const std::shared_ptr<SharedResult>& result, Query& query);
  Described DescribeResult(const std::string& handle, const SharedResult& result) const;
  Result<arrow::flight::FlightInfo> MakeInfo(const Described& described,
                                             const arrow::flight::FlightDescriptor& descriptor);
  Result<std::unique_ptr<arrow::flight::PollInfo>> Poll(
      const Context& context, const arrow::flight::FlightDescriptor& request);
  Result<Stream> Fetch(const Context& context, const Command& command);

  // In result_actions.cpp.
  Result<arrow::flight::CancelStatus> CancelInfo(const Context& context,
                                                 const arrow::flight::FlightInfo& info);
  Result<arrow::flight::FlightEndpoint> RenewEndpoint(
      const Context& context, const arrow::flight::FlightEndpoint& endpoint);
  /// The actions of the Flight protocol itself; nullopt for others.
  Result<std::optional<std::string>> ActOfFlight(const Context& context,
                                                 const arrow::flight::Action& action);

  // In session_options.cpp.
  Result<arrow::flight::SetSessionOptionsResult> SetOptions(
      const Context& context, const arrow::flight::SetSessionOptionsRequest& request);
  Result<arrow::flight::GetSessionOptionsResult> GetOptions(const Context& context);

  // DoAction; in actions.cpp.
  Result<std::string> Act(const Context& context, const ActionRequest& request);
  Result<std::string> StartSavepoint(const Context& context, const BeginSavepoint& begin);
  Result<std::string> FinishSavepoint(const Context& context, const EndSavepoint& end);
  Status CloseSession(const Context& context);

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
  const ResultOptions options_;
  const std::string spool_dir_;
  const std::shared_ptr<results::StoreBudget> budget_;
  BackgroundRuns runs_;
};

/// What its rows look like; no fields when it returns none.
std::shared_ptr<arrow::Schema> ResultSchema(const session::Prepared& prepared);

/// The prepared statement of a handle, or 26000. The lock is held.
Result<PreparedStatement*> FindPrepared(Conversation& conversation, const std::string& handle);

/// The handle of a result without rows or columns.
inline constexpr char kEmptyTicket[] = "empty";

}  // namespace skein::frontends::flightsql
