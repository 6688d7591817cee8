#include <arrow/api.h>

#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/parameters.h"
#include "frontends/flightsql/put_reader.h"
#include "frontends/flightsql/service.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;

Status CheckWidth(const session::Prepared& prepared, const arrow::Schema& bound) {
  size_t wanted = prepared.parameter_types().size();
  if (static_cast<size_t>(bound.num_fields()) == wanted) return Status::OK();
  return errors::ProtocolViolation("the statement takes " + std::to_string(wanted) +
                                   " parameters, " + std::to_string(bound.num_fields()) +
                                   " were given");
}

/// Prepares again with the types of the bound values where that is better for them.
void Refine(Conversation& conversation, PreparedStatement& statement, const arrow::Schema& bound) {
  bool loses_digits = false;
  auto types = BetterTypes(*statement.prepared, bound, &loses_digits);
  if (types.empty()) return;
  auto again = conversation.PrepareOne(statement.sql, types);
  if (!again.ok()) return;
  // A value compared with text is better left to the statement; one that is given back keeps its
  // type.
  const auto& before = statement.prepared->schema();
  const auto& after = (*again)->schema();
  bool shows = before && after && !before->Equals(*after, true);
  if (shows || loses_digits) statement.prepared = *std::move(again);
}

/// What a finished run counts as; rows that come back (RETURNING) are drained. The lock is held.
Result<int64_t> CountOf(session::Execution& run) {
  if (!run.returns_rows()) return run.changed_rows().value_or(0);
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, run.Next());
    if (!batch) break;
  }
  return run.prepared().read_only() ? int64_t{-1} : run.rows();
}

}  // namespace

Result<std::string> FlightService::BindRows(const Context& context, const PreparedQuery& command,
                                            fl::FlightMessageReader& reader) {
  std::vector<ParameterRow> rows;
  std::shared_ptr<arrow::Schema> schema;
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, NextBatch(reader));
    if (!batch) break;
    schema = batch->schema();
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      if (rows.size() >= kMaxBoundRows)
        return errors::TooLarge("more rows were bound than one query may have");
      SKEIN_ASSIGN_OR_RETURN(auto values, RowOf(*batch, row));
      rows.push_back(std::move(values));
    }
  }
  auto conversation = ConversationOf(context, command.handle);
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  SKEIN_ASSIGN_OR_RETURN(auto* statement, FindPrepared(*conversation, command.handle));
  if (schema) SKEIN_RETURN_IF_ERROR(CheckWidth(*statement->prepared, *schema));
  if (statement->prepared->parameter_types().empty()) {
    statement->bound = false;
    return EncodePreparedResult(command.handle);
  }
  if (schema) Refine(*conversation, *statement, *schema);
  statement->rows = std::move(rows);
  statement->bound = true;
  return EncodePreparedResult(command.handle);
}

Result<int64_t> FlightService::Update(const Context& context, const StatementUpdate& command) {
  auto conversation = ConversationOf(context, command.transaction_id);
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  SKEIN_RETURN_IF_ERROR(conversation->CheckTransaction(command.transaction_id));
  session::Session& session = *conversation->session;
  SKEIN_ASSIGN_OR_RETURN(auto statements, session.Parse(command.query));
  if (statements.empty()) return errors::Syntax("the request holds no SQL statement");
  // Several of them are one transaction, as through the other doors.
  auto run_all = [&]() -> Result<int64_t> {
    int64_t total = 0;
    for (size_t i = 0; i < statements.size(); ++i) {
      SKEIN_ASSIGN_OR_RETURN(auto prepared, session.Prepare(std::move(statements[i])));
      SKEIN_RETURN_IF_ERROR(CheckNoParameters(*prepared));
      if (i + 1 < statements.size())
        SKEIN_RETURN_IF_ERROR(session.BeginImplicit(prepared->transaction_verb()));
      SKEIN_ASSIGN_OR_RETURN(auto run, conversation->Run(&context, prepared, {}));
      SKEIN_ASSIGN_OR_RETURN(int64_t count, CountOf(*run));
      total = count < 0 || total < 0 ? -1 : total + count;
    }
    return total;
  };
  auto total = run_all();
  Status ended = session.EndImplicit(total.ok());
  if (total.ok() && !ended.ok()) return ended;
  return total;
}

