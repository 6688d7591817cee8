#include "session/session.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <arrow/record_batch.h>

#include "common/random.h"
#include "results/spool.h"

namespace skein::session {

using engine::TransactionState;
using engine::TransactionVerb;

namespace {

bool MayChangeSettings(const std::string& command) {
  return command != "SELECT" && command != "INSERT" && command != "UPDATE" && command != "DELETE";
}

}  // namespace

void Services::StopAccepting() {
  std::lock_guard lock(mu);
  stopping = true;
}

void Services::TerminateAll(const Status& reason) {
  std::lock_guard lock(mu);
  stopping = true;
  for (Session* session : sessions) session->Terminate(reason);
}

Execution::Execution(Session* session, std::shared_ptr<engine::Prepared> prepared)
    : session_(session),
      prepared_(std::move(prepared)),
      command_(prepared_->command()),
      id_(NewId()) {}

Execution::~Execution() {
  End(cancel_->cancelled() ? cancel_->status() : Status::OK());
  stream_.reset();
  if (session_->open_ == this) session_->open_ = nullptr;
}

const std::shared_ptr<arrow::Schema>& Execution::schema() const { return prepared_->schema(); }

Result<std::shared_ptr<arrow::RecordBatch>> Execution::Next() {
  if (!stream_) return std::shared_ptr<arrow::RecordBatch>();
  auto batch = stream_->Next();
  if (!batch.ok()) {
    End(batch.status());
  } else if (!*batch) {
    End(Status::OK());
  } else {
    rows_ += (*batch)->num_rows();
    return batch;
  }
  if (session_->open_ == this) session_->open_ = nullptr;
  return batch;
}

void Execution::End(const Status& status) {
  if (ended_) return;
  ended_ = true;
  if (timeout_) session_->services_->timer->Remove(timeout_);
  {
    std::lock_guard lock(session_->mu_);
    if (session_->current_ == cancel_) session_->current_.reset();
  }
  RunRecord record;
  record.query_id = id_;
  record.session_id = session_->id();
  record.user = session_->identity().user;
  record.door = session_->identity().door;
  record.peer = session_->identity().peer;
  record.command = command_;
  record.sql = prepared_->log_text();
  record.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
  record.rows = changed_rows_.value_or(rows_);
  record.bytes = bytes_;
  record.status = status;
  session_->services_->running.fetch_sub(1);
  session_->services_->observer->RunEnded(record);
}

Session::Session(std::shared_ptr<Services> services, Identity identity,
                 std::unique_ptr<engine::Connection> connection)
    : services_(std::move(services)),
      identity_(std::move(identity)),
      id_(NewId()),
      connection_(std::move(connection)) {
  services_->observer->SessionOpened(identity_.door);
  std::lock_guard lock(services_->mu);
  services_->sessions.insert(this);
}

Session::~Session() {
  {
    std::lock_guard lock(services_->mu);
    services_->sessions.erase(this);
  }
  connection_.reset();
  services_->observer->SessionClosed(identity_.door);
}

Result<std::unique_ptr<Session>> Session::Open(std::shared_ptr<Services> services,
                                               Identity identity) {
  {
    std::lock_guard lock(services->mu);
    if (services->stopping)
      return errors::ShuttingDown("the server is stopping and takes no new sessions");
  }
  SKEIN_ASSIGN_OR_RETURN(auto connection, services->engine->Connect());
  return std::unique_ptr<Session>(
      new Session(std::move(services), std::move(identity), std::move(connection)));
}

Result<std::vector<engine::ParsedStatement>> Session::Parse(const std::string& sql) {
  auto parsed = connection_->Parse(sql);
  // What could not be taken apart may hold anything, credentials too.
  if (!parsed.ok()) ReportNotRun("PARSE", "(not logged: it could not be parsed)", parsed.status());
  return parsed;
}

void Session::ReportNotRun(const std::string& command, const std::string& sql, const Status& why) {
  services_->observer->RunStarted(identity_.door);
  RunRecord record;
  record.query_id = NewId();
  record.session_id = id_;
  record.user = identity_.user;
  record.door = identity_.door;
  record.peer = identity_.peer;
  record.command = command;
  record.sql = sql;
  record.status = why;
  services_->observer->RunEnded(record);
}

Result<std::shared_ptr<engine::Prepared>> Session::Prepare(
    engine::ParsedStatement statement, const std::vector<std::string>& declared_types) {
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  std::string command = statement.command();
  std::string log_text = statement.log_text();
  auto prepared = connection_->Prepare(std::move(statement), declared_types);
  if (!prepared.ok()) {
    ReportNotRun(command, log_text, prepared.status());
    return prepared.status();
  }
  return std::shared_ptr<engine::Prepared>(*std::move(prepared));
}

Status Session::DetachOpenResult() {
  if (!open_) return Status::OK();
  auto stream = std::move(open_->stream_);
  auto spooled = results::Spool(std::move(stream), services_->spool_dir);
  if (!spooled.ok()) {
    open_->End(spooled.status());
    open_ = nullptr;
    return spooled.status();
  }
  open_->stream_ = *std::move(spooled);
  open_ = nullptr;
  return Status::OK();
}

const Session::Settings& Session::settings() {
  if (settings_) return *settings_;
  Settings settings;
  settings.time_zone = connection_->time_zone();
  settings.extra_float_digits =
      std::atoi(connection_->setting("extra_float_digits").value_or("1").c_str());
  settings.bytea_hex = connection_->setting("bytea_output").value_or("hex") != "escape";
  std::string text = connection_->setting("statement_timeout").value_or("0");
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  if (error == std::errc() && value > 0) {
    int64_t scale = unit == "s" ? 1000 : unit == "min" ? 60000 : unit == "h" ? 3600000 : 1;
    settings.statement_timeout = std::chrono::milliseconds(value * scale);
  }
  settings_ = std::move(settings);
  return *settings_;
}

Deadline Session::StatementDeadline() {
  // A session can only shorten what the server allows.
  std::chrono::milliseconds limit = services_->query_timeout;
  std::chrono::milliseconds wanted = settings().statement_timeout;
  if (wanted.count() > 0) limit = limit.count() == 0 ? wanted : std::min(limit, wanted);
  if (limit.count() == 0) return std::nullopt;
  return Clock::now() + limit;
}

Result<std::unique_ptr<Execution>> Session::Execute(
    std::shared_ptr<engine::Prepared> prepared, const std::vector<engine::BoundValue>& parameters) {
  std::unique_ptr<Execution> execution(new Execution(this, std::move(prepared)));
  services_->running.fetch_add(1);
  services_->observer->RunStarted(identity_.door);
  Status refused = DetachOpenResult();
  if (refused.ok()) {
    std::lock_guard lock(mu_);
    refused = terminated_;
    if (refused.ok()) current_ = execution->cancel_;
  }
  if (!refused.ok()) {
    execution->End(refused);
    return refused;
  }
  if (Deadline deadline = StatementDeadline()) {
    execution->timeout_ = services_->timer->At(*deadline, [cancel = execution->cancel_] {
      cancel->Cancel(errors::TimedOut("canceling statement due to statement timeout"));
    });
  }
  auto handled = HandleTransactionVerb(*execution);
  if (!handled.ok() || *handled) {
    execution->End(handled.status());
    if (!handled.ok()) return handled.status();
    return execution;
  }
  auto outcome = connection_->Execute(*execution->prepared_, parameters, execution->cancel_);
  if (MayChangeSettings(execution->command_)) settings_.reset();
  if (!outcome.ok()) {
    execution->End(outcome.status());
    return outcome.status();
  }
  execution->changed_rows_ = outcome->changed_rows;
  if (outcome->rows) {
    execution->stream_ = std::move(outcome->rows);
    open_ = execution.get();
  } else {
    execution->End(Status::OK());
  }
  return execution;
}

Result<bool> Session::HandleTransactionVerb(Execution& execution) {
  TransactionState state = transaction_state();
  auto warn = [&](const char* sqlstate, const char* message) {
    execution.notice_ = Status(StatusCode::kFailedPrecondition, sqlstate, message);
    return true;
  };
  switch (execution.prepared_->transaction_verb()) {
    case TransactionVerb::kNone:
      return false;
    case TransactionVerb::kBegin:
      if (std::exchange(implicit_, false))
        return true;  // what was implicit goes on as the client's own
      if (state == TransactionState::kOpen)
        return warn("25001", "there is already a transaction in progress");
      return false;
    case TransactionVerb::kCommit:
      implicit_ = false;
      if (state == TransactionState::kIdle)
        return warn("25P01", "there is no transaction in progress");
      if (state == TransactionState::kOpen) return false;
      // A failed transaction can only be rolled back, also by COMMIT.
      execution.command_ = "ROLLBACK";
      SKEIN_RETURN_IF_ERROR(connection_->Run("ROLLBACK"));
      return true;
    case TransactionVerb::kRollback:
      implicit_ = false;
      if (state == TransactionState::kIdle)
        return warn("25P01", "there is no transaction in progress");
      return false;
  }
  return false;
}

Result<std::unique_ptr<Execution>> Session::ExecuteScript(const std::string& sql) {
  SKEIN_ASSIGN_OR_RETURN(auto statements, Parse(sql));
  if (statements.empty()) return errors::Syntax("the request holds no SQL statement");
  for (size_t i = 0;; ++i) {
    SKEIN_ASSIGN_OR_RETURN(auto prepared, Prepare(std::move(statements[i])));
    SKEIN_ASSIGN_OR_RETURN(auto execution, Execute(std::move(prepared)));
    if (i + 1 == statements.size()) return execution;
    while (execution->returns_rows()) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, execution->Next());
      if (!batch) break;
    }
  }
}

