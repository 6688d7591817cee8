#include "engine/engine.h"

#include <filesystem>
#include <utility>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/secret/secret_manager.hpp"
#include "duckdb/storage/buffer_manager.hpp"

#include "engine/built_in.h"
#include "engine/duckdb_error.h"
#include "engine/egress.h"
#include "engine/engine_impl.h"
#include "engine/file_sets.h"
#include "engine/freed_memory.h"
#include "engine/own_settings.h"
#include "engine/postgres_catalog/install.h"
#include "engine/postgres_functions/register.h"
#include "engine/postgres_functions/sql_error.h"
#include "engine/postgres_settings.h"
#include "engine/shared_variants.h"
#include "engine/statement_guard.h"

namespace skein::engine {
namespace {

std::string Quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string QuotedList(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += Quoted(text);
  }
  return out + "]";
}

void RunOrThrow(duckdb::Connection& connection, const std::string& sql) {
  auto result = connection.Query(sql);
  if (result->HasError()) result->ThrowError();
}

void RegisterPostgresSettings(duckdb::DBConfig& config, const Options& options) {
  for (const PostgresSetting& setting : PostgresSettings()) {
    auto fixed = options.fixed_settings.find(setting.name);
    std::string value(fixed == options.fixed_settings.end() ? setting.default_value
                                                            : std::string_view(fixed->second));
    config.AddExtensionOption(std::string(setting.name), std::string(setting.description),
                              duckdb::LogicalType::VARCHAR, duckdb::Value(value));
  }
}

/// DuckDB does not say which setting it is.
template <size_t kNumber>
void CheckOwnSetting(duckdb::ClientContext&, duckdb::SetScope, duckdb::Value& value) {
  const auto read = ReadOwnSetting(kOwnSettings[kNumber].name, value.ToString());
  if (!read.ok()) ThrowSql("22023", read.status().message(), read.status().hint());
}

/// Settings of our own. They are for the session to read; DuckDB only keeps them.
template <size_t... kNumbers>
void RegisterOwnSettings(duckdb::DBConfig& config, std::index_sequence<kNumbers...>) {
  (config.AddExtensionOption(
       kOwnSettings[kNumbers].name, kOwnSettings[kNumbers].about, duckdb::LogicalType::VARCHAR,
       duckdb::Value(kOwnSettings[kNumbers].value), &CheckOwnSetting<kNumbers>),
   ...);
}

void RemoveFunctions(duckdb::Connection& connection) {
  auto& context = *connection.context;
  context.RunFunctionInTransaction([&] {
    auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
    for (const std::string& name : RemovedFunctions()) {
      for (auto type :
           {duckdb::CatalogType::TABLE_FUNCTION_ENTRY, duckdb::CatalogType::PRAGMA_FUNCTION_ENTRY,
            duckdb::CatalogType::SCALAR_FUNCTION_ENTRY}) {
        DropBuiltIn(context, catalog, type, name);
      }
    }
  });
}

}  // namespace

