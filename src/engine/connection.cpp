#include "engine/connection.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/execution/operator/scan/physical_table_scan.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/main/settings.hpp"
#include "duckdb/main/valid_checker.hpp"
#include "duckdb/parser/parsed_data/create_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/multi_statement.hpp"
#include "duckdb/transaction/meta_transaction.hpp"
#include "duckdb/transaction/transaction_context.hpp"
#include <arrow/type.h>

#include "engine/added_column.h"
#include "engine/altered_view.h"
#include "engine/arrow_collector.h"
#include "engine/arrow_stream.h"
#include "engine/binding.h"
#include "engine/catalog_plans.h"
#include "engine/constraint_errors.h"
#include "engine/dropped_objects.h"
#include "engine/duckdb_error.h"
#include "engine/engine_impl.h"
#include "engine/file_sets.h"
#include "engine/grouped_keys.h"
#include "engine/insert_defaults.h"
#include "engine/native.h"
#include "engine/numbered_columns.h"
#include "engine/parameters.h"
#include "engine/plan_scans.h"
#include "engine/postgres_catalog/enum_oids.h"
#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/names.h"
#include "engine/postgres_catalog/session_state.h"
#include "engine/postgres_functions/declared_text.h"
#include "engine/postgres_functions/dialect.h"
#include "engine/postgres_functions/enum_texts.h"
#include "engine/postgres_functions/json_operators.h"
#include "engine/postgres_functions/numeric.h"
#include "engine/result_shape.h"
#include "engine/session_dialect.h"
#include "engine/show_tables.h"
#include "engine/single_row.h"
#include "engine/statement_facts.h"
#include "engine/statement_guard.h"
#include "engine/table_writer_impl.h"
#include "engine/truncated_table.h"
#include "engine/unnamed_index.h"

namespace skein::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

/// How old a plan over files may be at its first run: what a round trip takes between Parse and
/// Execute.
constexpr std::chrono::milliseconds kFreshlyBound{200};

/// How far the engine's threads work ahead while a batch is encoded and sent.
constexpr size_t kAheadBytes = size_t{8} << 20;

int64_t EstimateBytes(const duckdb::PreparedStatementData& data) {
  if (!data.physical_plan) return 0;
  double width = 0;
  for (const LogicalType& type : data.types) {
    auto physical = type.InternalType();
    if (type.IsNested()) {
      width += 48;
    } else if (physical == duckdb::PhysicalType::VARCHAR) {
      width += 24;
    } else {
      width += static_cast<double>(duckdb::GetTypeIdSize(physical));
    }
  }
  constexpr double kMost = 1e15;
  auto rows = static_cast<double>(data.physical_plan->Root().estimated_cardinality);
  return static_cast<int64_t>(std::min(rows * width, kMost));
}

class ConnectionImpl : public Connection {
 public:
  ConnectionImpl(std::shared_ptr<EngineImpl> engine, const ConnectionOptions& options)
      : engine_(std::move(engine)), connection_(engine_->db()), options_(options) {
    auto& config = duckdb::ClientConfig::GetConfig(*connection_.context);
    // The bar itself is never printed; it is what makes DuckDB keep count.
    config.enable_progress_bar = true;
    config.print_progress_bar = false;
    SetDoorDialect(context(), options.dialect);
    setting_changes_ = postgres_catalog::SettingChanges(context());
    if (engine_->options().trusted) return;
    attachments_ =
        duckdb::make_shared_ptr<SessionAttachments>(engine_->attachments(), engine_->secrets());
    context().registered_state->Insert(SessionAttachments::kKey, attachments_);
  }

  ~ConnectionImpl() override {
    if (engine_->secrets()) engine_->secrets()->Forget(connection_.context->GetConnectionId());
  }

