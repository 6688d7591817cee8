#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/session_directory.h"
#include "engine/statement.h"
#include "engine/table_ingest.h"
#include "engine/table_writer.h"
#include "results/batch_stream.h"

namespace skein::engine {

/// Whose meaning statements have where PostgreSQL and DuckDB differ
/// (docs/postgresql-compatibility.md).
enum class Dialect { kDuckDb, kPostgres };

/// Whether a UNION travels as DuckDB's text of its value, or as Arrow's union, for a reader that
/// knows those.
enum class Unions { kText, kArrow };

/// What the reader of a connection's results is.
struct ConnectionOptions {
  /// What the session speaks until it sets sql_dialect.
  Dialect dialect = Dialect::kDuckDb;
  Unions unions = Unions::kText;
};

enum class TransactionState { kIdle, kOpen, kFailed };

/// What running a statement gave: a stream when it returns rows, a count when it changed some, else
/// neither.
struct Outcome {
  std::unique_ptr<results::BatchStream> rows;
  std::optional<int64_t> changed_rows;
};

/// A type that somebody made.
struct UserType {
  std::string name;
  bool array = false;
};

/// Whose session a connection is, for pg_stat_activity and current_user.
struct SessionIdentity {
  std::string user;
  /// "pg", "flightsql", "http", "sql".
  std::string door;
  /// Address and port.
  std::string peer;
  /// Cancels what the session runs, or ends the session. Called from other sessions' threads;
  /// returns false when there was nothing to stop.
  std::function<bool(Status reason, bool terminate)> stop;
};

struct Progress {
  /// 0 to 100, or below 0 when not known.
  double percent = -1;
  uint64_t rows_done = 0;
  uint64_t rows_total = 0;
};

/// One session's place in the engine: its settings, temporary tables, secrets and transaction.
///
/// One statement runs at a time and one result is open at a time: starting a statement ends an open
/// result early (the session sees to it that this never surprises anybody). Not thread-safe, except
/// GetProgress. Results and prepared statements must be gone before it.
class Connection {
 public:
  virtual ~Connection() = default;

  /// Enters the session into the engine's directory; call once, before the first statement. `stop`
  /// is called no more once the returned registration is gone.
  virtual std::unique_ptr<SessionRegistration> Identify(SessionIdentity identity) = 0;

  /// Splits `sql` into statements. Refuses, by kind, what a client may not do on this server.
  virtual Result<std::vector<ParsedStatement>> Parse(const std::string& sql) = 0;

  /// `declared_types`: DuckDB type names for $1, $2, ...; empty strings, or fewer than there are,
  /// are inferred. `cancel` ends it where the engine looks: while files are listed and between the
  /// steps of the optimizer.
  virtual Result<std::unique_ptr<Prepared>> Prepare(ParsedStatement statement,
                                                    const std::vector<std::string>& declared_types,
                                                    std::shared_ptr<CancelToken> cancel) = 0;

  /// Runs it. A statement that returns no rows has run to its end when this returns. `cancel` ends
  /// the run and, for as long as the returned stream lives, the stream.
  virtual Result<Outcome> Execute(Prepared& prepared, const std::vector<BoundValue>& parameters,
                                  std::shared_ptr<CancelToken> cancel) = 0;

  /// Runs a statement of our own (SET, DROP) that returns nothing.
  virtual Status Run(const std::string& sql) = 0;

  /// What the session attached is not there any more. Precondition: idle, none of it in use.
  virtual void DetachAll() = 0;

  /// A transaction that any error fails, as in PostgreSQL. Precondition: idle.
  virtual Status Begin() = 0;
  /// Precondition of both: not idle. A commit that fails has rolled back.
  virtual Status Commit() = 0;
  virtual Status Rollback() = 0;
  /// A failed transaction goes on. Precondition: what failed in it changed nothing, nor did
  /// anything after it; else half a statement would be committed.
  virtual void Revive() = 0;
  /// A type that somebody made by its number in pg_type; 42704 for none.
  virtual Result<UserType> FindUserType(uint32_t oid) = 0;
  /// A table, [catalog,] [schema,] name; 42P01 for what is none (a view, a file set).
  virtual Result<TableDescription> DescribeTable(const std::vector<std::string>& name) = 0;
  /// Starts to put rows into a table. `cancel` ends the inserts for as long as the writer lives;
  /// no other statement may run meanwhile.
  virtual Result<std::unique_ptr<TableWriter>> WriteTable(const WriteTarget& target,
                                                          std::shared_ptr<CancelToken> cancel) = 0;

  /// The same for Arrow batches of `schema`; makes the table when the target says so.
  virtual Result<std::unique_ptr<TableIngest>> IngestTable(const IngestTarget& target,
                                                           const arrow::Schema& schema,
                                                           std::shared_ptr<CancelToken> cancel) = 0;

  /// What the session speaks now.
  virtual Dialect dialect() const = 0;

  virtual TransactionState transaction_state() const = 0;
  /// The session's time zone, as TIMESTAMPTZ is to be shown in.
  virtual std::string time_zone() const = 0;
  /// Any setting of this session as text; nullopt when there is none of that name.
  virtual std::optional<std::string> setting(const std::string& name) const = 0;
  /// Goes up when a function (set_config) changed a setting, and when the end of a transaction took
  /// that back.
  virtual uint64_t setting_changes() const = 0;
  /// Thread-safe.
  virtual Progress GetProgress() const = 0;
};

}  // namespace skein::engine
