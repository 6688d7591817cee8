#include "engine/statement_guard.h"

#include <algorithm>
#include <array>
#include <set>

#include "duckdb/common/string_util.hpp"
#include "duckdb/main/extension_helper.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/parsed_data/create_info.hpp"
#include "duckdb/parser/parsed_data/create_secret_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/parsed_data/extra_drop_info.hpp"
#include "duckdb/parser/parsed_data/load_info.hpp"
#include "duckdb/parser/parsed_data/pragma_info.hpp"
#include "duckdb/parser/statement/list.hpp"
#include "duckdb/parser/statement/multi_statement.hpp"

#include "engine/egress.h"
#include "engine/own_settings.h"
#include "engine/postgres_settings.h"
#include "engine/session_secrets.h"

namespace skein::engine {
namespace {

using duckdb::StatementType;
using duckdb::StringUtil;

bool IsEndpointName(const std::string& name) {
  std::string lower = StringUtil::Lower(name);
  return lower == "s3_endpoint" || lower == "endpoint" || lower == "azure_endpoint" ||
         lower == "proxy" || lower == "http_proxy";
}

/// Text of a constant option value, such as ENDPOINT '127.0.0.1:9000'.
std::string ConstantText(const duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
  if (!expression || expression->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT)
    return {};
  const duckdb::Value& value = expression->Cast<duckdb::ConstantExpression>().value;
  return value.IsNull() ? std::string() : value.ToString();
}

Status GuardSet(duckdb::SetStatement& set) {
  if (set.scope == duckdb::SetScope::VARIABLE) return Status::OK();
  const auto& allowed = SessionSettings();
  bool known = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& name) {
    return StringUtil::CIEquals(name, set.name);
  });
  if (!known)
    return Status::OK();  // the lock refuses it with DuckDB's own words, or it does not exist
  if (set.scope == duckdb::SetScope::GLOBAL) {
    return errors::PermissionDenied("SET GLOBAL is not available: a session's settings are its own")
        .WithHint("Leave out GLOBAL: SET " + set.name + " = ...");
  }
  // What is not a session's own by DuckDB's default must not become everybody's.
  set.scope = duckdb::SetScope::SESSION;
  if (set.set_type == duckdb::SetType::SET && IsEndpointName(set.name)) {
    return CheckEndpoint(ConstantText(set.Cast<duckdb::SetVariableStatement>().value));
  }
  return Status::OK();
}

Status GuardCreateSecret(duckdb::CreateSecretInfo& info) {
  if (info.persist_type == duckdb::SecretPersistType::PERSISTENT) {
    return errors::NotSupported(
               "persistent secrets are not available: a secret belongs to its session")
        .WithHint("Use CREATE SECRET without PERSISTENT, in each session that needs it.");
  }
  if (!info.storage_type.empty() &&
      !StringUtil::CIEquals(info.storage_type, SessionSecrets::kName)) {
    return errors::NotSupported("there is no secret storage \"" + info.storage_type + "\"")
        .WithHint("Leave out IN: every secret is kept for its session only.");
  }
  std::string provider = StringUtil::Lower(ConstantText(info.provider));
  if (!provider.empty() && provider != "config" && provider != "oauth2") {
    return errors::PermissionDenied("secret provider \"" + provider +
                                    "\" would use this server's own credentials")
        .WithHint(
            "Give the credentials themselves: CREATE SECRET (TYPE s3, KEY_ID '...', SECRET "
            "'...').");
  }
  info.storage_type = SessionSecrets::kName;
  info.persist_type = duckdb::SecretPersistType::TEMPORARY;
  for (auto& [name, value] : info.options) {
    if (IsEndpointName(name)) SKEIN_RETURN_IF_ERROR(CheckEndpoint(ConstantText(value)));
  }
  return Status::OK();
}

Status GuardPragma(const std::string& name) {
  static const std::set<std::string> kHarmless = {"database_list",
                                                  "version",
                                                  "table_info",
                                                  "show_tables",
                                                  "show_tables_expanded",
                                                  "collations",
                                                  "functions",
                                                  "storage_info",
                                                  "metadata_info",
                                                  "user_agent",
                                                  "platform",
                                                  "database_size",
                                                  "show_databases",
                                                  "show",
                                                  "enable_object_cache",
                                                  "disable_object_cache"};
  if (kHarmless.contains(StringUtil::Lower(name))) return Status::OK();
  return errors::PermissionDenied("PRAGMA " + name +
                                  " is not available: it changes the server for everybody");
}

Status GuardLoad(const duckdb::LoadInfo& info,
                 const std::function<bool(const std::string&)>& is_loaded, bool* no_op) {
  std::string name = StringUtil::Lower(info.filename);
  if (duckdb::ExtensionHelper::IsFullPath(info.filename)) {
    return errors::PermissionDenied("extensions are loaded by name, not by path");
  }
  name = duckdb::ExtensionHelper::ApplyExtensionAlias(name);
  if (is_loaded(name)) {
    *no_op = true;
    return Status::OK();
  }
  return errors::PermissionDenied("extension \"" + name + "\" is not loaded on this server")
      .WithHint(
          "The person who runs the server can add it to the setting extensions; nothing is "
          "downloaded.");
}

}  // namespace

