#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/connection.h"
#include "results/batch_stream.h"
#include "session/copy_feed.h"
#include "session/cursor.h"
#include "session/services.h"
#include "session/setting_store.h"
#include "session/statement.h"

namespace skein::session {

/// Who is at the other end, as the door found out.
struct Identity {
  std::string user;
  /// "pg", "flightsql", "http", "sql".
  std::string door;
  /// Address and port, as the log shows it.
  std::string peer;
};

class Session;

/// One run of a statement, from the moment it is asked for to the last row taken: the span that the
/// query log, the metrics and the cancel token cover.
///
/// When it ends (the last batch was pulled, an error came, or it is destroyed early) one line is
/// logged. A run that returns no rows has ended when Execute returns. Single consumer.
class Execution : public results::BatchStream {
 public:
  ~Execution() override;

  const std::string& id() const { return id_; }
  const Prepared& prepared() const { return *prepared_; }
  bool returns_rows() const { return stream_ != nullptr; }
  /// COPY ... TO STDOUT: the rows are to be written in this layout; else nullptr.
  const results::CopyLayout* copy_out() const { return copy_out_ ? &*copy_out_ : nullptr; }
  /// COPY ... FROM STDIN: what takes the client's data, until FinishFeed; else nullptr.
  const CopyFeed* feed() const { return feed_.get(); }
  /// Rows inserted, updated, ... when the statement says so.
  std::optional<int64_t> changed_rows() const { return changed_rows_; }
  /// What was done, as PostgreSQL names it; COMMIT of a failed transaction is "ROLLBACK".
  const std::string& command() const { return command_; }
  /// A warning for the client, such as BEGIN within a transaction; OK when there is none.
  const Status& notice() const { return notice_; }
  /// Rows pulled so far.
  int64_t rows() const { return rows_; }
  /// Rows of a BINARY cursor: where the protocol leaves the choice, they go out in binary.
  bool binary() const { return binary_; }

  /// The client takes no more rows for now: until Resume neither a timeout nor CancelCurrent
  /// reaches it.
  void Pause();
  Status Resume();

  const std::shared_ptr<arrow::Schema>& schema() const override;
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override;

  /// A piece of the client's data. Precondition of both: feed(). After an error Fail is to be
  /// called.
  Status Feed(std::string_view bytes);
  /// There is no more of it: what was fed is in the table, and the run has ended.
  Status FinishFeed();

  /// Rows of an ingest. Precondition of both: Session::Ingest made it. After an error Fail is to be
  /// called.
  Status Append(const std::shared_ptr<arrow::RecordBatch>& batch);
  /// There are no more: all of them are in the table, and the run has ended.
  Status FinishIngest();

  /// The door counts what it sent, for the log.
  void AddBytesSent(size_t bytes) { bytes_ += bytes; }
  /// The client stopped reading on purpose: the log shows success, not a loss.
  void Finish() { End(Status::OK()); }
  /// Something after the engine failed (encoding, the socket): the log shows it.
  void Fail(const Status& status) { End(status); }

  /// Thread-safe.
  CancelToken& cancel() { return *cancel_; }

 private:
  friend class Session;
  Execution(Session* session, std::shared_ptr<Prepared> prepared);
  void End(const Status& status);
  /// What it still had to give is gone: `why` is what its reader is told.
  void Break(const Status& why);