  std::unique_ptr<SessionRegistration> Identify(SessionIdentity identity) override;
  Result<std::vector<ParsedStatement>> Parse(const std::string& sql) override;
  Result<std::unique_ptr<Prepared>> Prepare(ParsedStatement statement,
                                            const std::vector<std::string>& declared_types,
                                            std::shared_ptr<CancelToken> cancel) override;
  Result<Outcome> Execute(Prepared& prepared, const std::vector<BoundValue>& parameters,
                          std::shared_ptr<CancelToken> cancel) override {
    auto outcome = RunPrepared(prepared, parameters, std::move(cancel));
    if (dialect() != Dialect::kPostgres || prepared.impl().parsed.no_op) return outcome;
    const auto& statement = *prepared.impl().parsed.statement;
    if (!outcome.ok()) return Explained(statement, outcome.status());
    if (statement.type == duckdb::StatementType::ALTER_STATEMENT)
      SKEIN_RETURN_IF_ERROR(Redeclare(statement));
    return outcome;
  }

  /// Execute of what `start` begins: DuckDB's pending query.
  using Start = std::function<duckdb::unique_ptr<duckdb::PendingQueryResult>()>;
  Result<Outcome> Drive(Prepared::Impl& impl, std::shared_ptr<CancelToken> cancel,
                        const Start& start);

  duckdb::ClientContext& context() { return *connection_.context; }

  Status Run(const std::string& sql) override {
    ++runs_;
    catalog_plans_.Forget();
    try {
      auto result = connection_.Query(sql);
      if (result->HasError()) return FromDuckdb(result->GetErrorObject());
      return Status::OK();
    } catch (...) {
      return FromCurrentException();
    }
  }

  void DetachAll() override {
    catalog_plans_.Forget();
    if (attachments_) attachments_->DetachAll(context());
  }

  // A plan with its tasks for each of these costs more than a small statement between them. What is
  // unusual, such as a query that was never ended, is left to DuckDB's own statements.
  Status Begin() override {
    auto& transaction = context().transaction;
    if (transaction.HasActiveTransaction()) SKEIN_RETURN_IF_ERROR(Run("BEGIN"));
    return Direct([&] {
      if (!transaction.HasActiveTransaction()) {
        transaction.BeginTransaction();
        transaction.SetAutoCommit(false);
      }
      transaction.SetInvalidationPolicy(
          duckdb::TransactionInvalidationPolicy::ALL_ERRORS_INVALIDATE_TRANSACTION);
    });
  }
  Status Commit() override {
    if (!BetweenQueries() || transaction_state() != TransactionState::kOpen) return Run("COMMIT");
    return Direct([this] {
      SessionSecrets::OnThisThread lend(context());
      context().transaction.Commit();
    });
  }
  Status Rollback() override {
    if (!BetweenQueries() || transaction_state() != TransactionState::kOpen) return Run("ROLLBACK");
    return Direct([this] {
      SessionSecrets::OnThisThread lend(context());
      context().transaction.Rollback(nullptr);
    });
  }

  void Revive() override {
    if (transaction_state() != TransactionState::kFailed) return;
    // DuckDB has no call to take the mark back; a checker is nothing but the mark and its reason.
    auto& checker = duckdb::ValidChecker::Get(context().transaction.ActiveTransaction());
    std::destroy_at(&checker);
    std::construct_at(&checker, *context().db);
  }

  Result<UserType> FindUserType(uint32_t oid) override;

  Result<TableDescription> DescribeTable(const std::vector<std::string>& name) override {
    return engine::DescribeTable(context(), name, false);
  }

  Result<std::unique_ptr<TableWriter>> WriteTable(const WriteTarget& target,
                                                  std::shared_ptr<CancelToken> cancel) override {
    ++runs_;
    return MakeTableWriter(context(), engine_->task_threads(), target, std::move(cancel));
  }

  Result<std::unique_ptr<TableIngest>> IngestTable(const IngestTarget& target,
                                                   const arrow::Schema& schema,
                                                   std::shared_ptr<CancelToken> cancel) override {
    ++runs_;
    return MakeTableIngest(context(), engine_->task_threads(), target, schema, std::move(cancel));
  }

  Dialect dialect() const override { return DialectOf(*connection_.context); }