const std::vector<std::string>& SessionSettings() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {
        "TimeZone", "Calendar", "schema", "search_path",
        // Credentials and manners of the object stores (httpfs, azure).
        "s3_access_key_id", "s3_secret_access_key", "s3_session_token", "s3_region", "s3_endpoint",
        "s3_url_style", "s3_use_ssl", "s3_url_compatibility_mode", "s3_requester_pays",
        "s3_kms_key_id", "http_timeout", "http_retries", "http_retry_backoff", "http_retry_wait_ms",
        "http_keep_alive", "azure_storage_connection_string", "azure_account_name",
        "azure_endpoint", "azure_transport_option_type",
        // How statements are bound and run.
        "integer_division", "ieee_floating_point_ops", "lambda_syntax",
        "order_by_non_integer_literal", "scalar_subquery_error_on_multiple_rows",
        "preserve_identifier_case", "max_expression_depth", "explain_output",
        "pivot_filter_threshold", "pivot_limit", "prefer_range_joins", "merge_join_threshold",
        "nested_loop_join_threshold", "asof_loop_join_threshold", "ordered_aggregate_threshold",
        "perfect_ht_threshold", "dynamic_or_filter_threshold", "late_materialization_max_rows",
        "partitioned_write_flush_threshold", "partitioned_write_max_open_files",
        "disable_timestamptz_casts", "hnsw_ef_search"};
    // PostgreSQL's, registered by us.
    for (const PostgresSetting& setting : PostgresSettings()) {
      if (setting.access == PostgresSetting::Access::kSession) all.emplace_back(setting.name);
    }
    for (const OwnSetting& own : kOwnSettings) all.emplace_back(own.name);
    return all;
  }();
  return names;
}

const std::vector<std::string>& RemovedFunctions() {
  static const std::vector<std::string> names = {
      // They change the instance for everybody.
      "enable_logging", "disable_logging", "truncate_duckdb_logs", "set_duckdb_log_storage",
      "enable_profiling", "disable_profiling", "enable_profile", "disable_profile",
      "force_checkpoint", "load_aws_credentials", "parquet_full_metadata_cache", "add_parquet_key",
      // They take addresses of memory.
      "arrow_scan", "arrow_scan_dumb",
      // It names the files that other sessions read.
      "duckdb_external_file_cache"};
  return names;
}

Status Guard(duckdb::SQLStatement& statement,
             const std::function<bool(const std::string&)>& is_loaded, bool* no_op) {
  switch (statement.type) {
    case StatementType::SET_STATEMENT:
      return GuardSet(statement.Cast<duckdb::SetStatement>());
    case StatementType::CREATE_STATEMENT: {
      auto& create = statement.Cast<duckdb::CreateStatement>();
      if (create.info->type == duckdb::CatalogType::SECRET_ENTRY) {
        return GuardCreateSecret(create.info->Cast<duckdb::CreateSecretInfo>());
      }
      return Status::OK();
    }
    case StatementType::DROP_STATEMENT: {
      auto& drop = statement.Cast<duckdb::DropStatement>();
      if (drop.info->type == duckdb::CatalogType::SECRET_ENTRY && drop.info->extra_drop_info) {
        auto& secret = drop.info->extra_drop_info->Cast<duckdb::ExtraDropSecretInfo>();
        secret.secret_storage = SessionSecrets::kName;
        secret.persist_mode = duckdb::SecretPersistType::TEMPORARY;
      }
      return Status::OK();
    }
    case StatementType::ALTER_STATEMENT:
      if (statement.Cast<duckdb::AlterStatement>().info->type == duckdb::AlterType::ALTER_DATABASE)
        return errors::NotSupported("ALTER DATABASE is not available");
      return Status::OK();
    case StatementType::PRAGMA_STATEMENT:
      return GuardPragma(statement.Cast<duckdb::PragmaStatement>().info->name);
    case StatementType::LOAD_STATEMENT:
      return GuardLoad(*statement.Cast<duckdb::LoadStatement>().info, is_loaded, no_op);
    case StatementType::UPDATE_EXTENSIONS_STATEMENT:
      return errors::PermissionDenied("UPDATE EXTENSIONS is not available: nothing is downloaded");
    case StatementType::EXPLAIN_STATEMENT:
      return Guard(*statement.Cast<duckdb::ExplainStatement>().stmt, is_loaded, no_op);
    case StatementType::PREPARE_STATEMENT:
      return Guard(*statement.Cast<duckdb::PrepareStatement>().statement, is_loaded, no_op);
    case StatementType::MULTI_STATEMENT:
      for (auto& part : statement.Cast<duckdb::MultiStatement>().statements) {
        SKEIN_RETURN_IF_ERROR(Guard(*part, is_loaded, no_op));
      }
      return Status::OK();
    default:
      return Status::OK();
  }
}

