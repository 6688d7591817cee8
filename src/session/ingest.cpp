// Arrow batches from the client into a table: what the session does of it.

#include <arrow/type.h>

#include "session/session.h"
#include "sql/token.h"

namespace skein::session {

Result<std::unique_ptr<Execution>> Session::Ingest(const engine::IngestTarget& target,
                                                   const arrow::Schema& schema) {
  std::string name = sql::QuoteName(target.table);
  if (!target.schema.empty()) name = sql::QuoteName(target.schema) + "." + name;
  if (!target.catalog.empty()) name = sql::QuoteName(target.catalog) + "." + name;
  std::shared_ptr<Prepared> prepared(new Prepared(Statement("INGEST", "INGEST INTO " + name)));
  std::unique_ptr<Execution> execution(new Execution(this, std::move(prepared)));
  services_->running.fetch_add(1);
  services_->observer->RunStarted(identity_.door);
  registration_->entry().Begin(execution->prepared_->log_text());
  auto start = [&]() -> Status {
    SKEIN_RETURN_IF_ERROR(CheckNotFailed(nullptr));
    SKEIN_RETURN_IF_ERROR(StartClock(execution->cancel_, &execution->timeout_));
    bool read_only =
        implicit_ ? store_.Show("default_transaction_read_only") == "on" : transaction_.read_only;
    if (read_only) {
      return {StatusCode::kFailedPrecondition, "25006",
              "cannot ingest rows in a read-only transaction"};
    }
    SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution->cancel_));
    transaction_.queried = true;
    ++writes_;
    SKEIN_ASSIGN_OR_RETURN(execution->ingest_,
                           connection_->IngestTable(target, schema, execution->cancel_));
    return Status::OK();
  };
  if (Status status = start(); !status.ok()) {
    FailTransaction();
    execution->End(status);
    return status;
  }
  return execution;
}

Status Execution::Append(const std::shared_ptr<arrow::RecordBatch>& batch) {
  return ingest_->Append(batch);
}

Status Execution::FinishIngest() {
  SKEIN_ASSIGN_OR_RETURN(changed_rows_, ingest_->Finish());
  ingest_.reset();
  End(Status::OK());
  return Status::OK();
}

}  // namespace skein::session