  TransactionState transaction_state() const override {
    auto& transaction = connection_.context->transaction;
    if (transaction.IsAutoCommit() || !transaction.HasActiveTransaction())
      return TransactionState::kIdle;
    if (duckdb::ValidChecker::IsInvalidated(transaction.ActiveTransaction()))
      return TransactionState::kFailed;
    return TransactionState::kOpen;
  }

  std::string time_zone() const override { return setting("TimeZone").value_or("UTC"); }

  Progress GetProgress() const override {
    {
      std::lock_guard lock(progress_mu_);
      if (progress_elsewhere_) return (*progress_elsewhere_)();
    }
    auto progress = connection_.context->GetQueryProgress();
    return Progress{progress.GetPercentage(), progress.GetRowsProcesseed(),
                    progress.GetTotalRowsToProcess()};
  }

  using ProgressSource = std::shared_ptr<const ProgressScope::Source>;
  void SetProgress(ProgressSource source) {
    std::lock_guard lock(progress_mu_);
    progress_elsewhere_ = std::move(source);
  }
  void ForgetProgress(const ProgressSource& source) {
    std::lock_guard lock(progress_mu_);
    if (progress_elsewhere_ == source) progress_elsewhere_.reset();
  }

  uint64_t setting_changes() const override { return *setting_changes_; }

  std::optional<std::string> setting(const std::string& name) const override {
    duckdb::Value value;
    try {
      if (!connection_.context->TryGetCurrentSetting(name, value)) return std::nullopt;
      return value.IsNull() ? std::string() : value.ToString();
    } catch (...) {
      return std::nullopt;
    }
  }

 private:
  Status Explained(const duckdb::SQLStatement& statement, Status error) {
    if (error.sqlstate().compare(0, 2, "23") != 0) return error;
    // It has failed the transaction, in which nothing more can be asked: as if it had not.
    bool failed = transaction_state() == TransactionState::kFailed;
    Revive();
    // A run that fails is interrupted, and what lists files stops at that.
    context().ClearInterrupt();
    Status explained = ExplainConstraint(context(), statement, error);
    if (failed)
      duckdb::ValidChecker::Invalidate(context().transaction.ActiveTransaction(), error.message());
    if (UpdatesOnConflict(statement) && explained.sqlstate() == "23503" &&
        explained.message().starts_with("update or delete")) {
      return errors::NotSupported(
                 "INSERT ... ON CONFLICT DO UPDATE of a row that a foreign key points to is not "
                 "supported here")
          .WithHint(
              "Without RETURNING it may be. UPDATE changes such rows, and INSERT ... ON "
              "CONFLICT DO NOTHING adds the others.");
    }
    return explained;
  }
  /// Behind an ALTER TABLE that went well.
  Status Redeclare(const duckdb::SQLStatement& statement) {
    return Direct([&] {
      auto after = DeclareAfter(context(), statement);
      if (!after) return;
      auto result = connection_.Query(std::move(after));
      if (result->HasError()) result->ThrowError();
    });
  }
  Result<Outcome> RunPrepared(Prepared& prepared, const std::vector<BoundValue>& parameters,
                              std::shared_ptr<CancelToken> cancel);
  Result<std::unique_ptr<Prepared>> PrepareUninterrupted(
      ParsedStatement statement, const std::vector<std::string>& declared_types);
  /// A transaction is open, and none of its queries is.
  bool BetweenQueries() {
    auto& transaction = context().transaction;
    return transaction.HasActiveTransaction() &&
           transaction.GetActiveQuery() == duckdb::MAXIMUM_QUERY_ID;
  }
  template <typename Function>
  Status Direct(Function function) {
    ++runs_;
    try {
      function();
      return Status::OK();
    } catch (...) {
      return FromCurrentException();
    }
  }
  /// Throws.
  void RunBefore(const ParsedStatement::Impl& parsed);
  /// PostgreSQL's number of an enum that somebody made, or of arrays of it; else 0. Throws.
  uint32_t UserOid(const LogicalType& type);
  /// TIMESTAMPTZ fields name the zone, which may have changed since the statement was prepared.
  void KeepTimeZone(Prepared::Impl& impl) {
    const std::string& named = impl.shape->time_zone;
    if (!named.empty() && named != time_zone())
      impl.shape =
          MakeArrowShape(context(), impl.shape->types, impl.names, impl.origins, options_.unions);
  }
  /// Names that are not quoted are in lower case in PostgreSQL, unless the session set otherwise.
  void FoldCase(bool fold) {
    constexpr auto kSetting = duckdb::PreserveIdentifierCaseSetting::SettingIndex;
    auto& settings = duckdb::ClientConfig::GetConfig(context()).user_settings;
    if (fold && !settings.IsSet(kSetting)) {
      settings.SetUserSetting(kSetting, duckdb::Value::BOOLEAN(false));
      folds_case_ = true;
    } else if (!fold && folds_case_) {
      settings.ClearSetting(kSetting);
      folds_case_ = false;
    }
  }
  /// DuckDB makes a set of the metrics to measure for every operator of every statement, wanted or
  /// not: a tenth of a small statement's time. So it is given none, except when they are printed.
  void MeasureOperators(bool wanted) {
    if (wanted == measuring_operators_ || engine_->options().trusted) return;
    std::swap(duckdb::ClientConfig::GetConfig(context()).profiler_settings, other_metrics_);
    measuring_operators_ = wanted;
  }

