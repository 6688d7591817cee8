#include "session/session.h"

#include <algorithm>
#include <cstdlib>

#include <arrow/record_batch.h>

#include "common/random.h"
#include "results/spool.h"
#include "session/text_rows.h"
#include "sql/splitter.h"
#include "sql/token.h"

namespace skein::session {

namespace {

/// The query that a statement of the session's own carries, or nullptr.
const sql::Slice* QueryWithin(const sql::SessionStatement& own) {
  if (const auto* declare = std::get_if<sql::DeclareStatement>(&own)) return &declare->query;
  if (const auto* prepare = std::get_if<sql::PrepareStatement>(&own)) return &prepare->query;
  if (const auto* explain = std::get_if<sql::ExplainStatement>(&own)) return &explain->query;
  return nullptr;
}

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

Execution::Execution(Session* session, std::shared_ptr<Prepared> prepared)
    : session_(session),
      prepared_(std::move(prepared)),
      command_(prepared_->command()),
      id_(NewId()) {}

Execution::~Execution() {
  End(cancel_->cancelled() ? cancel_->status() : Status::OK());
  stream_.reset();
  if (session_->open_ == this) session_->open_ = nullptr;
}

const std::shared_ptr<arrow::Schema>& Execution::schema() const {
  if (copied_) return copied_->schema();
  return schema_ ? schema_ : prepared_->schema();
}

void Execution::Pause() {
  if (!ended_) session_->StopClock(cancel_, std::exchange(timeout_, 0));
}

Status Execution::Resume() {
  return ended_ ? Status::OK() : session_->StartClock(cancel_, &timeout_);
}

Result<std::shared_ptr<arrow::RecordBatch>> Execution::Next() {
  if (!broken_.ok()) return broken_;
  if (!stream_) return std::shared_ptr<arrow::RecordBatch>();
  auto batch = stream_->Next();
  if (!batch.ok()) {
    session_->FailTransaction();
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

void Execution::Break(const Status& why) {
  broken_ = why;
  stream_.reset();
  End(why);
}

void Execution::End(const Status& status) {
  if (ended_) return;
  ended_ = true;
  session_->StopClock(cancel_, timeout_);
  session_->registration_->entry().End(session_->transaction_state() !=
                                       engine::TransactionState::kIdle);
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
      connection_(std::move(connection)),
      store_(*connection_, identity_.user) {
  registration_ = connection_->Identify(
      {identity_.user, identity_.door, identity_.peer, [this](Status reason, bool terminate) {
         if (!terminate) return CancelCurrent(std::move(reason));
         Terminate(std::move(reason));
         return true;
       }});
  services_->observer->SessionOpened(identity_.door);
  std::lock_guard lock(services_->mu);
  services_->sessions.insert(this);
}

Session::~Session() {
  {
    std::lock_guard lock(services_->mu);
    services_->sessions.erase(this);
  }
  cursors_.clear();
  named_.clear();
  registration_.reset();
  connection_.reset();
  services_->observer->SessionClosed(identity_.door);
}

Result<std::unique_ptr<Session>> Session::Open(std::shared_ptr<Services> services,
                                               Identity identity,
                                               const engine::ConnectionOptions& options) {
  {
    std::lock_guard lock(services->mu);
    if (services->stopping)
      return errors::ShuttingDown("the server is stopping and takes no new sessions");
  }
  SKEIN_ASSIGN_OR_RETURN(auto connection, services->engine->Connect(options));
  return std::unique_ptr<Session>(
      new Session(std::move(services), std::move(identity), std::move(connection)));
}

Result<std::vector<Statement>> Session::Parse(const std::string& sql) {
  std::vector<Statement> statements;
  for (const sql::Piece& piece : sql::Split(sql)) {
    const auto started = Clock::now();
    auto statement = ParseOne(piece.text, piece.offset);
    if (!statement.ok()) {
      Status status = statement.status();
      if (status.position())
        status = Status(status).WithPosition(*status.position() + piece.offset);
      FailTransaction();
      // What could not be taken apart may hold anything, credentials too.
      ReportNotRun("PARSE", "(not logged: it could not be parsed)", started, status);
      return status;
    }
    if (*statement) statements.push_back(**std::move(statement));
  }
  return statements;
}

Result<std::optional<Statement>> Session::ParseOne(std::string_view text, size_t offset) {
  SKEIN_ASSIGN_OR_RETURN(auto own, sql::Recognise(text));
  if (own) {
    SKEIN_ASSIGN_OR_RETURN(auto statement, ParseOwn(*std::move(own), text, offset));
    if (statement) return statement;
  }
  SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(std::string(text)));
  if (parsed.empty()) return std::optional<Statement>();
  if (parsed.size() > 1) {
    // DuckDB makes a script of them.
    return Status(
               errors::NotSupported("COPY FROM DATABASE and IMPORT DATABASE are not run at once"))
        .WithHint("COPY FROM DATABASE ... TO ... (SCHEMA) and then the same with (DATA) are.");
  }
  return std::optional(Statement(std::move(parsed[0]), offset));
}

Result<std::optional<Statement>> Session::ParseOwn(sql::SessionStatement own, std::string_view text,
                                                   size_t offset) {
  std::optional<engine::ParsedStatement> inner;
  size_t inner_offset = 0;
  if (const auto* set = std::get_if<sql::SetStatement>(&own)) {
    if (set->name != "all" && !SettingStore::Owns(set->name)) {
      // The engine's own: it reads the value, and its guard says who may. Its parser takes ON for
      // no value.
      std::string plain(text);
      const bool keyword = set->values.size() == 1 && !set->values[0].quoted &&
                           sql::LowerAscii(set->values[0].text) == "on";
      if (set->local || keyword) {
        plain = "SET SESSION " + sql::QuoteName(set->name);
        for (const auto& value : set->values)
          plain += (&value == set->values.data() ? " = " : ", ") + sql::QuoteLiteral(value.text);
        if (set->reset) plain = "RESET " + sql::QuoteName(set->name);
      } else if (set->reset) {
        plain = "RESET " + sql::QuoteName(set->name);
      }
      SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(plain));
      if (parsed.size() != 1) return errors::Internal("SET was parsed as several statements");
      inner = std::move(parsed[0]);
    }
  } else if (const auto* show = std::get_if<sql::ShowStatement>(&own)) {
    // DuckDB has SHOW for tables: what is no setting is left to it.
    if (show->name != "all" && !store_.Show(show->name) &&
        show->name.find('.') == std::string::npos) {
      SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(std::string(text)));
      if (parsed.size() != 1) return errors::Internal("SHOW was parsed as several statements");
      inner = std::move(parsed[0]);
    }
  } else if (const sql::Slice* query = QueryWithin(own)) {
    inner_offset = query->offset;
    std::string lead;
    if (const auto* explain = std::get_if<sql::ExplainStatement>(&own)) {
      if (explain->plain && !services_->distributed &&
          connection_->dialect() != engine::Dialect::kPostgres) {
        return std::optional<Statement>();
      }
      if (explain->format == sql::ExplainStatement::Format::kXml ||
          explain->format == sql::ExplainStatement::Format::kYaml) {
        return errors::NotSupported("EXPLAIN writes text and JSON");
      }
      bool json = explain->format == sql::ExplainStatement::Format::kJson;
      // Who cuts it takes the query as it is.
      lead = explain->distributed ? ""
             : explain->analyze   ? json ? "EXPLAIN (ANALYZE, FORMAT JSON) " : "EXPLAIN ANALYZE "
             : json               ? "EXPLAIN (FORMAT JSON) "
                                  : "EXPLAIN ";
    }
    auto parsed = ParseQueryWithin(lead, query->text, sql::CommandOf(own));
    if (!parsed.ok()) {
      Status status = parsed.status();
      if (status.position() && *status.position() >= lead.size()) {
        status = Status(status).WithPosition(*status.position() - lead.size() + inner_offset);
      }
      return status;
    }
    inner = *std::move(parsed);
  }
  return std::optional(
      Statement(std::move(own), std::string(text), offset, std::move(inner), inner_offset));
}

Result<engine::ParsedStatement> Session::ParseQueryWithin(const std::string& lead,
                                                          const std::string& query,
                                                          const std::string& command) {
  SKEIN_ASSIGN_OR_RETURN(auto own, sql::Recognise(query));
  if (own) {
    return Status(StatusCode::kInvalidArgument, "42601",
                  command + " takes a query, not " + sql::CommandOf(*own))
        .WithPosition(lead.size());
  }
  SKEIN_ASSIGN_OR_RETURN(auto parsed, connection_->Parse(lead + query));
  if (parsed.size() != 1) return errors::Syntax(command + " takes one query");
  return std::move(parsed[0]);
}

void Session::ReportNotRun(const std::string& command, const std::string& sql,
                           Clock::time_point started, const Status& why) {
  services_->observer->RunStarted(identity_.door);
  RunRecord record;
  record.query_id = NewId();
  record.session_id = id_;
  record.user = identity_.user;
  record.door = identity_.door;
  record.peer = identity_.peer;
  record.command = command;
  record.sql = sql;
  record.duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started);
  record.status = why;
  services_->observer->RunEnded(record);
}

Result<std::shared_ptr<Prepared>> Session::Prepare(Statement statement,
                                                   const std::vector<std::string>& declared_types) {
  const auto started = Clock::now();
  std::shared_ptr<Prepared> prepared(new Prepared(std::move(statement)));
  auto cancel = std::make_shared<CancelToken>();
  Timer::Id timeout = 0;
  auto prepare = [&]() -> Status {
    SKEIN_RETURN_IF_ERROR(CheckNotFailed(prepared->own()));
    if (!prepared->statement_.inner_) {
      if (const auto* execute = std::get_if<sql::ExecuteStatement>(prepared->own())) {
        SKEIN_ASSIGN_OR_RETURN(auto named, FindNamed(execute->name));
        prepared->target_ = named->prepared;
        return Status::OK();
      }
      SKEIN_ASSIGN_OR_RETURN(prepared->own_schema_, OwnSchema(*prepared->own()));
      return Status::OK();
    }
    SKEIN_RETURN_IF_ERROR(StartClock(cancel, &timeout));
    SKEIN_RETURN_IF_ERROR(DetachOpenResult(cancel));
    return PrepareInner(*prepared, declared_types, cancel);
  };
  Status status = UnknownSetting(*prepared, prepare());
  StopClock(cancel, timeout);
  if (!status.ok()) {
    FailTransaction();
    ReportNotRun(prepared->command(), prepared->log_text(), started, status);
    return status;
  }
  return prepared;
}

Result<std::shared_ptr<arrow::Schema>> Session::Describe(const std::string& query) {
  SKEIN_RETURN_IF_ERROR(CheckNotFailed(nullptr));
  auto describe = [&]() -> Result<std::shared_ptr<arrow::Schema>> {
    SKEIN_ASSIGN_OR_RETURN(auto statements, Parse(query));
    SKEIN_ASSIGN_OR_RETURN(auto prepared, Prepare(std::move(statements.at(0))));
    return prepared->schema();
  };
  auto schema = describe();
  if (!schema.ok() && connection_->transaction_state() != engine::TransactionState::kIdle) {
    // Nothing ran.
    connection_->Revive();
    transaction_.failed = false;
  }
  return schema;
}

Status Session::PrepareInner(Prepared& prepared, const std::vector<std::string>& declared_types,
                             const std::shared_ptr<CancelToken>& cancel) {
  const sql::SessionStatement* own = prepared.own();
  engine::ParsedStatement inner = *std::move(prepared.statement_.inner_);
  prepared.statement_.inner_.reset();
  bool named = own && (std::holds_alternative<sql::DeclareStatement>(*own) ||
                       std::holds_alternative<sql::PrepareStatement>(*own));
  const std::vector<std::string>* types = &declared_types;
  if (named) {
    // What a client calls the types of a statement that PREPARE names, it says there.
    if (const auto* prepare = std::get_if<sql::PrepareStatement>(own)) types = &prepare->types;
    prepared.target_.reset(new Prepared(Statement(std::move(inner), 0)));
    inner = *std::move(prepared.target_->statement_.inner_);
    prepared.target_->statement_.inner_.reset();
  }
  auto made = connection_->Prepare(std::move(inner), *types, cancel);
  if (!made.ok()) {
    Status status = made.status();
    if (named && status.position())
      status = Status(status).WithPosition(*status.position() + prepared.statement_.inner_offset_);
    return status;
  }
  (named ? prepared.target_->engine_ : prepared.engine_) = *std::move(made);
  if (own && !prepared.shown()) {
    const auto* explain = std::get_if<sql::ExplainStatement>(own);
    if (explain && explain->plain && connection_->dialect() != engine::Dialect::kPostgres) {
      // Where it is DuckDB's statement it has DuckDB's columns.
      prepared.own_schema_ = TextSchema({"explain_key", "explain_value"});
    } else {
      SKEIN_ASSIGN_OR_RETURN(prepared.own_schema_, OwnSchema(*own));
    }
  }
  return Status::OK();
}

Status Session::UnknownSetting(const Prepared& prepared, Status status) const {
  const sql::SessionStatement* own = prepared.own();
  if (status.ok() || !own) return status;
  const auto* set = std::get_if<sql::SetStatement>(own);
  const auto* show = std::get_if<sql::ShowStatement>(own);
  // The engine says that it is locked, or no table; the client asked for a setting.
  bool unknown = (set && status.code() == StatusCode::kPermissionDenied && set->name != "all" &&
                  !SettingStore::Owns(set->name) && !connection_->setting(set->name)) ||
                 (show && status.sqlstate() == "42P01");
  if (!unknown) return status;
  return Status(StatusCode::kNotFound, "42704",
                "unrecognized configuration parameter \"" + (set ? set->name : show->name) + "\"");
}

Status Session::StartClock(const std::shared_ptr<CancelToken>& cancel, Timer::Id* timeout) {
  {
    std::lock_guard lock(mu_);
    if (!terminated_.ok()) return terminated_;
    current_ = cancel;
  }
  if (Deadline deadline = StatementDeadline()) {
    *timeout = services_->timer->At(*deadline, [cancel] {
      cancel->Cancel(errors::TimedOut("canceling statement due to statement timeout"));
    });
  }
  return Status::OK();
}

void Session::StopClock(const std::shared_ptr<CancelToken>& cancel, Timer::Id timeout) {
  if (timeout) services_->timer->Remove(timeout);
  std::lock_guard lock(mu_);
  if (current_ == cancel) current_.reset();
}

Status Session::DetachOpenResult(const std::shared_ptr<CancelToken>& cancel) {
  if (!open_) return Status::OK();
  // Who cancels the statement that waits for this ends what it waits for.
  CancelToken::Registration registration;
  if (cancel) {
    registration = cancel->OnCancel([drained = open_->cancel_] {
      drained->Cancel(errors::Cancelled("canceling statement due to user request"));
    });
  }
  auto stream = std::move(open_->stream_);
  auto spooled = results::Spool(std::move(stream), services_->spool_dir, services_->max_spool_size);
  if (!spooled.ok()) {
    open_->End(spooled.status());
    open_ = nullptr;
    return spooled.status();
  }
  open_->stream_ = *std::move(spooled);
  open_ = nullptr;
  return cancel && cancel->cancelled() ? cancel->status() : Status::OK();
}

const Session::Settings& Session::settings() {
  if (settings_ && settings_as_of_ == store_.version()) return *settings_;
  settings_as_of_ = store_.version();
  Settings settings;
  settings.time_zone = connection_->time_zone();
  settings.extra_float_digits =
      std::atoi(connection_->setting("extra_float_digits").value_or("1").c_str());
  settings.bytea_hex = connection_->setting("bytea_output").value_or("hex") != "escape";
  settings.statement_timeout = std::chrono::milliseconds(
      engine::SettingMilliseconds(connection_->setting("statement_timeout").value_or("0")));
  registration_->entry().SetApplicationName(connection_->setting("application_name").value_or(""));
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

void Session::TellNames() {
  if (!registration_->entry().names_wanted()) return;
  engine::SessionEntry::Names names;
  for (const auto& [name, statement] : named_) {
    if (name.empty()) continue;
    auto& told = names.statements.emplace_back();
    told.name = name;
    told.text = statement->text;
    told.made = statement->made;
    for (const auto& parameter : statement->parameters)
      told.parameter_types.push_back(parameter.oid);
    told.from_sql = statement->from_sql;
  }
  for (const auto& [name, cursor] : cursors_) {
    const Cursor::Options& options = cursor->options();
    names.cursors.push_back(
        {name, cursor->text(), cursor->created(), options.hold, options.binary, options.scroll});
  }
  registration_->entry().SetNames(std::move(names));
}

Result<std::unique_ptr<Execution>> Session::Execute(
    std::shared_ptr<Prepared> prepared, const std::vector<engine::BoundValue>& parameters) {
  std::unique_ptr<Execution> execution(new Execution(this, std::move(prepared)));
  services_->running.fetch_add(1);
  services_->observer->RunStarted(identity_.door);
  registration_->entry().Begin(execution->prepared_->log_text());
  TellNames();
  auto run = [&]() -> Status {
    const sql::SessionStatement* own = execution->prepared_->own();
    SKEIN_RETURN_IF_ERROR(CheckNotFailed(own));
    SKEIN_RETURN_IF_ERROR(StartClock(execution->cancel_, &execution->timeout_));
    if (own) return RunOwn(*execution, parameters);
    return RunEngine(*execution, *execution->prepared_->engine_, parameters);
  };
  if (Status status = UnknownSetting(*execution->prepared_, run()); !status.ok()) {
    FailTransaction();
    execution->End(status);
    return status;
  }
  if (!execution->stream_ && !execution->feed_) execution->End(Status::OK());
  return execution;
}

Result<engine::Outcome> Session::RunQuery(Execution& execution, engine::Prepared& prepared,
                                          const std::vector<engine::BoundValue>& parameters) {
  if (services_->distributed && prepared.returns() != engine::Returns::kNothing &&
      (prepared.read_only() || prepared.command() == "COPY" || prepared.command() == "INSERT" ||
       prepared.command() == "CREATE TABLE AS")) {
    SKEIN_ASSIGN_OR_RETURN(
        auto outcome,
        services_->distributed->TryExecute(*connection_, prepared, parameters, execution.cancel_));
    if (outcome) return *std::move(outcome);
  }
  return connection_->Execute(prepared, parameters, execution.cancel_);
}

Status Session::RunEngine(Execution& execution, engine::Prepared& prepared,
                          const std::vector<engine::BoundValue>& parameters) {
  SKEIN_RETURN_IF_ERROR(CheckMayWrite(prepared, prepared.command()));
  SKEIN_RETURN_IF_ERROR(DetachOpenResult(execution.cancel_));
  transaction_.queried = true;
  // Also one that fails may have written a part.
  if (!prepared.read_only()) ++writes_;
  auto outcome = RunQuery(execution, prepared, parameters);
  if (MayChangeSettings(prepared.command())) settings_.reset();
  if (!outcome.ok()) {
    // Class 23 is a constraint, class 22 a value: both are found before rows are written.
    std::string sqlstate = outcome.status().sqlstate();
    if (prepared.all_or_nothing() && (sqlstate.starts_with("23") || sqlstate.starts_with("22")))
      --writes_;
    return outcome.status();
  }
  execution.changed_rows_ = outcome->changed_rows;
  if (outcome->rows) {
    execution.stream_ = std::move(outcome->rows);
    open_ = &execution;
  }
  return Status::OK();
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

Status Session::Set(const std::string& name, const std::string& value) {
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  if (SettingStore::Owns(sql::LowerAscii(name))) return store_.ApplyStartup(name, value);
  SKEIN_ASSIGN_OR_RETURN(auto statements,
                         Parse("SET " + sql::QuoteName(name) + " = " + sql::QuoteLiteral(value)));
  SKEIN_ASSIGN_OR_RETURN(auto prepared, Prepare(std::move(statements.at(0))));
  return Execute(std::move(prepared)).status();
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
