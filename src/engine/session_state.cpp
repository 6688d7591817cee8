#include "engine/session_state.h"

#include <algorithm>

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/common/serializer/binary_deserializer.hpp"
#include "duckdb/common/serializer/binary_serializer.hpp"
#include "duckdb/common/serializer/memory_stream.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/secret/secret.hpp"
#include "duckdb/main/secret/secret_manager.hpp"

#include "engine/duckdb_error.h"
#include "engine/engine_impl.h"
#include "engine/native.h"
#include "engine/own_settings.h"
#include "engine/statement_guard.h"

namespace skein::engine {
namespace {

using duckdb::Value;

std::string Setting(duckdb::ClientContext& context, const std::string& name) {
  Value value;
  if (!context.TryGetCurrentSetting(name, value) || value.IsNull()) return {};
  return value.ToString();
}

/// What a plan does not need: it is bound, so it names no tables any more, and it is cut.
bool IsOfPlanning(const std::string& name) {
  return name == "schema" || name == "search_path" || IsOwnSetting(name);
}

duckdb::CatalogTransaction TransactionOf(duckdb::ClientContext& context) {
  return duckdb::CatalogTransaction::GetSystemCatalogTransaction(context);
}

}  // namespace

const std::map<std::string, std::string>& EngineImpl::fresh_settings() {
  std::call_once(fresh_once_, [this] {
    duckdb::Connection fresh(*db_);
    for (const std::string& name : SessionSettings()) {
      if (!IsOfPlanning(name)) fresh_settings_[name] = Setting(*fresh.context, name);
    }
  });
  return fresh_settings_;
}

std::string ExportSessionState(Engine& engine, Connection& connection) {
  auto& own = static_cast<EngineImpl&>(engine);
  auto& context = NativeContext(connection);
  duckdb::vector<std::string> names;
  duckdb::vector<std::string> values;
  for (const auto& [name, fresh] : own.fresh_settings()) {
    std::string value = Setting(context, name);
    if (value == fresh) continue;
    names.push_back(name);
    values.push_back(value);
  }
  // Casts of text are of a dialect.
  if (connection.dialect() == Dialect::kPostgres) {
    names.push_back(kDialectSetting);
    values.push_back("postgresql");
  }
  duckdb::vector<std::string> secrets;
  if (own.secrets()) {
    context.RunFunctionInTransaction([&] {
      auto transaction = TransactionOf(context);
      // Those of the server, too: the other engine has none.
      for (auto& entry : duckdb::SecretManager::Get(context).AllSecrets(transaction)) {
        duckdb::MemoryStream stream;
        duckdb::BinarySerializer serializer(stream);
        serializer.Begin();
        entry.secret->Serialize(serializer);
        serializer.End();
        secrets.emplace_back(reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition());
      }
    });
  }
  duckdb::MemoryStream stream;
  duckdb::BinarySerializer serializer(stream);
  serializer.Begin();
  serializer.WriteProperty(1, "names", names);
  serializer.WriteProperty(2, "values", values);
  serializer.WriteProperty(3, "secrets", secrets);
  serializer.End();
  return std::string(reinterpret_cast<const char*>(stream.GetData()), stream.GetPosition());
}

Status ImportSessionState(Engine& engine, Connection& connection, std::string_view state) {
  auto& own = static_cast<EngineImpl&>(engine);
  try {
    auto read = [](std::string_view bytes) {
      return duckdb::MemoryStream(
          reinterpret_cast<duckdb::data_ptr_t>(const_cast<char*>(bytes.data())), bytes.size());
    };
    auto stream = read(state);
    duckdb::BinaryDeserializer deserializer(stream);
    deserializer.Begin();
    auto names = deserializer.ReadProperty<duckdb::vector<std::string>>(1, "names");
    auto values = deserializer.ReadProperty<duckdb::vector<std::string>>(2, "values");
    auto secrets = deserializer.ReadProperty<duckdb::vector<std::string>>(3, "secrets");
    deserializer.End();
    for (size_t i = 0; i < names.size(); ++i) {
      SKEIN_RETURN_IF_ERROR(
          connection.Run("SET SESSION " + names[i] + " = " + Value(values[i]).ToSQLString()));
    }
    if (secrets.empty()) return Status::OK();
    if (!own.secrets()) return errors::NotSupported("this engine keeps no secrets of sessions");
    auto& context = NativeContext(connection);
    context.RunFunctionInTransaction([&] {
      auto transaction = TransactionOf(context);
      auto& manager = duckdb::SecretManager::Get(context);
      for (const std::string& bytes : secrets) {
        auto secret_stream = read(bytes);
        duckdb::BinaryDeserializer secret_reader(secret_stream);
        secret_reader.Begin();
        auto secret = manager.DeserializeSecret(secret_reader);
        secret_reader.End();
        own.secrets()->StoreSecret(std::move(secret), duckdb::OnCreateConflict::REPLACE_ON_CONFLICT,
                                   &transaction);
      }
    });
    return Status::OK();
  } catch (...) {
    return FromCurrentException();
  }
}

}  // namespace skein::engine
