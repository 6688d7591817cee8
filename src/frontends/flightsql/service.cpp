#include "frontends/flightsql/service.h"

#include <arrow/api.h>

#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/metadata.h"
#include "frontends/flightsql/parameters.h"
#include "frontends/flightsql/result_reader.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;

/// The handle of a result without rows or columns.
constexpr char kEmptyTicket[] = "empty";

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

Result<FlightService::Described> FlightService::Describe(const Context& context,
                                                         const std::string& bytes, bool keep) {
  SKEIN_ASSIGN_OR_RETURN(Command command, DecodeCommand(bytes));
  if (auto schema = MetadataSchema(command)) return Described{schema, bytes};
  if (const auto* query = std::get_if<StatementQuery>(&command)) {
    auto conversation = ConversationOf(context, query->transaction_id);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_RETURN_IF_ERROR(conversation->CheckTransaction(query->transaction_id));
    SKEIN_ASSIGN_OR_RETURN(auto prepared, conversation->PrepareOne(query->query));
    if (!prepared->parameter_types().empty()) {
      return Status(StatusCode::kInvalidArgument, "42P02",
                    "the statement has parameters that were not given")
          .WithHint("Prepare the statement and bind its parameters.");
    }
    Described described{ResultSchema(*prepared), {}};
    if (!keep) return described;
    if (prepared->returns() != engine::Returns::kRows)
      return RunNow(context, *conversation, prepared, {{}});
    if (conversation->pending.size() >= Conversation::kMaxPending) {
      return errors::TooLarge("too many results were asked for and never fetched in this session");
    }
    std::string handle = conversation->NewHandle();
    described.ticket = EncodeStatementTicket(handle);
    conversation->pending[handle] = PendingStatement{std::move(prepared), Clock::now() + timeout_};
    return described;
  }
  if (const auto* query = std::get_if<PreparedQuery>(&command)) {
    auto conversation = ConversationOf(context, query->handle);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto* statement, FindPrepared(*conversation, query->handle));
    if (keep && statement->prepared->returns() != engine::Returns::kRows) {
      auto rows = statement->bound ? statement->rows : std::vector<ParameterRow>(1);
      return RunNow(context, *conversation, statement->prepared, rows);
    }
    return Described{ResultSchema(*statement->prepared), bytes};
  }
  return errors::NotSupported("the Flight SQL command gives no result: it is sent with DoPut");
}

// Drivers fetch in the background what they were told has no columns, and close it before it ran:
// what returns no rows runs when it is described, and its ticket gives an empty result.
Result<FlightService::Described> FlightService::RunNow(
    const Context& context, Conversation& conversation,
    const std::shared_ptr<session::Prepared>& prepared, const std::vector<ParameterRow>& rows) {
  if (rows.size() > 1)
    SKEIN_RETURN_IF_ERROR(conversation.session->BeginImplicit(prepared->transaction_verb()));
  Status status;
  for (size_t i = 0; i < rows.size() && status.ok(); ++i) {
    status = conversation.Run(context, prepared, rows[i]).status();
  }
  Status ended = conversation.session->EndImplicit(status.ok());
  if (!status.ok()) return status;
  SKEIN_RETURN_IF_ERROR(ended);
  return Described{arrow::schema({}), EncodeStatementTicket(kEmptyTicket)};
}

arrow::Status FlightService::GetFlightInfo(const Context& context,
                                           const fl::FlightDescriptor& request,
                                           std::unique_ptr<fl::FlightInfo>* info) {
  SKEIN_ARROW_ASSIGN(Described described, Describe(context, request.cmd, true));
  fl::FlightEndpoint endpoint;
  endpoint.ticket.ticket = std::move(described.ticket);
  ARROW_ASSIGN_OR_RAISE(auto made,
                        fl::FlightInfo::Make(*described.schema, request, {endpoint}, -1, -1));
  *info = std::make_unique<fl::FlightInfo>(std::move(made));
  return arrow::Status::OK();
}

arrow::Status FlightService::GetSchema(const Context& context, const fl::FlightDescriptor& request,
                                       std::unique_ptr<fl::SchemaResult>* schema) {
  SKEIN_ARROW_ASSIGN(Described described, Describe(context, request.cmd, false));
  ARROW_ASSIGN_OR_RAISE(*schema, fl::SchemaResult::Make(*described.schema));
  return arrow::Status::OK();
}

Result<FlightService::Stream> FlightService::Fetch(const Context& context, const Command& command) {
  if (MetadataSchema(command)) {
    auto conversation = CallOf(context).conversation();
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto table, ReadMetadata(context, *conversation, command));
    auto reader = std::make_shared<arrow::TableBatchReader>(table);
    return Stream(std::make_unique<fl::RecordBatchStream>(reader));
  }
  std::shared_ptr<Conversation> conversation;
  std::shared_ptr<session::Prepared> prepared;
  std::vector<ParameterRow> rows(1);
  // Destroyed after the lock is released: its destructor takes the lock.
  std::shared_ptr<ResultReader> reader;
  if (const auto* ticket = std::get_if<StatementTicket>(&command)) {
    if (ticket->handle == kEmptyTicket) {
      auto nothing = arrow::RecordBatchReader::Make({}, arrow::schema({}));
      if (!nothing.ok()) return FromArrow(nothing.status());
      return Stream(std::make_unique<fl::RecordBatchStream>(*nothing));
    }
    conversation = ConversationOf(context, ticket->handle);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    auto it = conversation->pending.find(ticket->handle);
    if (it == conversation->pending.end() || it->second.expires < Clock::now()) {
      return Status(errors::UndefinedCursor("the ticket does not exist"))
          .WithHint(
              "A ticket is good for one fetch, for some minutes, by the user it was made for.");
    }
    prepared = std::move(it->second.prepared);
    conversation->pending.erase(it);
    reader = std::make_shared<ResultReader>(conversation, &context, std::move(prepared),
                                            std::move(rows));
    SKEIN_RETURN_IF_ERROR(reader->Start());
  } else if (const auto* query = std::get_if<PreparedQuery>(&command)) {
    conversation = ConversationOf(context, query->handle);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto* statement, FindPrepared(*conversation, query->handle));
    if (statement->bound) rows = statement->rows;
    reader = std::make_shared<ResultReader>(conversation, &context, statement->prepared,
                                            std::move(rows));
    SKEIN_RETURN_IF_ERROR(reader->Start());
  } else {
    return errors::NotSupported(
        "the Flight SQL command is no ticket: fetch the ticket that GetFlightInfo gives");
  }
  return Stream(std::make_unique<fl::RecordBatchStream>(reader));
}

arrow::Status FlightService::DoGet(const Context& context, const fl::Ticket& request,
                                   std::unique_ptr<fl::FlightDataStream>* stream) {
  SKEIN_ARROW_ASSIGN(Command command, DecodeCommand(request.ticket));
  SKEIN_ARROW_ASSIGN(*stream, Fetch(context, command));
  return arrow::Status::OK();
}

arrow::Status FlightService::DoAction(const Context& context, const fl::Action& action,
                                      std::unique_ptr<fl::ResultStream>* result) {
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
              {"CloseSession", "Ends the session."}};
  return arrow::Status::OK();
}

}  // namespace skein::frontends::flightsql
