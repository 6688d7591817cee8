#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "duckdb/main/database.hpp"

#include "engine/arrow_batch_builder.h"
#include "engine/attachments.h"
#include "engine/column_origins.h"
#include "engine/engine.h"
#include "engine/session_directory.h"
#include "engine/session_secrets.h"
#include "engine/statement.h"
#include "engine/task_threads.h"

namespace duckdb {
class PreparedStatement;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

inline constexpr char kDialectSetting[] = "sql_dialect";

struct ParsedStatement::Impl {
  /// What has to run before it: a PIVOT's values are gathered into a type of its own.
  duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>> before;
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
  std::string text;
  std::string log_text;
  std::string command;
  TransactionVerb verb = TransactionVerb::kNone;
  /// `statement` is run by AddColumn (added_column.h), with NOT NULL or without.
  bool adds_column = false;
  bool not_null = false;
  /// Several objects to drop (dropped_objects.h); `statement` is the first.
  duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>> drops;
  /// LOAD of what is loaded: succeeds without the engine.
  bool no_op = false;
};

struct Prepared::Impl {
  ParsedStatement::Impl parsed;
  /// Of one over the catalogue, the connection's as well (catalog_plans.h).
  std::shared_ptr<duckdb::PreparedStatement> prepared;
  /// For the parameters that a plan over the catalogue has and the statement has not.
  duckdb::vector<duckdb::Value> catalog_values;
  Returns returns = Returns::kNothing;
  bool read_only = true;
  bool temporary_only = false;
  bool all_or_nothing = false;
  bool ordered = false;
  int64_t estimated_bytes = 0;
  bool single_row = false;
  /// parsed.before ran and nothing has used it yet.
  bool before_is_fresh = false;
  /// Binds when it runs: what it needs does not exist before.
  bool numbers_columns = false;
  /// When it was bound, and after how many runs of the connection.
  uint64_t bound_after_runs = 0;
  Clock::time_point bound_at;
  duckdb::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> parameter_types;
  std::vector<std::string> parameter_type_names;
  std::vector<uint32_t> parameter_oids;
  std::vector<ColumnOrigin> origins;
  std::shared_ptr<const ArrowShape> shape;
};

class EngineImpl : public Engine, public std::enable_shared_from_this<EngineImpl> {
 public:
  explicit EngineImpl(Options options) : options_(std::move(options)) {}
  /// Throws DuckDB's exceptions.
  void Open();

  Result<std::unique_ptr<Connection>> Connect(const ConnectionOptions& options) override;
  Memory memory() const override;

  const Options& options() const { return options_; }
  duckdb::DuckDB& db() { return *db_; }
  SessionSecrets* secrets() { return secrets_; }
  Attachments& attachments() { return attachments_; }
  const std::shared_ptr<SessionDirectory>& directory() const { return directory_; }
  TaskThreads& task_threads() { return *task_threads_; }
  /// What the settings are, that a session may set and the run of a plan may depend on, before it
  /// sets them. Thread-safe.
  const std::map<std::string, std::string>& fresh_settings();

 private:
  Options options_;
  Attachments attachments_;
  std::unique_ptr<duckdb::DuckDB> db_;
  std::unique_ptr<TaskThreads> task_threads_;
  std::shared_ptr<SessionDirectory> directory_ = std::make_shared<SessionDirectory>();
  std::once_flag fresh_once_;
  std::map<std::string, std::string> fresh_settings_;  // const after fresh_once_
  SessionSecrets* secrets_ = nullptr;                  // owned by DuckDB's secret manager
};

/// Makes a connection of `engine`; the engine lives at least as long.
std::unique_ptr<Connection> MakeConnection(std::shared_ptr<EngineImpl> engine,
                                           const ConnectionOptions& options);

}  // namespace skein::engine
