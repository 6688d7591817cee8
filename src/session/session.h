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
  const engine::Prepared& prepared() const { return *prepared_; }
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
  Execution(Session* session, std::shared_ptr<engine::Prepared> prepared);
  void End(const Status& status);

  Session* session_;
  std::shared_ptr<engine::Prepared> prepared_;
  std::string command_;
  Status notice_;
  std::string id_;
  Clock::time_point started_ = Clock::now();
  std::shared_ptr<CancelToken> cancel_ = std::make_shared<CancelToken>();
  Timer::Id timeout_ = 0;
  std::unique_ptr<results::BatchStream> stream_;
  std::optional<int64_t> changed_rows_;
  int64_t rows_ = 0;
  size_t bytes_ = 0;
  bool ended_ = false;
};

/// One client's conversation: identity, settings, credentials, transaction, and the one call every
/// door makes.
///
/// Lifecycle: Open, any number of Prepare and Execute, destroy. Used by one thread at a time,
/// except CancelCurrent and Terminate. Executions and prepared statements must be gone before their
/// session.
///
/// DuckDB keeps one result open for each connection. When a statement starts while an earlier
/// result is still being read, that result is first drained into a spool (memory, then a file) so
/// that its reader notices nothing.
class Session {
 public:
  static Result<std::unique_ptr<Session>> Open(std::shared_ptr<Services> services,
                                               Identity identity);
  ~Session();

  const std::string& id() const { return id_; }
  const Identity& identity() const { return identity_; }

  Result<std::vector<engine::ParsedStatement>> Parse(const std::string& sql);
  Result<std::shared_ptr<engine::Prepared>> Prepare(
      engine::ParsedStatement statement, const std::vector<std::string>& declared_types = {});
  Result<std::unique_ptr<Execution>> Execute(
      std::shared_ptr<engine::Prepared> prepared,
      const std::vector<engine::BoundValue>& parameters = {});

  /// Parse, Prepare and Execute of all statements in `sql`; the last one's run is returned, the
  /// earlier ones ran to their end. Empty text is a syntax error.
  Result<std::unique_ptr<Execution>> ExecuteScript(const std::string& sql);

  /// Several statements of one request are one transaction, as in PostgreSQL: starts one unless one
  /// is open, and the statement about to run (`verb`) is about transactions itself.
  Status BeginImplicit(engine::TransactionVerb verb);
  /// Ends what BeginImplicit started: commits when `ok`, else rolls back. Nothing to do when none
  /// is open.
  Status EndImplicit(bool ok);

  engine::TransactionState transaction_state() const { return connection_->transaction_state(); }
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
  std::optional<std::string> setting(const std::string& name) const {
    return connection_->setting(name);
  }
  Status Set(const std::string& name, const std::string& value);

  /// Ends the statement that runs now, if any. Thread-safe; a statement started later is not
  /// touched.
  bool CancelCurrent(Status reason);
  /// As CancelCurrent, and every statement after it fails with `reason` too. Thread-safe.
  void Terminate(Status reason);

 private:
  friend class Execution;
  Session(std::shared_ptr<Services> services, Identity identity,
          std::unique_ptr<engine::Connection> connection);
  /// BEGIN, COMMIT and ROLLBACK as PostgreSQL answers them where DuckDB would refuse. True when
  /// that was all there is to do; else the statement is the engine's to run.
  Result<bool> HandleTransactionVerb(Execution& execution);
  /// A statement that never ran (it could not be parsed or bound) has its line in the log too.
  void ReportNotRun(const std::string& command, const std::string& sql, const Status& why);
  /// Makes room for a new statement: an open result is drained into a spool.
  Status DetachOpenResult();
  Deadline StatementDeadline();

  std::shared_ptr<Services> services_;
  Identity identity_;
  std::string id_;
  std::unique_ptr<engine::Connection> connection_;
  Execution* open_ = nullptr;  ///< the execution whose stream the engine still feeds
  bool implicit_ = false;
  std::optional<Settings> settings_;

  std::mutex mu_;
  std::shared_ptr<CancelToken> current_;  // guarded by mu_
  Status terminated_;                     // guarded by mu_
};

}  // namespace skein::session