  std::shared_ptr<EngineImpl> engine_;
  duckdb::Connection connection_;
  std::shared_ptr<const std::atomic<uint64_t>> setting_changes_;
  duckdb::shared_ptr<SessionAttachments> attachments_;  // null where everything is trusted
  const ConnectionOptions options_;
  uint64_t runs_ = 0;  // what was run on this connection
  CatalogPlans catalog_plans_;
  bool folds_case_ = false;
  bool measuring_operators_ = true;
  duckdb::profiler_settings_t other_metrics_;
  mutable std::mutex progress_mu_;
  ProgressSource progress_elsewhere_;  // guarded by progress_mu_
};

std::unique_ptr<SessionRegistration> ConnectionImpl::Identify(SessionIdentity identity) {
  const auto& directory = engine_->directory();
  auto entry = directory->Add(std::move(identity.user), std::move(identity.door),
                              std::move(identity.peer), std::move(identity.stop));
  auto state = duckdb::make_shared_ptr<postgres_catalog::SessionState>();
  state->entry = entry;
  state->directory = directory;
  context().registered_state->Insert(postgres_catalog::SessionState::kKey, std::move(state));
  return std::make_unique<SessionRegistration>(directory, std::move(entry));
}

Result<std::vector<ParsedStatement>> ConnectionImpl::Parse(const std::string& sql) {
  try {
    const bool postgres = dialect() == Dialect::kPostgres;
    FoldCase(postgres);
    auto parse = [this](const std::string& text) {
      if (MentionsPivot(text) || MentionsAlter(text)) {
        // DuckDB would cut a PIVOT, and an ADD COLUMN with a default, into a transaction of several
        // statements; they are kept as one.
        duckdb::Parser parser(context().GetParserOptions());
        parser.ParseQuery(text);
        return std::move(parser.statements);
      }
      return context().ParseStatements(text);
    };
    auto statements = postgres_catalog::ParseWithPostgresNames(context(), sql, postgres, parse);
    std::vector<ParsedStatement> parsed;
    parsed.reserve(statements.size());
    for (auto& statement : statements) {
      auto impl = std::make_unique<ParsedStatement::Impl>();
      const std::string& query = statement->query.empty() ? sql : statement->query;
      bool whole = statement->stmt_length == 0 ||
                   statement->stmt_location + statement->stmt_length > query.size();
      impl->text = Trimmed(WithoutIndexName(
          whole ? query : query.substr(statement->stmt_location, statement->stmt_length)));
      if (statement->type == duckdb::StatementType::MULTI_STATEMENT) {
        auto parts = std::move(statement->Cast<duckdb::MultiStatement>().statements);
        if (auto alter = TakeAddedColumn(parts, &impl->not_null)) {
          impl->adds_column = true;
          statement = std::move(alter);
        } else if (AreDrops(parts)) {
          statement = parts[0]->Copy();
          impl->drops = std::move(parts);
        } else {
          statement = std::move(parts.back());
          parts.pop_back();
          impl->before = std::move(parts);
        }
      }
      if (!engine_->options().trusted) {
        auto loaded = [&](const std::string& name) {
          return engine_->db().instance->ExtensionIsLoaded(name);
        };
        SKEIN_RETURN_IF_ERROR(Guard(*statement, loaded, &impl->no_op));
        for (auto& drop : impl->drops) SKEIN_RETURN_IF_ERROR(Guard(*drop, loaded, &impl->no_op));
      }
      impl->verb = VerbOf(*statement);
      impl->command = CommandOf(*statement);
      // DuckDB's parser makes a DELETE of it.
      if (impl->command == "DELETE" &&
          duckdb::StringUtil::CIEquals(impl->text.substr(0, 8), "truncate"))
        impl->command = "TRUNCATE TABLE";
      if (postgres) {
        for (auto& part : impl->before) RewriteJsonOperators(*part, query);
        ApplyPostgresDialect(*statement, query, [this] { return HasEnums(context()); });
        if (auto check = MeasureBefore(*statement)) impl->before.push_back(std::move(check));
      }
      impl->log_text = HoldsCredentials(*statement)
                           ? impl->command + " (not logged: it may hold credentials)"
                           : impl->text;
      impl->statement = std::move(statement);
      parsed.emplace_back(std::move(impl));
    }
    return parsed;
  } catch (...) {
    return FromCurrentException();
  }
}