  Session* session_;
  std::shared_ptr<Prepared> prepared_;
  std::string command_;
  Status notice_;
  std::string id_;
  Clock::time_point started_ = Clock::now();
  std::shared_ptr<CancelToken> cancel_ = std::make_shared<CancelToken>();
  Timer::Id timeout_ = 0;
  std::optional<results::CopyLayout> copy_out_;
  std::unique_ptr<engine::Prepared> copied_;  ///< the query of COPY ... TO STDOUT
  std::unique_ptr<CopyFeed> feed_;
  std::unique_ptr<engine::TableIngest> ingest_;
  std::unique_ptr<results::BatchStream> stream_;
  Status broken_;
  /// When it is not the prepared statement's: FETCH and EXECUTE find theirs as they run.
  std::shared_ptr<arrow::Schema> schema_;
  bool binary_ = false;
  std::optional<int64_t> changed_rows_;
  int64_t rows_ = 0;
  size_t bytes_ = 0;
  bool ended_ = false;
};

/// One client's conversation: identity, settings, credentials, transaction, and the one call every
/// door makes.
///
/// Lifecycle: Open, any number of Parse, Prepare and Execute, destroy. Used by one thread at a
/// time, except CancelCurrent and Terminate. Executions and prepared statements must be gone before
/// their session.
///
/// Statements about the session itself (settings, transactions, cursors; sql/session_statement.h)
/// are run here, everything else by the engine; doors see no difference.
///
/// DuckDB keeps one result open for each connection. When a statement starts while an earlier
/// result is still being read, that result is first drained into a spool (memory, then a file) so
/// that its reader notices nothing.
///
/// Transactions are PostgreSQL's: any error fails an open one, and then all that can be done is to
/// end it or to go back to a savepoint. Every transaction sees one snapshot (DuckDB's snapshot
/// isolation, which PostgreSQL calls repeatable read), whatever level is asked for. A savepoint is
/// a mark: going back to it is possible as long as nothing was written since.
class Session {
 public:
  static Result<std::unique_ptr<Session>> Open(std::shared_ptr<Services> services,
                                               Identity identity,
                                               const engine::ConnectionOptions& options = {});
  ~Session();

  const std::string& id() const { return id_; }
  const Identity& identity() const { return identity_; }

  /// All statements of `sql`, in order. An error anywhere is an error of the whole, with its
  /// position in `sql`.
  Result<std::vector<Statement>> Parse(const std::string& sql);
  /// Errors have their position in the statement's text.
  Result<std::shared_ptr<Prepared>> Prepare(Statement statement,
                                            const std::vector<std::string>& declared_types = {});
  /// The columns of a query of ours about something of the client's. That it cannot be bound fails
  /// no transaction.
  Result<std::shared_ptr<arrow::Schema>> Describe(const std::string& query);
  Result<std::unique_ptr<Execution>> Execute(
      std::shared_ptr<Prepared> prepared, const std::vector<engine::BoundValue>& parameters = {});

  /// Starts to put Arrow batches of `schema` into a table, made if the target says so: the run
  /// takes them by Append and ends with FinishIngest. Precondition: a transaction is open
  /// (BeginImplicit); no other statement may run meanwhile.
  Result<std::unique_ptr<Execution>> Ingest(const engine::IngestTarget& target,
                                            const arrow::Schema& schema);

  /// Parse, Prepare and Execute of all statements in `sql`; the last one's run is returned, the
  /// earlier ones ran to their end. Empty text is a syntax error.
  Result<std::unique_ptr<Execution>> ExecuteScript(const std::string& sql);

  /// The schema of what `prepared` would give now. FETCH and EXECUTE go by names, whose meaning may
  /// have changed since they were prepared.
  const std::shared_ptr<arrow::Schema>& Describe(Prepared& prepared);

  /// Prepared statements by name, those of PREPARE and the protocol's alike; "" is the protocol's
  /// unnamed one.
  using NamedStatements = std::map<std::string, std::shared_ptr<NamedStatement>, std::less<>>;
  /// A type that somebody made by its number; 42704 for none.
  Result<engine::UserType> FindUserType(uint32_t oid) { return connection_->FindUserType(oid); }
  NamedStatements& named_statements() { return named_; }
  /// All but the unnamed one.
  void DeallocateAll();

  /// The cursor or portal of that name; nullptr when there is none.
  std::shared_ptr<Cursor> FindCursor(std::string_view name) const;
  /// A portal of the protocol; 42P03 when the name is taken. The unnamed one is its caller's alone.
  Result<std::shared_ptr<Cursor>> OpenPortal(const std::string& name,
                                             std::shared_ptr<Prepared> prepared,
                                             std::vector<engine::BoundValue> parameters);
  /// Closes the cursor or portal of that name, if there is one.
  void CloseCursor(std::string_view name);
  /// What lives no longer than its transaction, when there was none.
  void ClosePortals();
  const std::string& spool_dir() const { return services_->spool_dir; }

