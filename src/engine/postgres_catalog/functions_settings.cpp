// current_setting and set_config.

#include <atomic>
#include <map>
#include <memory>
#include <optional>

#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_config.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/config.hpp"

#include "engine/custom_settings_state.h"
#include "engine/own_settings.h"
#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_functions/sql_error.h"
#include "engine/postgres_settings.h"
#include "engine/setting_values.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;
using duckdb::StringUtil;

constexpr const char* kSearchPath = "search_path";
constexpr const char* kTimeZone = "TimeZone";

bool IsCustom(const std::string& name) { return name.find('.') != std::string::npos; }

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
  if (StringUtil::CIEquals(name, kSearchPath)) return SearchPathText(context);
  if (IsCustom(name)) return CustomSettingsState::Of(context).Find(StringUtil::Lower(name));
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

using Path = duckdb::vector<duckdb::CatalogSearchEntry>;

Path ReadSearchPath(std::string_view text) {
  Path entries;
  for (std::string part : StringUtil::Split(std::string(text), ",")) {
    StringUtil::Trim(part);
    auto names = SplitName(part);
    if (names.empty() || names.back() == "$user" || names.back() == "pg_catalog") continue;
    std::string schema = names.back() == "public" ? DEFAULT_SCHEMA : names.back();
    entries.emplace_back(names.size() > 1 ? names[0] : std::string(), schema);
  }
  return entries;
}

/// What set_config() has set in the open transaction. Its end takes back what was for it alone; a
/// rollback takes back all. Used by the session's thread, like the settings themselves.
class ChangedSettings : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "skein_changed_settings";

  void Set(ClientContext& context, const std::string& name, duckdb::idx_t index,
           const duckdb::Value& value, bool local) {
    auto& settings = duckdb::ClientConfig::GetConfig(context).user_settings;
    duckdb::Value before;
    bool set = settings.IsSet(index) && context.TryGetCurrentSetting(name, before);
    Note(changes_, index, set ? std::optional(before) : std::nullopt, value, local);
    settings.SetUserSetting(index, value);
    ++*count_;
  }
  void SetCustom(ClientContext& context, const std::string& name, const std::string& value,
                 bool local) {
    auto& settings = CustomSettingsState::Of(context);
    Note(custom_, name, settings.Find(name), value, local);
    settings.Set(name, value);
    ++*count_;
  }
  void SetPath(ClientContext& context, Path path, bool local) {
    auto& now = *duckdb::ClientData::Get(context).catalog_search_path;
    Path before = now.GetSetPaths();
    // Only a path of schemas that are there becomes the session's.
    path.empty() ? now.Reset() : now.Set(path, duckdb::CatalogSetPathType::SET_SCHEMAS);
    Note(paths_, 0, std::optional(before), now.GetSetPaths(), local);
    ++*count_;
  }

  const std::shared_ptr<std::atomic<uint64_t>>& count() const { return count_; }

  void TransactionCommit(duckdb::MetaTransaction&, ClientContext& context) override {
    End(context, true);
  }
  void TransactionRollback(duckdb::MetaTransaction&, ClientContext& context) override {
    End(context, false);
  }

 private:
  template <class T>
  struct Change {
    std::optional<T> before;
    std::optional<T> kept;
    const std::optional<T>& After(bool commit) const { return commit && kept ? kept : before; }
  };
  template <class Key, class T>
  using Changes = std::map<Key, Change<T>>;

  template <class Key, class T>
  static void Note(Changes<Key, T>& changes, const Key& key, std::optional<T> before,
                   const T& value, bool local) {
    auto [change, added] = changes.try_emplace(key);
    if (added) change->second.before = std::move(before);
    if (!local) change->second.kept = value;
  }

  void End(ClientContext& context, bool commit) {
    if (changes_.empty() && custom_.empty() && paths_.empty()) return;
    ++*count_;
    auto& settings = duckdb::ClientConfig::GetConfig(context).user_settings;
    for (const auto& [index, change] : changes_) {
      const auto& value = change.After(commit);
      value ? settings.SetUserSetting(index, *value) : settings.ClearSetting(index);
    }
    for (const auto& [name, change] : custom_)
      CustomSettingsState::Of(context).Set(name, change.After(commit));
    for (const auto& [only, change] : paths_) {
      auto& path = duckdb::ClientData::Get(context).catalog_search_path;
      const Path& wanted = *change.After(commit);
      // An error here would be DuckDB's end, and Set knows several.
      if (wanted.empty()) {
        path->Reset();
      } else {
        path = duckdb::make_uniq<duckdb::CatalogSearchPath>(context, wanted);
      }
    }
    changes_.clear();
    custom_.clear();
    paths_.clear();
  }

  Changes<duckdb::idx_t, duckdb::Value> changes_;
  Changes<std::string, std::string> custom_;
  Changes<int, Path> paths_;  ///< the search path, if it was set
  const std::shared_ptr<std::atomic<uint64_t>> count_ = std::make_shared<std::atomic<uint64_t>>(0);
};

