#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/connection.h"
#include "results/batch_stream.h"
#include "session/services.h"
#include "session/setting_store.h"
#include "session/statement.h"

namespace skein::session {

/// Who is at the other end, as the door found out.
struct Identity {
  std::string user;
  /// "pg", "flight", "http", "sql".
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
  /// Rows inserted, updated, ... when the statement says so.
  std::optional<int64_t> changed_rows() const { return changed_rows_; }
  /// What was done, as PostgreSQL names it; COMMIT of a failed transaction is "ROLLBACK".
  const std::string& command() const { return command_; }
  /// A warning for the client, such as BEGIN within a transaction; OK when there is none.
  const Status& notice() const { return notice_; }
  /// Rows pulled so far.
  int64_t rows() const { return rows_; }

  const std::shared_ptr<arrow::Schema>& schema() const override;
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override;

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
  std::unique_ptr<results::BatchStream> stream_;
  Status broken_;
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
                                               Identity identity);
  ~Session();

  const std::string& id() const { return id_; }
  const Identity& identity() const { return identity_; }

  /// All statements of `sql`, in order. An error anywhere is an error of the whole, with its
  /// position in `sql`.
  Result<std::vector<Statement>> Parse(const std::string& sql);
  /// Errors have their position in the statement's text.
  Result<std::shared_ptr<Prepared>> Prepare(Statement statement,
                                            const std::vector<std::string>& declared_types = {});
  Result<std::unique_ptr<Execution>> Execute(
      std::shared_ptr<Prepared> prepared, const std::vector<engine::BoundValue>& parameters = {});

  /// Parse, Prepare and Execute of all statements in `sql`; the last one's run is returned, the
  /// earlier ones ran to their end. Empty text is a syntax error.
  Result<std::unique_ptr<Execution>> ExecuteScript(const std::string& sql);

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
    uint64_t writes = 0;  ///< writes_ when it was made
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

  // own_statements.cpp
  /// The schema of what an own statement gives; null when it gives no rows.
  Result<std::shared_ptr<arrow::Schema>> OwnSchema(const sql::SessionStatement& own);
  Status RunOwn(Execution& execution, const std::vector<engine::BoundValue>& parameters);
  Status RunShow(Execution& execution, const sql::ShowStatement& show);
  Status RunSet(Execution& execution, const sql::SetStatement& set);
  Status RunDiscard(Execution& execution, const sql::DiscardStatement& discard);
  Status DropTemporaryObjects();

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

  /// A statement that never ran (it could not be parsed or bound) has its line in the log too.
  void ReportNotRun(const std::string& command, const std::string& sql, const Status& why);
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