  /// Several statements of one request are one transaction, as in PostgreSQL: starts one unless one
  /// is open, and the statement about to run (`verb`) is about transactions itself.
  Status BeginImplicit(engine::TransactionVerb verb);
  /// Ends what BeginImplicit started: commits when `ok`, else rolls back. Nothing to do when none
  /// is open.
  Status EndImplicit(bool ok);

  engine::TransactionState transaction_state() const;
  /// An error that came of no statement of this session (a message that made no sense) fails an
  /// open transaction too.
  void FailTransaction();
  /// Idle for the client's eyes: an implicit transaction does not show.
  engine::TransactionState visible_transaction_state() const;
  /// The session's time zone, as TIMESTAMPTZ is to be shown in.
  const std::string& time_zone() { return settings().time_zone; }
  /// Settings that are asked for with every statement, read once and again after a statement that
  /// may change them.
  struct Settings {
    std::string time_zone;
    int extra_float_digits = 1;
    bool bytea_hex = true;
    std::chrono::milliseconds statement_timeout{0};
  };
  const Settings& settings();
  /// As SHOW gives it; `name` in lower case. nullopt when there is none.
  std::optional<std::string> setting(const std::string& name) const { return store_.Show(name); }
  /// Changes whenever a setting may have changed.
  uint64_t settings_version() const { return store_.version(); }
  /// A setting of the connection's start: RESET goes back to it.
  Status Set(const std::string& name, const std::string& value);

  /// How far the statement that runs now is. Thread-safe.
  engine::Progress progress() const { return connection_->GetProgress(); }
  /// Ends the statement that runs now, if any. Thread-safe; a statement started later is not
  /// touched.
  bool CancelCurrent(Status reason);
  /// What pg_backend_pid() says, and pg_stat_activity calls it.
  int32_t backend_pid() const { return registration_->entry().pid; }
  /// As CancelCurrent, and every statement after it fails with `reason` too. Thread-safe.
  void Terminate(Status reason);

 private:
  friend class Execution;
  Session(std::shared_ptr<Services> services, Identity identity,
          std::unique_ptr<engine::Connection> connection);
  struct Savepoint {
    std::string name;
    uint64_t writes = 0;   ///< writes_ when it was made
    uint64_t cursors = 0;  ///< cursors_opened_ when it was made
    bool read_only = false;
    SettingStore::Mark settings;
  };
  struct Transaction {
    bool read_only = false;
    /// A statement ran in it: its modes are fixed.
    bool queried = false;
    /// An error that the engine has not seen failed it.
    bool failed = false;
    std::vector<Savepoint> savepoints;
  };

  // session.cpp
  /// nullopt: the text holds none after all.
  Result<std::optional<Statement>> ParseOne(std::string_view text, size_t offset);
  /// nullopt: the engine's parser is to see it.
  Result<std::optional<Statement>> ParseOwn(sql::SessionStatement own, std::string_view text,
                                            size_t offset);
  Result<engine::ParsedStatement> ParseQueryWithin(const std::string& lead,
                                                   const std::string& query,
                                                   const std::string& command);
  /// Makes `cancel` what CancelCurrent ends, with its timeout. Not OK when the session is over.
  Status StartClock(const std::shared_ptr<CancelToken>& cancel, Timer::Id* timeout);
  void StopClock(const std::shared_ptr<CancelToken>& cancel, Timer::Id timeout);
  /// 25P02 when the transaction failed and `own` is not about ending it.
  Status CheckNotFailed(const sql::SessionStatement* own) const;
  /// An error of SET or SHOW that means that there is no such setting, in these words.
  Status UnknownSetting(const Prepared& prepared, Status status) const;
  Status RunEngine(Execution& execution, engine::Prepared& prepared,
                   const std::vector<engine::BoundValue>& parameters);

  /// Runs it over the cluster when there is one and that is worth it, else on the own engine.
  Result<engine::Outcome> RunQuery(Execution& execution, engine::Prepared& prepared,
                                   const std::vector<engine::BoundValue>& parameters);

  /// Gives the statement within its plan: DECLARE, PREPARE, EXPLAIN, SET of the engine's settings.
  Status PrepareInner(Prepared& prepared, const std::vector<std::string>& declared_types,
                      const std::shared_ptr<CancelToken>& cancel);