ChangedSettings& ChangesOf(ClientContext& context) {
  return *context.registered_state->GetOrCreate<ChangedSettings>(ChangedSettings::kKey);
}

/// As it is written, when it is a value of that setting.
Result<std::string> OwnSettingValue(const std::string& name, const std::string& text) {
  SKEIN_RETURN_IF_ERROR(ReadOwnSetting(name, text).status());
  return text;
}

void SetConfig(RowCall& call, ClientContext& context) {
  std::string name(call.Text(0));
  std::string text(call.Text(1));
  if (StringUtil::CIEquals(name, kSearchPath)) {
    ChangesOf(context).SetPath(context, ReadSearchPath(text), call.Bool(2));
    return call.Return(text);
  }
  if (IsCustom(name)) {
    ChangesOf(context).SetCustom(context, StringUtil::Lower(name), text, call.Bool(2));
    return call.Return(text);
  }
  const bool zone = StringUtil::CIEquals(name, kTimeZone);
  const PostgresSetting* setting = FindPostgresSetting(name);
  const bool own = IsOwnSetting(StringUtil::Lower(name));
  if (!setting && !zone && !own) {
    if (Setting(context, name)) {
      ThrowSql("0A000", "set_config cannot set \"" + name + "\"",
               "Use SET; a setting of the server is set when it starts.");
    }
    ThrowSql("42704", "unrecognized configuration parameter \"" + name + "\"");
  }
  if (setting && setting->access == PostgresSetting::Access::kReadOnly)
    ThrowSql("55P02", "parameter \"" + name + "\" cannot be changed");
  auto normal = zone  ? TimeZoneValue(text)
                : own ? OwnSettingValue(StringUtil::Lower(name), text)
                      : SettingValue(*setting, text);
  if (!normal.ok())
    ThrowSql(normal.status().sqlstate().c_str(), normal.status().message(), normal.status().hint());
  duckdb::ExtensionOption option;
  auto& config = duckdb::DBConfig::GetConfig(context);
  if (!config.TryGetExtensionOption(duckdb::String(zone  ? std::string(kTimeZone)
                                                   : own ? StringUtil::Lower(name)
                                                         : std::string(setting->name)),
                                    option) ||
      !option.setting_index.IsValid()) {
    throw duckdb::InternalException("the setting \"%s\" is not registered", name);
  }
  duckdb::Value value(*normal);
  if (zone) {
    try {
      option.set_function(context, duckdb::SetScope::SESSION, value);
    } catch (const duckdb::Exception&) {
      ThrowSql("22023", "invalid value for parameter \"TimeZone\": \"" + text + "\"");
    }
  }
  ChangesOf(context).Set(context, name, option.setting_index.GetIndex(), value, call.Bool(2));
  return call.Return(value.ToString());
}

}  // namespace

std::shared_ptr<const std::atomic<uint64_t>> SettingChanges(ClientContext& context) {
  return ChangesOf(context).count();
}

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
