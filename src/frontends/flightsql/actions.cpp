// The Flight SQL actions: prepared statements, transactions, savepoints, the session's end.

#include <arrow/api.h>
#include <arrow/ipc/writer.h>

#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/parameters.h"
#include "frontends/flightsql/service.h"
#include "sql/token.h"

namespace skein::frontends::flightsql {
namespace {

Result<std::string> SchemaBytes(const arrow::Schema& schema) {
  auto buffer = arrow::ipc::SerializeSchema(schema);
  if (!buffer.ok()) return FromArrow(buffer.status());
  return (*buffer)->ToString();
}

}  // namespace

Result<std::string> FlightService::Act(const Context& context, const ActionRequest& request) {
  if (const auto* create = std::get_if<CreatePrepared>(&request)) {
    auto conversation = ConversationOf(context, create->transaction_id);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_RETURN_IF_ERROR(conversation->CheckTransaction(create->transaction_id));
    if (conversation->statements.size() >= Conversation::kMaxStatements) {
      return Status(errors::TooLarge("too many prepared statements are open in this session"))
          .WithHint("Close statements that are not used any more.");
    }
    SKEIN_ASSIGN_OR_RETURN(auto prepared, conversation->PrepareOne(create->query));
    SKEIN_ASSIGN_OR_RETURN(auto types, TypesOf(context, *conversation));
    SKEIN_ASSIGN_OR_RETURN(auto dataset, SchemaBytes(*types.Apply(ResultSchema(*prepared))));
    SKEIN_ASSIGN_OR_RETURN(auto parameters, SchemaBytes(*ParameterSchema(*prepared)));
    std::string handle = conversation->NewHandle();
    conversation->statements[handle] =
        PreparedStatement{create->query, std::move(prepared), {}, false};
    return EncodeCreatePreparedResult(handle, dataset, parameters);
  }
  if (const auto* close = std::get_if<ClosePrepared>(&request)) {
    auto conversation = ConversationOf(context, close->handle);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_RETURN_IF_ERROR(FindPrepared(*conversation, close->handle).status());
    conversation->statements.erase(close->handle);
    return std::string();
  }
  if (std::holds_alternative<BeginTransaction>(request)) {
    auto conversation = CallOf(context).conversation();
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    if (conversation->session->transaction_state() != engine::TransactionState::kIdle) {
      return Status(StatusCode::kFailedPrecondition, "25001",
                    "there is already a transaction in progress");
    }
    SKEIN_RETURN_IF_ERROR(conversation->RunPlain(context, "BEGIN"));
    conversation->transaction_id = conversation->NewHandle();
    return EncodeBeginTransactionResult(conversation->transaction_id);
  }
  if (const auto* end = std::get_if<EndTransaction>(&request)) {
    auto conversation = ConversationOf(context, end->transaction_id);
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    if (end->transaction_id.empty() || end->transaction_id != conversation->transaction_id) {
      return Status(StatusCode::kInvalidArgument, "25000",
                    "the transaction is not open in this session");
    }
    conversation->transaction_id.clear();
    conversation->savepoints.clear();
    auto state = conversation->session->transaction_state();
    if (state == engine::TransactionState::kIdle) {
      if (!end->commit) return std::string();
      return Status(StatusCode::kFailedPrecondition, "25P01",
                    "the transaction was ended already by a statement");
    }
    bool failed = state == engine::TransactionState::kFailed;
    SKEIN_RETURN_IF_ERROR(
        conversation->RunPlain(context, end->commit && !failed ? "COMMIT" : "ROLLBACK"));
    if (end->commit && failed) {
      return Status(StatusCode::kFailedPrecondition, "25P02",
                    "the transaction could not be committed and was rolled back, as a statement in "
                    "it failed");
    }
    return std::string();
  }
  if (const auto* begin = std::get_if<BeginSavepoint>(&request))
    return StartSavepoint(context, *begin);
  if (const auto* end = std::get_if<EndSavepoint>(&request)) return FinishSavepoint(context, *end);
  if (const auto* cancel = std::get_if<CancelQuery>(&request)) {
    auto info = arrow::flight::FlightInfo::Deserialize(cancel->info);
    if (!info.ok() || !*info) {
      return errors::ProtocolViolation("what is to be cancelled is no FlightInfo");
    }
    SKEIN_ASSIGN_OR_RETURN(auto cancelled, CancelInfo(context, **info));
    return EncodeCancelQueryResult(cancelled != arrow::flight::CancelStatus::kNotCancellable);
  }
  SKEIN_RETURN_IF_ERROR(CloseSession(context));
  return EncodeCloseSessionResult();
}

Status FlightService::CloseSession(const Context& context) {
  auto conversation = CallOf(context).conversation();
  Status why = errors::Cancelled("the session was closed");
  table_->Close(conversation);
  conversation->CancelResults(why);
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context, Conversation::For::kOpenResult));
  conversation->Free(conversation->results().TakeAll(), why);
  return Status::OK();
}

Result<std::string> FlightService::StartSavepoint(const Context& context,
                                                  const BeginSavepoint& begin) {
  auto conversation = ConversationOf(context, begin.transaction_id);
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  SKEIN_RETURN_IF_ERROR(conversation->CheckTransaction(begin.transaction_id));
  if (begin.name.empty()) return errors::ProtocolViolation("the savepoint has no name");
  SKEIN_RETURN_IF_ERROR(conversation->RunPlain(context, "SAVEPOINT " + sql::QuoteName(begin.name)));
  std::string id = conversation->NewHandle();
  conversation->savepoints[id] = begin.name;
  return EncodeBeginSavepointResult(id);
}

Result<std::string> FlightService::FinishSavepoint(const Context& context,
                                                   const EndSavepoint& end) {
  auto conversation = ConversationOf(context, end.savepoint_id);
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  auto found = conversation->savepoints.find(end.savepoint_id);
  if (found == conversation->savepoints.end()) {
    return Status(StatusCode::kNotFound, "3B001", "the savepoint is not open in this session");
  }
  std::string name = sql::QuoteName(found->second);
  if (end.release) {
    SKEIN_RETURN_IF_ERROR(conversation->RunPlain(context, "RELEASE SAVEPOINT " + name));
    conversation->savepoints.erase(end.savepoint_id);
  } else {
    SKEIN_RETURN_IF_ERROR(conversation->RunPlain(context, "ROLLBACK TO SAVEPOINT " + name));
  }
  return std::string();
}

}  // namespace skein::frontends::flightsql