Status Session::BeginImplicit(TransactionVerb verb) {
  if (implicit_ || verb != TransactionVerb::kNone ||
      transaction_state() != TransactionState::kIdle) {
    return Status::OK();
  }
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  SKEIN_RETURN_IF_ERROR(connection_->Run("BEGIN"));
  implicit_ = true;
  return Status::OK();
}

Status Session::EndImplicit(bool ok) {
  if (!implicit_) return Status::OK();
  implicit_ = false;
  if (transaction_state() == TransactionState::kIdle) return Status::OK();
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  return connection_->Run(ok && transaction_state() == TransactionState::kOpen ? "COMMIT"
                                                                               : "ROLLBACK");
}

TransactionState Session::visible_transaction_state() const {
  return implicit_ ? TransactionState::kIdle : transaction_state();
}

Status Session::Set(const std::string& name, const std::string& value) {
  std::string quoted;
  for (char c : value) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  SKEIN_ASSIGN_OR_RETURN(auto statements, Parse("SET \"" + name + "\" = '" + quoted + "'"));
  SKEIN_ASSIGN_OR_RETURN(auto prepared, Prepare(std::move(statements.at(0))));
  auto outcome = connection_->Execute(*prepared, {}, std::make_shared<CancelToken>());
  settings_.reset();
  return outcome.status();
}

bool Session::CancelCurrent(Status reason) {
  std::lock_guard lock(mu_);
  return current_ && current_->Cancel(std::move(reason));
}

void Session::Terminate(Status reason) {
  std::lock_guard lock(mu_);
  if (terminated_.ok()) terminated_ = reason;
  if (current_) current_->Cancel(std::move(reason));
}

}  // namespace skein::session
