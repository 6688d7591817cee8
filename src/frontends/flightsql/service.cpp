#include "frontends/flightsql/service.h"

#include <arrow/api.h>
#include <arrow/util/compression.h>

#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/metadata.h"
#include "frontends/flightsql/parameters.h"
#include "frontends/flightsql/result_reader.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;

/// How the batches of a call go out: compressed when the caller asks for it.
Result<arrow::ipc::IpcWriteOptions> WriteOptions(const fl::ServerCallContext& context) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  std::string_view wanted = HeaderOf(context, "x-skein-compression");
  if (wanted.empty() || wanted == "none") return options;
  if (wanted != "lz4" && wanted != "zstd")
    return errors::InvalidParameter("x-skein-compression is to be lz4, zstd or none");
  auto codec = arrow::util::Codec::Create(wanted == "lz4" ? arrow::Compression::LZ4_FRAME
                                                          : arrow::Compression::ZSTD);
  if (!codec.ok()) return FromArrow(codec.status());
  options.codec = *std::move(codec);
  return options;
}

class OneResult : public fl::ResultStream {
 public:
  explicit OneResult(std::string body) : body_(std::move(body)) {}
  arrow::Result<std::unique_ptr<fl::Result>> Next() override {
    if (done_) return nullptr;
    done_ = true;
    return std::make_unique<fl::Result>(arrow::Buffer::FromString(std::move(body_)));
  }

 private:
  std::string body_;
  bool done_ = false;
};

}  // namespace

std::shared_ptr<arrow::Schema> ResultSchema(const session::Prepared& prepared) {
  if (prepared.returns() != engine::Returns::kRows || !prepared.schema()) return arrow::schema({});
  return prepared.schema();
}

Result<PreparedStatement*> FindPrepared(Conversation& conversation, const std::string& handle) {
  auto it = conversation.statements.find(handle);
  if (it != conversation.statements.end()) return &it->second;
  return Status(errors::UndefinedStatement("the prepared statement does not exist"))
      .WithHint("It was closed, or its session has ended.");
}

const CallMiddleware& FlightService::CallOf(const Context& context) {
  return *static_cast<const CallMiddleware*>(context.GetMiddleware(kMiddlewareKey));
}

std::shared_ptr<Conversation> FlightService::ConversationOf(const Context& context,
                                                            const std::string& handle) {
  const CallMiddleware& call = CallOf(context);
  if (!handle.empty()) {
    if (auto named = table_->FindByHandle(handle, call.caller().user)) return named;
  }
  return call.conversation();
}

Result<WireTypes> FlightService::TypesOf(const Context& context, const Conversation& conversation) {
  std::string_view header = HeaderOf(context, "x-skein-types");
  return WireTypes::Parse(header.empty() ? std::string_view(conversation.column_types) : header);
}

arrow::Status FlightService::GetFlightInfo(const Context& context,
                                           const fl::FlightDescriptor& request,
                                           std::unique_ptr<fl::FlightInfo>* info) {
  SKEIN_ARROW_ASSIGN(Described described, Describe(context, request.cmd));
  SKEIN_ARROW_ASSIGN(fl::FlightInfo made, MakeInfo(described, request));
  *info = std::make_unique<fl::FlightInfo>(std::move(made));
  return arrow::Status::OK();
}

arrow::Status FlightService::PollFlightInfo(const Context& context,
                                            const fl::FlightDescriptor& request,
                                            std::unique_ptr<fl::PollInfo>* info) {
  SKEIN_ARROW_ASSIGN(*info, Poll(context, request));
  return arrow::Status::OK();
}

arrow::Status FlightService::GetSchema(const Context& context, const fl::FlightDescriptor& request,
                                       std::unique_ptr<fl::SchemaResult>* schema) {
  SKEIN_ARROW_ASSIGN(Command command, DecodeCommand(request.cmd));
  auto columns = MetadataSchema(command);
  if (!columns) {
    SKEIN_ARROW_ASSIGN(Query query, FindQuery(context, command));
    SKEIN_ARROW_ASSIGN(auto types, TypesOf(context, *query.conversation));
    columns = types.Apply(ResultSchema(*query.prepared));
  }
  ARROW_ASSIGN_OR_RAISE(*schema, fl::SchemaResult::Make(*columns));
  return arrow::Status::OK();
}