namespace {

bool IsComment(const duckdb::AlterInfo& info) {
  return info.type == duckdb::AlterType::SET_COMMENT ||
         info.type == duckdb::AlterType::SET_COLUMN_COMMENT;
}

std::string AlterCommand(const duckdb::AlterInfo& info) {
  if (IsComment(info)) return "COMMENT";
  return info.type == duckdb::AlterType::ALTER_VIEW ? "ALTER VIEW" : "ALTER TABLE";
}

}  // namespace

std::string CommandOf(const duckdb::SQLStatement& statement) {
  auto object = [](duckdb::CatalogType type) -> std::string {
    switch (type) {
      case duckdb::CatalogType::TABLE_ENTRY:
        return "TABLE";
      case duckdb::CatalogType::VIEW_ENTRY:
        return "VIEW";
      case duckdb::CatalogType::SCHEMA_ENTRY:
        return "SCHEMA";
      case duckdb::CatalogType::INDEX_ENTRY:
        return "INDEX";
      case duckdb::CatalogType::SEQUENCE_ENTRY:
        return "SEQUENCE";
      case duckdb::CatalogType::TYPE_ENTRY:
        return "TYPE";
      case duckdb::CatalogType::SECRET_ENTRY:
        return "SECRET";
      case duckdb::CatalogType::DATABASE_ENTRY:
        return "DATABASE";
      default:
        return "FUNCTION";
    }
  };
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
    case StatementType::RELATION_STATEMENT:
    case StatementType::MULTI_STATEMENT:
      return "SELECT";
    case StatementType::INSERT_STATEMENT:
      return "INSERT";
    case StatementType::UPDATE_STATEMENT:
      return "UPDATE";
    case StatementType::DELETE_STATEMENT:
      return "DELETE";
    case StatementType::MERGE_INTO_STATEMENT:
      return "MERGE";
    case StatementType::COPY_STATEMENT:
      return "COPY";
    case StatementType::CREATE_STATEMENT: {
      auto& info = *statement.Cast<duckdb::CreateStatement>().info;
      if (info.type == duckdb::CatalogType::TABLE_ENTRY &&
          info.Cast<duckdb::CreateTableInfo>().query) {
        return "CREATE TABLE AS";
      }
      return "CREATE " + object(info.type);
    }
    case StatementType::DROP_STATEMENT: {
      duckdb::CatalogType type = statement.Cast<duckdb::DropStatement>().info->type;
      return type == duckdb::CatalogType::PREPARED_STATEMENT ? "DEALLOCATE"
                                                             : "DROP " + object(type);
    }
    case StatementType::ALTER_STATEMENT:
      return AlterCommand(*statement.Cast<duckdb::AlterStatement>().info);
    case StatementType::TRANSACTION_STATEMENT:
      switch (statement.Cast<duckdb::TransactionStatement>().info->type) {
        case duckdb::TransactionType::BEGIN_TRANSACTION:
          return "BEGIN";
        case duckdb::TransactionType::COMMIT:
          return "COMMIT";
        default:
          return "ROLLBACK";
      }
    case StatementType::SET_STATEMENT:
      return statement.Cast<duckdb::SetStatement>().set_type == duckdb::SetType::RESET ? "RESET"
                                                                                       : "SET";
    case StatementType::PREPARE_STATEMENT:
      return "PREPARE";
    case StatementType::EXECUTE_STATEMENT:
      return "EXECUTE";
    case StatementType::EXPLAIN_STATEMENT:
      return "EXPLAIN";
    case StatementType::CALL_STATEMENT:
      return "CALL";
    case StatementType::PRAGMA_STATEMENT:
      return "PRAGMA";
    case StatementType::VACUUM_STATEMENT:
      // DuckDB's parser makes a VACUUM of ANALYZE.
      return statement.Cast<duckdb::VacuumStatement>().info->options.vacuum ? "VACUUM" : "ANALYZE";
    case StatementType::ANALYZE_STATEMENT:
      return "ANALYZE";
    case StatementType::LOAD_STATEMENT:
      return "LOAD";
    case StatementType::ATTACH_STATEMENT:
      return "ATTACH";
    case StatementType::DETACH_STATEMENT:
      return "DETACH";
    case StatementType::EXPORT_STATEMENT:
      return "EXPORT DATABASE";
    case StatementType::COPY_DATABASE_STATEMENT:
      return "COPY DATABASE";
    default:
      return "OK";
  }
}

bool HoldsCredentials(const duckdb::SQLStatement& statement) {
  if (statement.type == StatementType::CREATE_STATEMENT) {
    return statement.Cast<duckdb::CreateStatement>().info->type ==
           duckdb::CatalogType::SECRET_ENTRY;
  }
  if (statement.type == StatementType::SET_STATEMENT) {
    std::string name = StringUtil::Lower(statement.Cast<duckdb::SetStatement>().name);
    for (const char* part : {"key", "secret", "token", "password", "connection_string"}) {
      if (StringUtil::Contains(name, part)) return true;
    }
  }
  return statement.type == StatementType::ATTACH_STATEMENT;
}

}  // namespace skein::engine