  // own_statements.cpp
  /// The schema of what an own statement gives; null when it gives no rows.
  Result<std::shared_ptr<arrow::Schema>> OwnSchema(const sql::SessionStatement& own);
  Status RunOwn(Execution& execution, const std::vector<engine::BoundValue>& parameters);
  Status RunShow(Execution& execution, const sql::ShowStatement& show);
  Status RunSet(Execution& execution, const sql::SetStatement& set);
  Status RunDiscard(Execution& execution, const sql::DiscardStatement& discard);
  Status DropTemporaryObjects();
  Status RunExplain(Execution& execution, const sql::ExplainStatement& explain,
                    const std::vector<engine::BoundValue>& parameters);

  // named_statements.cpp
  /// 26000 when there is none, or it is none that EXECUTE could run.
  Result<std::shared_ptr<NamedStatement>> FindNamed(const std::string& name) const;
  Status RunPrepare(Execution& execution, const sql::PrepareStatement& prepare);
  Status RunExecute(Execution& execution, const sql::ExecuteStatement& execute);
  Status RunDeallocate(const sql::DeallocateStatement& deallocate);
  Result<std::vector<engine::BoundValue>> Evaluate(Execution& execution,
                                                   const sql::ExecuteStatement& execute,
                                                   const std::vector<std::string>& types);

  // cursor_statements.cpp
  Status RunDeclare(Execution& execution, const sql::DeclareStatement& declare,
                    const std::vector<engine::BoundValue>& parameters);
  Status RunFetch(Execution& execution, const sql::FetchStatement& fetch);
  Status RunClose(const sql::CloseStatement& close);
  /// At the end of a transaction.
  void CloseCursors(bool commit);
  void CloseCursorsSince(uint64_t mark);

  // copy.cpp
  Status RunCopy(Execution& execution, const sql::CopyStatement& copy);

  // transactions.cpp
  Status RunBegin(Execution& execution, const sql::BeginStatement& begin);
  Status RunEnd(Execution& execution, bool commit, bool chain);
  Status RunSetTransaction(Execution& execution, const sql::SetTransactionStatement& set);
  Status RunSavepoint(const sql::SavepointStatement& savepoint);
  Status RunRollbackTo(const sql::RollbackToStatement& rollback);
  Status RunRelease(const sql::ReleaseStatement& release);
  Status StartTransaction(const sql::TransactionModes& modes);
  /// Commits or rolls back what is open, and what goes with it.
  Status FinishTransaction(bool commit);
  Status ApplyModes(Execution& execution, const sql::TransactionModes& modes);
  /// 25006 in a read-only transaction.
  Status CheckMayWrite(const engine::Prepared& prepared, const std::string& command) const;
  bool InBlock() const;
  Result<size_t> FindSavepoint(const std::string& name) const;

  /// For pg_prepared_statements and pg_cursors, once a statement has asked for them.
  void TellNames();
  /// A statement that never ran (it could not be parsed or bound) has its line in the log too.
  void ReportNotRun(const std::string& command, const std::string& sql, Clock::time_point started,
                    const Status& why);
  /// Makes room for a new statement: an open result is drained into a spool. A cancel of that
  /// statement meanwhile ends the result too.
  Status DetachOpenResult(const std::shared_ptr<CancelToken>& cancel = nullptr);
  Deadline StatementDeadline();

  std::shared_ptr<Services> services_;
  Identity identity_;
  std::string id_;
  std::unique_ptr<engine::Connection> connection_;
  Execution* open_ = nullptr;  ///< the execution whose stream the engine still feeds
  bool implicit_ = false;
  Transaction transaction_;
  /// Statements that changed something, for savepoints to compare.
  uint64_t writes_ = 0;
  SettingStore store_;
  NamedStatements named_;
  std::map<std::string, std::shared_ptr<Cursor>, std::less<>> cursors_;
  uint64_t cursors_opened_ = 0;
  /// settings(), as of settings_as_of_.
  std::optional<Settings> settings_;
  uint64_t settings_as_of_ = 0;

  std::mutex mu_;
  std::shared_ptr<CancelToken> current_;  // guarded by mu_
  Status terminated_;                     // guarded by mu_

  /// Our place among the engine's sessions. Last: other sessions may call us until it is gone.
  std::unique_ptr<engine::SessionRegistration> registration_;
};

}  // namespace skein::session