void ConnectionImpl::RunBefore(const ParsedStatement::Impl& parsed) {
  for (const auto& part : parsed.before) {
    auto result = connection_.Query(part->Copy());
    if (result->HasError()) result->ThrowError();
  }
}

uint32_t ConnectionImpl::UserOid(const LogicalType& type) {
  bool list = type.id() == LogicalTypeId::LIST;
  const LogicalType& element = list ? duckdb::ListType::GetChildType(type) : type;
  if (element.id() != LogicalTypeId::ENUM) return 0;
  auto oids = postgres_catalog::EnumOidsOf(context(), element);
  return !oids ? 0 : list ? oids->array : oids->own;
}

Result<UserType> ConnectionImpl::FindUserType(uint32_t oid) {
  try {
    if (auto found = postgres_catalog::UserTypeOf(context(), oid))
      return UserType{std::move(found->name), found->array};
    return Status(StatusCode::kInvalidArgument, "42704",
                  "no type is known for the parameter type OID " + std::to_string(oid));
  } catch (...) {
    return FromCurrentException();
  }
}

Result<std::unique_ptr<Prepared>> ConnectionImpl::Prepare(
    ParsedStatement statement, const std::vector<std::string>& declared_types,
    std::shared_ptr<CancelToken> cancel) {
  duckdb::ClientContext* running = connection_.context.get();
  auto registration = cancel->OnCancel([running] { running->Interrupt(); });
  auto prepared = PrepareUninterrupted(std::move(statement), declared_types);
  registration.Detach();
  if (cancel->cancelled()) return cancel->status();
  return prepared;
}

