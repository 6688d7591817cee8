// CommandStatementIngest: the batches of a DoPut into a table.

#include <arrow/api.h>

#include "frontends/flightsql/call_watch.h"
#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/put_reader.h"
#include "frontends/flightsql/service.h"
#include "frontends/flightsql/wire_types.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;

Result<engine::IngestTarget> TargetOf(const StatementIngest& command) {
  using engine::IngestTarget;
  IngestTarget target;
  target.catalog = command.table.catalog.value_or("");
  target.schema = command.table.schema.value_or("");
  target.table = command.table.table;
  target.temporary = command.temporary;
  if (command.temporary && !(target.catalog.empty() && target.schema.empty())) {
    return Status(StatusCode::kInvalidArgument, "42P16",
                  "a temporary table has no catalogue and no schema");
  }
  switch (command.if_missing) {
    case StatementIngest::IfMissing::kCreate:
      target.if_missing = IngestTarget::IfMissing::kCreate;
      break;
    case StatementIngest::IfMissing::kFail:
      target.if_missing = IngestTarget::IfMissing::kFail;
      break;
    case StatementIngest::IfMissing::kUnspecified:
      return errors::ProtocolViolation("the ingest does not say what to do without the table");
  }
  switch (command.if_exists) {
    case StatementIngest::IfExists::kFail:
      target.if_exists = IngestTarget::IfExists::kFail;
      break;
    case StatementIngest::IfExists::kAppend:
      target.if_exists = IngestTarget::IfExists::kAppend;
      break;
    case StatementIngest::IfExists::kReplace:
      target.if_exists = IngestTarget::IfExists::kReplace;
      break;
    case StatementIngest::IfExists::kUnspecified:
      return errors::ProtocolViolation("the ingest does not say what to do when the table exists");
  }
  return target;
}

}  // namespace

Result<int64_t> FlightService::Ingest(const Context& context, const StatementIngest& command,
                                      fl::FlightMessageReader& reader) {
  SKEIN_ASSIGN_OR_RETURN(auto target, TargetOf(command));
  auto schema = reader.GetSchema();
  if (!schema.ok()) return FromArrow(schema.status());
  auto taken = FromWire(*schema);
  auto conversation = ConversationOf(context, command.transaction_id);
  SKEIN_ASSIGN_OR_RETURN(auto lock, conversation->Acquire(context));
  SKEIN_RETURN_IF_ERROR(conversation->CheckTransaction(command.transaction_id));
  session::Session& session = *conversation->session;
  SKEIN_RETURN_IF_ERROR(session.BeginImplicit(engine::TransactionVerb::kNone));
  auto run_all = [&]() -> Result<int64_t> {
    SKEIN_ASSIGN_OR_RETURN(auto run, session.Ingest(target, *taken));
    CallWatch watch(conversation->timer(), &context, [cancel = &run->cancel()] {
      cancel->Cancel(errors::Cancelled("canceling the ingest because the client went away"));
    });
    auto move_rows = [&]() -> Status {
      while (true) {
        SKEIN_ASSIGN_OR_RETURN(auto batch, NextBatch(reader, *conversation, lock));
        if (!batch) break;
        SKEIN_ASSIGN_OR_RETURN(auto fitting, FromWire(batch, taken));
        SKEIN_RETURN_IF_ERROR(run->Append(fitting));
      }
      SKEIN_RETURN_IF_ERROR(CheckAllCame(context));
      return run->FinishIngest();
    };
    Status moved = run->cancel().cancelled() ? run->cancel().status() : move_rows();
    if (!moved.ok()) {
      run->Fail(moved);
      session.FailTransaction();
      return moved;
    }
    return run->changed_rows().value_or(0);
  };
  auto rows = run_all();
  // The insert may have taken a while: what is committed is what the client meant to send.
  Status came = rows.ok() ? CheckAllCame(context) : Status::OK();
  Status ended = session.EndImplicit(rows.ok() && came.ok());
  if (rows.ok() && !came.ok()) return came;
  if (rows.ok() && !ended.ok()) return ended;
  return rows;
}

}  // namespace skein::frontends::flightsql