Result<int64_t> FlightService::UpdatePrepared(const Context& context, const PreparedUpdate& command,
                                              fl::FlightMessageReader& reader) {
  auto conversation = ConversationOf(context, command.handle);
  std::shared_ptr<session::Prepared> prepared;
  {
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto* statement, FindPrepared(*conversation, command.handle));
    prepared = statement->prepared;
  }
  // The first batch is awaited without the lock: a client that sends slowly keeps no other call
  // waiting until it has.
  SKEIN_ASSIGN_OR_RETURN(auto batch, NextBatch(reader));
  if (batch) SKEIN_RETURN_IF_ERROR(CheckWidth(*prepared, *batch->schema()));
  if (prepared->parameter_types().empty() && (!batch || batch->num_rows() == 0)) {
    SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto run, conversation->Run(&context, prepared, {}));
    return CountOf(*run);
  }
  if (!batch) {
    return errors::ProtocolViolation("the statement takes parameters, and none were bound");
  }
  SKEIN_ASSIGN_OR_RETURN(auto following, NextBatch(reader));
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  SKEIN_ASSIGN_OR_RETURN(auto* statement, FindPrepared(*conversation, command.handle));
  Refine(*conversation, *statement, *batch->schema());
  prepared = statement->prepared;
  bool several = batch->num_rows() > 1 || following;
  if (several)
    SKEIN_RETURN_IF_ERROR(conversation->session->BeginImplicit(prepared->transaction_verb()));
  auto run_all = [&]() -> Result<int64_t> {
    int64_t total = 0;
    while (batch) {
      SKEIN_RETURN_IF_ERROR(CheckWidth(*prepared, *batch->schema()));
      for (int64_t row = 0; row < batch->num_rows(); ++row) {
        SKEIN_ASSIGN_OR_RETURN(auto values, RowOf(*batch, row));
        SKEIN_ASSIGN_OR_RETURN(auto run, conversation->Run(&context, prepared, values));
        SKEIN_ASSIGN_OR_RETURN(int64_t count, CountOf(*run));
        total = count < 0 || total < 0 ? -1 : total + count;
      }
      batch = std::move(following);
      following.reset();
      if (batch) {
        SKEIN_ASSIGN_OR_RETURN(following, NextBatch(reader, *conversation, lock));
      }
    }
    SKEIN_RETURN_IF_ERROR(CheckAllCame(context));
    return total;
  };
  auto total = run_all();
  Status ended = conversation->session->EndImplicit(total.ok());
  if (total.ok() && !ended.ok()) return ended;
  return total;
}

arrow::Status FlightService::DoPut(const Context& context,
                                   std::unique_ptr<fl::FlightMessageReader> reader,
                                   std::unique_ptr<fl::FlightMetadataWriter> writer) {
  SKEIN_ARROW_ASSIGN(Command command, DecodeCommand(reader->descriptor().cmd));
  std::string answer;
  if (const auto* query = std::get_if<PreparedQuery>(&command)) {
    SKEIN_ARROW_ASSIGN(answer, BindRows(context, *query, *reader));
  } else if (const auto* update = std::get_if<StatementUpdate>(&command)) {
    SKEIN_ARROW_ASSIGN(int64_t rows, Update(context, *update));
    answer = EncodeUpdateResult(rows);
  } else if (const auto* prepared = std::get_if<PreparedUpdate>(&command)) {
    SKEIN_ARROW_ASSIGN(int64_t rows, UpdatePrepared(context, *prepared, *reader));
    answer = EncodeUpdateResult(rows);
  } else if (const auto* ingest = std::get_if<StatementIngest>(&command)) {
    SKEIN_ARROW_ASSIGN(int64_t rows, Ingest(context, *ingest, *reader));
    answer = EncodeUpdateResult(rows);
  } else {
    return ToArrow(errors::NotSupported(
        "the Flight SQL command takes no data: it is sent with GetFlightInfo"));
  }
  return writer->WriteMetadata(*arrow::Buffer::FromString(std::move(answer)));
}

}  // namespace skein::frontends::flightsql
