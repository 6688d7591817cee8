// The simple query protocol: one text, any number of statements, one implicit transaction, one
// ReadyForQuery.

#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/pg_connection.h"

namespace skein::frontends::pgwire {

Status PgConnection::HandleQuery(std::string_view text) {
  // A simple query does away with the unnamed statement and portal.
  portals_.erase("");
  session_->named_statements().erase("");
  std::string sql(text);
  auto statements = session_->Parse(sql);
  bool ok = statements.ok();
  if (!ok) {
    AppendError(statements.status(), "ERROR", text, 0, &out_);
  } else if (statements->empty()) {
    MessageWriter(out_).EmptyQueryResponse();
  } else {
    for (size_t i = 0; ok && i < statements->size(); ++i) {
      SKEIN_ASSIGN_OR_RETURN(
          ok, RunStatement(std::move((*statements)[i]), text, i + 1 == statements->size()));
    }
  }
  if (Status status = session_->EndImplicit(ok); !status.ok()) AppendError(status, &out_);
  if (session_->transaction_state() == engine::TransactionState::kIdle) DropPortals();
  AppendReady();
  return Status::OK();
}

Result<bool> PgConnection::RunStatement(session::Statement statement, std::string_view sql,
                                        bool last) {
  const size_t offset = statement.offset();
  auto fail = [&](const Status& status) {
    AppendError(status, "ERROR", sql, offset, &out_);
    session_->FailTransaction();
    return false;
  };
  auto prepared = session_->Prepare(std::move(statement));
  if (!prepared.ok()) return fail(prepared.status());
  if (!(*prepared)->parameter_types().empty()) {
    return fail(
        Status(StatusCode::kInvalidArgument, "42P02", "there is no parameter $1 in a simple query")
            .WithHint("Parameters are bound by prepared statements."));
  }
  Portal portal;
  portal.statement = std::make_shared<session::NamedStatement>();
  portal.statement->prepared = *prepared;
  auto cursor = session_->OpenPortal("", *prepared, {});
  if (!cursor.ok()) return fail(cursor.status());
  portal.cursor = *std::move(cursor);
  if (const auto* own = (*prepared)->own()) {
    // Here, where the client says nothing of formats, a BINARY cursor does.
    if (const auto* fetch = std::get_if<sql::FetchStatement>(own)) {
      auto source = session_->FindCursor(fetch->cursor);
      if (source && source->options().binary) portal.formats = {1};
    }
  }
  if (Status started = StartPortal(portal, last); !started.ok()) return fail(started);
  const session::Execution& execution = *portal.cursor->run();
  if (execution.returns_rows()) {
    auto fields = DescribeFields(*execution.schema(), portal.formats);
    if (!fields.ok()) return fail(fields.status());
    MessageWriter(out_).RowDescription(*fields);
  }
  Status failed;
  SKEIN_RETURN_IF_ERROR(SendRows(portal, 0, &failed));
  if (!failed.ok()) return fail(failed);
  return true;
}

}  // namespace skein::frontends::pgwire