Result<std::unique_ptr<Prepared>> ConnectionImpl::PrepareUninterrupted(
    ParsedStatement statement, const std::vector<std::string>& declared_types) {
  try {
    auto impl = std::make_unique<Prepared::Impl>();
    impl->parsed = std::move(statement.impl());
    if (impl->parsed.no_op) return std::make_unique<Prepared>(std::move(impl));
    RunBefore(impl->parsed);
    impl->before_is_fresh = true;

    auto& parsed = *impl->parsed.statement;
    RenameViewAsTable(context(), parsed);
    ShowFileSetsAsTables(parsed);
    if (dialect() == Dialect::kPostgres) {
      if (impl->parsed.command == "TRUNCATE TABLE") CheckTruncated(context(), parsed);
      NameIndex(context(), parsed);
      CheckDroppedFunction(context(), parsed, impl->parsed.text);
      CompleteInsert(context(), parsed);
      if (duckdb::StringUtil::Contains(duckdb::StringUtil::Lower(impl->parsed.text), "group"))
        CompleteGrouping(context(), parsed);
      KeepDeclarationInDefault(context(), parsed);
    }
    if (impl->parsed.adds_column || !impl->parsed.drops.empty()) {
      impl->read_only = false;
      return std::make_unique<Prepared>(std::move(impl));
    }
    if (HasNumberedColumns(parsed)) {
      impl->numbers_columns = true;
      impl->read_only = false;
      impl->temporary_only = parsed.Cast<duckdb::CreateStatement>().info->temporary;
      return std::make_unique<Prepared>(std::move(impl));
    }
    std::vector<LogicalType> declared;
    for (const std::string& name : declared_types) {
      declared.push_back(name.empty()        ? LogicalType(LogicalTypeId::INVALID)
                         : name == "DECIMAL" ? LogicalType::DECIMAL(38, kOpenScale)
                                             : TypeByName(context(), name));
    }
    std::shared_ptr<duckdb::PreparedStatement> prepared;
    std::shared_ptr<CatalogPlan> catalog_plan;
    auto catalog_query = CatalogQuery::Of(parsed);
    auto kept = catalog_query ? catalog_plans_.Find(context(), *catalog_query) : std::nullopt;
    if (kept) {
      catalog_plan = kept->plan;
      prepared = catalog_plan->prepared;
      impl->catalog_values = std::move(kept->values);
    } else {
      SKEIN_ASSIGN_OR_RETURN(prepared,
                             BindWithParameterTypes(context(), parsed, std::move(declared)));
      for (size_t i = 1; i <= prepared->named_param_map.size(); ++i) {
        LogicalType type = ParameterType(*prepared, i);
        impl->parameter_types.push_back(type);
        impl->parameter_type_names.push_back(IsUnresolved(type) ? "VARCHAR" : type.ToString());
        impl->parameter_oids.push_back(UserOid(type));
      }
    }

    auto& data = *prepared->data;
    switch (data.properties.return_type) {
      case duckdb::StatementReturnType::QUERY_RESULT:
        impl->returns = Returns::kRows;
        break;
      case duckdb::StatementReturnType::CHANGED_ROWS:
        impl->returns = Returns::kChangedRows;
        break;
      case duckdb::StatementReturnType::NOTHING:
        // CREATE TABLE AS counts its rows all the same.
        impl->returns =
            impl->parsed.command == "CREATE TABLE AS" ? Returns::kChangedRows : Returns::kNothing;
        break;
    }
    // DuckDB does not count its temporary tables among what is modified.
    impl->read_only = data.properties.IsReadOnly() && !Changes(parsed);
    impl->all_or_nothing = InsertsOneChunk(parsed);
    impl->temporary_only = !impl->read_only;
    for (const auto& [database, state] : data.properties.modified_databases)
      impl->temporary_only = impl->temporary_only && database == TEMP_CATALOG;
    if (impl->returns == Returns::kRows) {
      impl->ordered = Orders(parsed);
      impl->estimated_bytes = EstimateBytes(data);
      impl->names = data.names;
      if (catalog_plan && catalog_plan->shape) {
        impl->origins = catalog_plan->origins;
        impl->shape = catalog_plan->shape;
      } else {
        if (dialect() == Dialect::kPostgres)
          impl->origins = FindColumnOrigins(context(), parsed, data.names.size());
        impl->shape =
            MakeArrowShape(context(), data.types, data.names, impl->origins, options_.unions);
      }
      if (catalog_plan) {
        catalog_plan->origins = impl->origins;
        catalog_plan->shape = impl->shape;
      }
      impl->single_row = impl->parsed.before.empty() && IsSingleRow(data);
    }
    // DuckDB's plan of a CREATE gives away what it makes when it runs. It is bound anew where the
    // catalogue counts as modified, which that of temporary things does not: run again, it would
    // make a table without columns, or break the database.
    if (parsed.type == duckdb::StatementType::CREATE_STATEMENT)
      data.properties.always_require_rebind = true;
    impl->prepared = std::move(prepared);
    impl->bound_after_runs = runs_;
    impl->bound_at = Clock::now();
    return std::make_unique<Prepared>(std::move(impl));
  } catch (...) {
    return FromCurrentException();
  }
}