Result<FlightService::Stream> FlightService::Fetch(const Context& context, const Command& command) {
  SKEIN_ASSIGN_OR_RETURN(auto write_options, WriteOptions(context));
  if (MetadataSchema(command)) {
    auto conversation = CallOf(context).conversation();
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto types, TypesOf(context, *conversation));
    SKEIN_ASSIGN_OR_RETURN(auto table, ReadMetadata(context, *conversation, types, command));
    auto reader = std::make_shared<arrow::TableBatchReader>(table);
    return Stream(std::make_unique<fl::RecordBatchStream>(reader));
  }
  std::shared_ptr<Conversation> conversation;
  std::shared_ptr<SharedResult> result;
  size_t part = 0;
  if (const auto* ticket = std::get_if<StatementTicket>(&command)) {
    if (ticket->handle == kEmptyTicket) {
      auto nothing = arrow::RecordBatchReader::Make({}, arrow::schema({}));
      if (!nothing.ok()) return FromArrow(nothing.status());
      return Stream(std::make_unique<fl::RecordBatchStream>(*nothing));
    }
    auto name = TicketName::Parse(ticket->handle).value_or(TicketName{});
    conversation = ConversationOf(context, name.handle);
    SKEIN_ASSIGN_OR_RETURN(result, conversation->results().Find(name.handle));
    if (name.part >= result->parts()) {
      return errors::UndefinedCursor("the ticket does not exist: its result has fewer parts");
    }
    part = name.part;
  } else if (std::holds_alternative<PreparedQuery>(command)) {
    // Some clients fetch a prepared statement by its command, without a FlightInfo.
    SKEIN_ASSIGN_OR_RETURN(Query query, FindQuery(context, command));
    conversation = query.conversation;
    SharedResult::Options options;
    options.budget = budget_;
    options.directory = spool_dir_;
    SKEIN_ASSIGN_OR_RETURN(options.types, TypesOf(context, *conversation));
    result = std::make_shared<SharedResult>(query.prepared, std::move(query.rows), options);
  } else {
    return errors::NotSupported(
        "the Flight SQL command is no ticket: fetch the ticket that GetFlightInfo gives");
  }
  auto reader = std::make_shared<ResultReader>(conversation, &context, std::move(result), part);
  SKEIN_RETURN_IF_ERROR(reader->Start());
  return Stream(std::make_unique<fl::RecordBatchStream>(reader, write_options));
}

arrow::Status FlightService::DoGet(const Context& context, const fl::Ticket& request,
                                   std::unique_ptr<fl::FlightDataStream>* stream) {
  SKEIN_ARROW_ASSIGN(Command command, DecodeCommand(request.ticket));
  SKEIN_ARROW_ASSIGN(*stream, Fetch(context, command));
  return arrow::Status::OK();
}

arrow::Status FlightService::DoAction(const Context& context, const fl::Action& action,
                                      std::unique_ptr<fl::ResultStream>* result) {
  SKEIN_ARROW_ASSIGN(auto flight_answer, ActOfFlight(context, action));
  if (flight_answer) {
    *result = std::make_unique<OneResult>(*std::move(flight_answer));
    return arrow::Status::OK();
  }
  std::string_view body = action.body ? std::string_view(*action.body) : std::string_view();
  SKEIN_ARROW_ASSIGN(ActionRequest request, DecodeAction(action.type, body));
  SKEIN_ARROW_ASSIGN(std::string answer, Act(context, request));
  if (answer.empty()) {
    *result = std::make_unique<fl::SimpleResultStream>(std::vector<fl::Result>{});
  } else {
    *result = std::make_unique<OneResult>(std::move(answer));
  }
  return arrow::Status::OK();
}

arrow::Status FlightService::ListActions(const Context&, std::vector<fl::ActionType>* actions) {
  *actions = {{"CreatePreparedStatement", "Prepares a statement; gives its handle and schemas."},
              {"ClosePreparedStatement", "Closes a prepared statement."},
              {"BeginTransaction", "Starts a transaction; gives its id."},
              {"EndTransaction", "Commits or rolls back a transaction."},
              {"BeginSavepoint", "Sets a savepoint in a transaction; gives its id."},
              {"EndSavepoint", "Releases a savepoint or rolls back to it."},
              {"CancelFlightInfo", "Ends a query and frees its result."},
              {"CancelQuery", "The same, as older clients ask for it."},
              {"RenewFlightEndpoint", "Keeps a result for longer."},
              {"SetSessionOptions", "Changes settings of the session."},
              {"GetSessionOptions", "Tells the settings of the session."},
              {"CloseSession", "Ends the session."}};
  return arrow::Status::OK();
}

arrow::Status FlightService::DoExchange(const Context&, std::unique_ptr<fl::FlightMessageReader>,
                                        std::unique_ptr<fl::FlightMessageWriter>) {
  return ToArrow(errors::NotSupported("DoExchange is not supported: Flight SQL does not use it"));
}

arrow::Status FlightService::ListFlights(const Context&, const fl::Criteria*,
                                         std::unique_ptr<fl::FlightListing>*) {
  return ToArrow(
      Status(errors::NotSupported("ListFlights is not supported: a server of SQL has no list"))
          .WithHint("Ask for tables with CommandGetTables."));
}

}  // namespace skein::frontends::flightsql