void EngineImpl::Open() {
  duckdb::DBConfig config;
  using duckdb::Value;
  if (!options_.extension_dir.empty()) {
    config.SetOptionByName("extension_directory", Value(options_.extension_dir));
  }
  config.SetOptionByName("errors_as_json", Value::BOOLEAN(true));
  config.SetOptionByName("autoinstall_known_extensions", Value::BOOLEAN(false));
  config.SetOptionByName("autoload_known_extensions", Value::BOOLEAN(options_.trusted));
  if (options_.memory_limit_bytes > 0) {
    config.SetOptionByName("memory_limit",
                           Value(std::to_string(options_.memory_limit_bytes) + "B"));
  }
  if (options_.threads > 0) config.SetOptionByName("threads", Value::BIGINT(options_.threads));
  if (!options_.temp_dir.empty()) {
    std::filesystem::create_directories(options_.temp_dir);
    config.SetOptionByName("temp_directory", Value(options_.temp_dir));
  }
  if (options_.max_temp_bytes > 0) {
    config.SetOptionByName("max_temp_directory_size",
                           Value(std::to_string(options_.max_temp_bytes) + "B"));
  }
  // Where read_csv('x.csv') looks when the working directory has no such file.
  std::string search_path;
  for (const std::string& dir : options_.data_dirs) search_path += "," + dir;
  if (!search_path.empty())
    config.SetOptionByName("file_search_path", Value(search_path.substr(1)));
  RegisterFileSets(config, options_.data_dirs);
  db_ = std::make_unique<duckdb::DuckDB>(options_.database, &config);
  auto& instance_config = duckdb::DBConfig::GetConfig(*db_->instance);
  RegisterPostgresSettings(instance_config, options_);
  RegisterOwnSettings(instance_config, std::make_index_sequence<kOwnSettings.size()>());

  postgres_catalog::Install(*db_->instance);

  duckdb::Connection admin(*db_);
  const auto threads = instance_config.options.maximum_threads;
  RunOrThrow(admin, "SET external_threads = " + std::to_string(threads));
  KeepFreedMemory();
  task_threads_ = std::make_unique<TaskThreads>(*db_->instance, threads - 1);
  for (const std::string& name : options_.extensions) {
    if (auto result = admin.Query("LOAD " + Quoted(name)); result->HasError()) {
      throw duckdb::InvalidInputException(
          "extensions: \"%s\" cannot be loaded from %s; what is there is named in "
          "scripts/versions.env",
          name, options_.extension_dir);
    }
  }
  RegisterPostgresFunctions(admin);
  NormalizeSharedVariants(admin);
  if (options_.trusted) return;

  auto secrets = duckdb::make_uniq<SessionSecrets>();
  secrets_ = secrets.get();
  auto& manager = duckdb::SecretManager::Get(*db_->instance);
  RunOrThrow(admin, "SET allow_persistent_secrets = false");
  if (auto result = admin.Query(options_.init_sql); result->HasError()) {
    throw duckdb::InvalidInputException("init_file: %s",
                                        FromDuckdb(result->GetErrorObject()).message());
  }
  // DuckDB's cache of remote files goes by URL and ETag, not by endpoint and credentials: one
  // session could be given what another may read, or make it read what it forged.
  RunOrThrow(admin, "SET enable_external_file_cache = false");
  manager.LoadSecretStorage(std::move(secrets));
  secrets_->Watch(*db_->instance);
  // Makes sure that DuckDB's own storages are there.
  admin.context->RunFunctionInTransaction([&] {
    (void)manager.AllSecrets(
        duckdb::CatalogTransaction::GetSystemCatalogTransaction(*admin.context));
  });
  SessionSecrets::TakeUnstored(manager, *secrets_);
  RemoveFunctions(admin);
  ListAttachments(admin);
  attachments_.ShareAll(*db_->instance);
  SetEgressPolicy(options_.private_endpoints);

  std::vector<std::string> allowed;
  for (const std::string& dir : options_.data_dirs) allowed.push_back(dir + "/");
  allowed.insert(allowed.end(), options_.allowed_locations.begin(),
                 options_.allowed_locations.end());
  RunOrThrow(admin, "SET allowed_directories = " + QuotedList(allowed));
  RunOrThrow(admin, "SET allow_community_extensions = false");
  RunOrThrow(admin, "SET enable_external_access = false");
  RunOrThrow(admin, "SET allowed_configs = " + QuotedList(SessionSettings()));
  RunOrThrow(admin, "SET lock_configuration = true");
}

Result<std::unique_ptr<Connection>> EngineImpl::Connect(const ConnectionOptions& options) {
  try {
    return MakeConnection(shared_from_this(), options);
  } catch (...) {
    return FromCurrentException();
  }
}

Engine::Memory EngineImpl::memory() const {
  auto& buffers = duckdb::BufferManager::GetBufferManager(*db_->instance);
  return Memory{buffers.GetUsedMemory(), buffers.GetMaxMemory(), buffers.GetUsedSwap()};
}

Result<std::shared_ptr<Engine>> Engine::Open(const Options& options) {
  try {
    auto engine = std::make_shared<EngineImpl>(options);
    engine->Open();
    return std::shared_ptr<Engine>(std::move(engine));
  } catch (...) {
    return FromCurrentException();
  }
}

std::string Engine::Version() { return duckdb::DuckDB::LibraryVersion(); }

}  // namespace skein::engine
