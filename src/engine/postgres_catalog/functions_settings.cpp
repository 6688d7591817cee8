// current_setting and set_config.

#include <map>
#include <optional>

#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_config.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/config.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_settings.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;
using duckdb::StringUtil;

/// The schemas as clients call them: DuckDB's main is public, and the default is it alone.
std::string SearchPathText(ClientContext& context) {
  std::string text;
  for (const auto& entry : duckdb::ClientData::Get(context).catalog_search_path->GetSetPaths()) {
    text += (text.empty() ? "" : ", ") +
            (entry.schema == DEFAULT_SCHEMA ? "public" : QuoteIdentifier(entry.schema));
  }
  return text.empty() ? "public" : text;
}

std::optional<std::string> Setting(ClientContext& context, const std::string& name) {
  if (StringUtil::CIEquals(name, "search_path")) return SearchPathText(context);
  duckdb::Value value;
  if (!context.TryGetCurrentSetting(name, value)) return std::nullopt;
  return value.IsNull() ? std::string() : value.ToString();
}

void CurrentSetting(RowCall& call, ClientContext& context) {
  std::string name(call.Text(0));
  if (auto value = Setting(context, name)) return call.Return(*value);
  if (call.Count() > 1 && call.Bool(1)) return call.Null();
  throw duckdb::CatalogException("unrecognized configuration parameter \"%s\"", name);
}

void SetSearchPath(ClientContext& context, std::string_view text) {
  duckdb::vector<duckdb::CatalogSearchEntry> entries;
  for (std::string part : StringUtil::Split(std::string(text), ",")) {
    StringUtil::Trim(part);
    auto names = SplitName(part);
    if (names.empty() || names.back() == "$user" || names.back() == "pg_catalog") continue;
    std::string schema = names.back() == "public" ? DEFAULT_SCHEMA : names.back();
    entries.emplace_back(names.size() > 1 ? names[0] : std::string(), schema);
  }
  auto& path = *duckdb::ClientData::Get(context).catalog_search_path;
  if (entries.empty()) return path.Reset();
  path.Set(std::move(entries), duckdb::CatalogSetPathType::SET_SCHEMAS);
}

/// What set_config() has set in the open transaction. Its end takes back what was for it alone; a
/// rollback takes back all. Used by the session's thread, like the settings themselves.
class ChangedSettings : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "skein_changed_settings";

  void Set(ClientContext& context, const std::string& name, duckdb::idx_t index,
           const duckdb::Value& value, bool local) {
    auto& settings = duckdb::ClientConfig::GetConfig(context).user_settings;
    auto [change, added] = changes_.try_emplace(index);
    duckdb::Value before;
    if (added && settings.IsSet(index) && context.TryGetCurrentSetting(name, before))
      change->second.before = before;
    if (!local) change->second.kept = value;
    settings.SetUserSetting(index, value);
  }

  void TransactionCommit(duckdb::MetaTransaction&, ClientContext& context) override {
    End(context, true);
  }
  void TransactionRollback(duckdb::MetaTransaction&, ClientContext& context) override {
    End(context, false);
  }

 private:
  struct Change {
    std::optional<duckdb::Value> before;
    std::optional<duckdb::Value> kept;
  };

  void End(ClientContext& context, bool commit) {
    auto& settings = duckdb::ClientConfig::GetConfig(context).user_settings;
    for (const auto& [index, change] : changes_) {
      const auto& value = commit && change.kept ? change.kept : change.before;
      value ? settings.SetUserSetting(index, *value) : settings.ClearSetting(index);
    }
    changes_.clear();
  }

  std::map<duckdb::idx_t, Change> changes_;
};

void SetConfig(RowCall& call, ClientContext& context) {
  std::string name(call.Text(0));
  std::string text(call.Text(1));
  if (StringUtil::CIEquals(name, "search_path")) {
    if (call.Bool(2)) {
      throw duckdb::NotImplementedException(
          "set_config of search_path for one transaction is not available: use SET LOCAL");
    }
    SetSearchPath(context, text);
    return call.Return(text);
  }
  const PostgresSetting* setting = FindPostgresSetting(name);
  if (!setting) {
    if (Setting(context, name)) {
      throw duckdb::NotImplementedException("set_config cannot set \"%s\": use SET", name);
    }
    throw duckdb::CatalogException("unrecognized configuration parameter \"%s\"", name);
  }
  if (setting->access == PostgresSetting::Access::kReadOnly)
    throw duckdb::PermissionException("parameter \"%s\" cannot be changed", name);
  auto normal = NormaliseSetting(*setting, text);
  if (!normal.ok()) throw duckdb::InvalidInputException(normal.status().message());
  duckdb::ExtensionOption option;
  auto& config = duckdb::DBConfig::GetConfig(context);
  if (!config.TryGetExtensionOption(duckdb::String(std::string(setting->name)), option) ||
      !option.setting_index.IsValid()) {
    throw duckdb::InternalException("the setting \"%s\" is not registered", name);
  }
  context.registered_state->GetOrCreate<ChangedSettings>(ChangedSettings::kKey)
      ->Set(context, name, option.setting_index.GetIndex(), duckdb::Value(*normal), call.Bool(2));
  call.Return(*normal);
}

}  // namespace

std::vector<duckdb::ScalarFunctionSet> SettingFunctions() {
  LogicalType text = LogicalType::VARCHAR;
  duckdb::ScalarFunctionSet current("current_setting");
  current.AddFunction(RowFunction("current_setting", {text}, text, CurrentSetting));
  current.AddFunction(
      RowFunction("current_setting", {text, LogicalType::BOOLEAN}, text, CurrentSetting));
  duckdb::ScalarFunctionSet set("set_config");
  auto function = RowFunction("set_config", {text, text, LogicalType::BOOLEAN}, text, SetConfig);
  function.SetVolatile();
  set.AddFunction(std::move(function));
  std::vector<duckdb::ScalarFunctionSet> all;
  all.push_back(std::move(current));
  all.push_back(std::move(set));
  return all;
}

}  // namespace skein::engine::postgres_catalog