Result<Outcome> ConnectionImpl::RunPrepared(Prepared& prepared,
                                            const std::vector<BoundValue>& parameters,
                                            std::shared_ptr<CancelToken> cancel) {
  auto& impl = prepared.impl();
  if (impl.parsed.no_op) return Outcome{};
  try {
    if (parameters.size() != impl.parameter_types.size()) {
      return errors::ProtocolViolation(
          "the statement takes " + std::to_string(impl.parameter_types.size()) + " parameters, " +
          std::to_string(parameters.size()) + " were given");
    }
    if (MayChangeSettings(*impl.parsed.statement)) catalog_plans_.Forget();
    if (impl.parsed.adds_column) {
      ++runs_;
      try {
        AddColumn(connection_, *impl.parsed.statement, impl.parsed.not_null);
      } catch (...) {
        return Explained(*impl.parsed.statement, FromCurrentException());
      }
      return Outcome{};
    }
    if (!impl.parsed.drops.empty()) {
      ++runs_;
      DropAll(connection_, impl.parsed.drops);
      return Outcome{};
    }
    if (impl.numbers_columns) {
      ++runs_;
      CreateNumberedTable(connection_, *impl.parsed.statement);
      return Outcome{};
    }
    if (attachments_ && impl.parsed.statement->type == duckdb::StatementType::ATTACH_STATEMENT) {
      ++runs_;
      SKEIN_RETURN_IF_ERROR(attachments_->Attach(
          context(), impl.parsed.statement->Cast<duckdb::AttachStatement>(), *cancel));
      return Outcome{};
    }
    if (attachments_ && impl.parsed.statement->type == duckdb::StatementType::DETACH_STATEMENT) {
      ++runs_;
      SKEIN_RETURN_IF_ERROR(
          attachments_->Detach(context(), impl.parsed.statement->Cast<duckdb::DetachStatement>()));
      return Outcome{};
    }
    if (DropsNumberedTable(context(), *impl.parsed.statement)) {
      ++runs_;
      DropNumberedTable(connection_, *impl.parsed.statement);
      return Outcome{};
    }
    if (impl.single_row) {
      KeepTimeZone(impl);
      if (cancel->cancelled()) return cancel->status();
      Outcome outcome;
      outcome.rows = EvaluateSingleRow(context(), *impl.prepared->data, impl.shape);
      if (outcome.rows) return outcome;
    }
    auto values = impl.catalog_values.empty() ? NativeParameters(*this, prepared, parameters)
                                              : impl.catalog_values;
    // DuckDB binds what reads files anew for every run: they may have changed since it was
    // prepared. They have not when that was just now; to list and to sniff them twice for a
    // statement that is run once is most of its time.
    bool fresh = runs_ == impl.bound_after_runs && Clock::now() - impl.bound_at < kFreshlyBound;
    ++runs_;
    return Drive(impl, cancel, [&] {
      struct Restore {
        duckdb::shared_ptr<duckdb::PreparedStatementData> data;
        bool always = data->properties.always_require_rebind;
        ~Restore() { data->properties.always_require_rebind = always; }
      } restore{impl.prepared->data};
      if (fresh && restore.data->physical_plan &&
          !ReadsTableFormats(restore.data->physical_plan->Root()))
        restore.data->properties.always_require_rebind = false;
      return impl.prepared->PendingQuery(values, false);
    });
  } catch (...) {
    if (cancel->cancelled()) return cancel->status();
    return FromCurrentException();
  }
}

Result<Outcome> ConnectionImpl::Drive(Prepared::Impl& impl, std::shared_ptr<CancelToken> cancel,
                                      const Start& start) {
  try {
    bool rows = impl.returns == Returns::kRows;
    if (rows) KeepTimeZone(impl);
    Running run(cancel, context(), engine_->task_threads());
    if (!impl.parsed.before.empty() && !std::exchange(impl.before_is_fresh, false)) {
      // What a run before this one prepared is as old as that run.
      RunBefore(impl.parsed);
      impl.prepared = Bind(context(), *impl.parsed.statement, {});
      if (impl.prepared->HasError()) return run.Failure(impl.prepared->GetErrorObject());
    }
    MeasureOperators(impl.parsed.command == "EXPLAIN");
    std::shared_ptr<BatchQueue> queue;
    if (rows) queue = std::make_shared<BatchQueue>(kAheadBytes);
    auto pending = [&] {
      if (!rows) return start();
      // Only this plan gets the collector, also when making it throws.
      auto& collector = duckdb::ClientConfig::GetConfig(context()).get_result_collector;
      struct TakeBack {
        decltype(collector) given;
        ~TakeBack() { given = nullptr; }
      } take_back{collector};
      collector = ArrowCollector(impl.shape, queue);
      return start();
    }();
    if (pending->HasError()) return run.Failure(pending->GetErrorObject());
    Outcome outcome;
    if (rows) {
      bool as_prepared = pending->types == impl.shape->types;
      auto stream = std::make_unique<ArrowStream>(connection_.context, std::move(pending),
                                                  impl.shape, std::move(queue), std::move(run));
      if (!as_prepared) {
        return errors::NotSupported("cached plan must not change result type")
            .WithHint(
                impl.parameter_types.empty()
                    ? "The tables changed since the statement was prepared: prepare it again."
                    : "The tables changed since the statement was prepared: prepare it again. "
                      "Or the type goes by the value of a parameter: write it as a literal.");
      }
      SKEIN_RETURN_IF_ERROR(stream->Start());
      outcome.rows = std::move(stream);
      return outcome;
    }
    SKEIN_ASSIGN_OR_RETURN(auto result, run.ToEnd(*pending));
    auto chunk = result->Fetch();
    if (impl.returns == Returns::kChangedRows) {
      outcome.changed_rows =
          chunk && chunk->size() > 0 ? chunk->GetValue(0, 0).GetValue<int64_t>() : 0;
    }
    return outcome;
  } catch (...) {
    if (cancel->cancelled()) return cancel->status();
    return FromCurrentException();
  }
}

}  // namespace

std::unique_ptr<Connection> MakeConnection(std::shared_ptr<EngineImpl> engine,
                                           const ConnectionOptions& options) {
  return std::make_unique<ConnectionImpl>(std::move(engine), options);
}

duckdb::ClientContext& NativeContext(Connection& connection) {
  return static_cast<ConnectionImpl&>(connection).context();
}

ProgressScope::ProgressScope(Connection& connection, Source source)
    : connection_(connection), source_(std::make_shared<const Source>(std::move(source))) {
  static_cast<ConnectionImpl&>(connection_).SetProgress(source_);
}

ProgressScope::~ProgressScope() {
  static_cast<ConnectionImpl&>(connection_).ForgetProgress(source_);
}

bool ScansFiles(Prepared& prepared) {
  const auto& plan = prepared.impl().prepared->data->physical_plan;
  // Without a plan it is bound anew each time: anything may be in it.
  return !plan || ReadsWhatIsSplit(plan->Root());
}

Result<Outcome> ExecutePlan(Connection& connection, Prepared& prepared,
                            duckdb::unique_ptr<duckdb::SQLStatement> plan,
                            std::shared_ptr<CancelToken> cancel) {
  auto& own = static_cast<ConnectionImpl&>(connection);
  return own.Drive(prepared.impl(), std::move(cancel), [&] {
    return own.context().PendingQuery(std::move(plan), duckdb::QueryParameters(false));
  });
}

}  // namespace skein::engine
