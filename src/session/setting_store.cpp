#include "session/setting_store.h"

#include <algorithm>

#include "engine/custom_settings.h"
#include "engine/own_settings.h"
#include "engine/setting_values.h"
#include "sql/token.h"

namespace skein::session {
namespace {

using Value = sql::SetStatement::Value;

/// The engine's own settings that PostgreSQL has too, and what is no setting of the engine at all.
constexpr std::string_view kTimeZone = "timezone";
constexpr std::string_view kSearchPath = "search_path";
constexpr std::string_view kRole = "role";
constexpr std::string_view kAuthorization = "session_authorization";

bool IsCustom(std::string_view name) { return name.find('.') != std::string_view::npos; }

std::string Joined(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) {
    if (!text.empty()) text += ", ";
    text += value.text;
  }
  return text;
}

/// DuckDB's schema main, its default, is public to clients. `path` is as DuckDB writes it: names
/// with commas between, quoted where they need it.
std::string SearchPathShown(std::string_view path) {
  std::string shown;
  bool quoted = false;
  size_t start = 0;
  for (size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && path[i] == '"') quoted = !quoted;
    if (i < path.size() && (path[i] != ',' || quoted)) continue;
    std::string_view name = path.substr(start, i - start);
    if (!name.empty()) {
      shown += shown.empty() ? "" : ", ";
      shown += name == "main" ? "public" : name;
    }
    start = i + 1;
  }
  return shown.empty() ? "public" : shown;
}

Status Unrecognised(const std::string& name) {
  return Status(StatusCode::kNotFound, "42704",
                "unrecognized configuration parameter \"" + name + "\"");
}

}  // namespace

bool SettingStore::Owns(std::string_view name) {
  return name == kTimeZone || name == kSearchPath || name == kRole || name == kAuthorization ||
         IsCustom(name) || engine::FindPostgresSetting(name) != nullptr;
}

std::string SettingStore::Spelling(const std::string& name) {
  if (name == kTimeZone) return "TimeZone";
  const auto* setting = engine::FindPostgresSetting(name);
  return setting ? std::string(setting->name) : name;
}

std::optional<std::string> SettingStore::Raw(const std::string& name) const {
  if (IsCustom(name)) return engine::GetCustomSetting(connection_, name);
  return connection_.setting(name);
}

std::optional<std::string> SettingStore::Show(const std::string& name) const {
  if (name == kRole) return "none";
  if (name == kAuthorization) return user_;
  auto value = Raw(name);
  if (value && name == kSearchPath) return SearchPathShown(*value);
  return value;
}

std::vector<SettingStore::Row> SettingStore::ShowAll() const {
  std::vector<Row> rows;
  for (const engine::PostgresSetting& setting : engine::PostgresSettings()) {
    rows.push_back({std::string(setting.name),
                    Raw(std::string(setting.name)).value_or(std::string(setting.default_value)),
                    std::string(setting.description)});
  }
  for (const engine::OwnSetting& setting : engine::kOwnSettings)
    rows.push_back({setting.name, Raw(setting.name).value_or(setting.value), setting.about});
  rows.push_back({"TimeZone", Show("timezone").value_or(""), "The time zone of the session."});
  rows.push_back({"search_path", Show("search_path").value_or(""),
                  "The schemas in which names without one are looked up."});
  for (const auto& [name, value] : engine::GetCustomSettings(connection_))
    rows.push_back({name, value, ""});
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return sql::LowerAscii(a.name) < sql::LowerAscii(b.name);
  });
  return rows;
}

Result<std::string> SettingStore::Normalise(const sql::SetStatement& set) const {
  if (set.name == kTimeZone) return engine::TimeZoneValue(set.values.at(0).text);
  const auto* setting = engine::FindPostgresSetting(set.name);
  std::string text = Joined(set.values);
  if (!setting) return text;
  if (set.values.size() > 1 && setting->type != engine::PostgresSetting::Type::kString) {
    return errors::InvalidParameter("SET " + std::string(setting->name) +
                                    " takes only one argument");
  }
  return engine::SettingValue(*setting, text);
}

Status SettingStore::Write(const std::string& name, const std::optional<std::string>& value) {
  ++version_;
  std::optional<std::string> wanted = value;
  if (!wanted) {
    if (auto it = startup_.find(name); it != startup_.end()) wanted = it->second;
  }
  if (IsCustom(name)) {
    engine::SetCustomSetting(connection_, name, wanted);
    return Status::OK();
  }
  Status written = connection_.Run(wanted ? "SET SESSION " + sql::QuoteName(name) + " = " +
                                                sql::QuoteLiteral(*wanted)
                                          : "RESET " + sql::QuoteName(name));
  if (written.ok()) touched_.insert(name);
  return written;
}

Status SettingStore::WriteSearchPath(const std::vector<Value>& values) {
  // PostgreSQL passes over schemas that are not there, "$user" first of all; what clients call
  // public is DuckDB's main.
  std::string path;
  Status missing;
  for (const Value& value : values) {
    std::vector<std::string> names{value.text};
    if (value.quoted && value.text.find(',') != std::string::npos) {
      // set_config and startup packets give the whole list as one text.
      names.clear();
      sql::Tokenizer tokenizer(value.text);
      for (auto token = tokenizer.Next(); token.kind != sql::TokenKind::kEnd;
           token = tokenizer.Next()) {
        if (token.kind == sql::TokenKind::kWord || token.kind == sql::TokenKind::kQuotedName)
          names.push_back(sql::NameOf(token));
      }
    }
    for (const std::string& name : names) {
      if (name.empty() || name == "$user") continue;
      std::string entry = sql::QuoteName(name);
      Status set = connection_.Run("SET SESSION search_path = " + sql::QuoteLiteral(entry));
      if (!set.ok() && name.find('.') != std::string::npos) {
        // DuckDB's own way: catalog.schema.
        entry = name;
        set = connection_.Run("SET SESSION search_path = " + sql::QuoteLiteral(entry));
      }
      if (!set.ok() && name == "public") {
        entry = "main";
        set = connection_.Run("SET SESSION search_path = 'main'");
      }
      if (!set.ok()) {
        missing = set;
        continue;
      }
      if (path.find(entry) == std::string::npos) path += (path.empty() ? "" : ",") + entry;
    }
  }
  if (path.empty() && !missing.ok()) {
    return Status(StatusCode::kNotFound, "3F000", missing.message())
        .WithDetail("None of the schemas of search_path exists.");
  }
  return Write(std::string(kSearchPath), path.empty() ? "main" : path);
}

void SettingStore::Remember(const std::string& name, bool local) {
  if (!in_transaction_) {
    touched_.insert(name);
    ++version_;
    return;
  }
  auto [it, added] = changes_.try_emplace(name);
  if (added) it->second.before = Raw(name);
  if (!local) it->second.kept = true;
}

Status SettingStore::Apply(const sql::SetStatement& set) {
  if (set.name == "all") return ResetAll();
  if (set.name == kRole || set.name == kAuthorization) {
    if (set.reset || set.values.at(0).text == user_) return Status::OK();
    return errors::PermissionDenied("the session's user cannot be changed to \"" +
                                    set.values.at(0).text + "\"");
  }
  const auto* setting = engine::FindPostgresSetting(set.name);
  if (setting && setting->access == engine::PostgresSetting::Access::kReadOnly) {
    return Status(StatusCode::kFailedPrecondition, "55P02",
                  "parameter \"" + std::string(setting->name) + "\" cannot be changed");
  }
  std::string name = Spelling(set.name);
  std::optional<std::string> value;
  if (!set.reset) {
    SKEIN_ASSIGN_OR_RETURN(value, Normalise(set));
  }
  auto before = Raw(name);
  Status written =
      set.name == kSearchPath && !set.reset ? WriteSearchPath(set.values) : Write(name, value);
  if (!written.ok()) {
    if (before) (void)Write(name, before);
    if (set.name == kTimeZone) {
      return errors::InvalidParameter("invalid value for parameter \"TimeZone\": \"" +
                                      Joined(set.values) + "\"")
          .WithHint(written.hint());
    }
    return written;
  }
  if (in_transaction_) {
    auto [it, added] = changes_.try_emplace(name);
    if (added) it->second.before = before;
    if (!set.local) {
      it->second.kept = true;
      it->second.committed = Raw(name);
    }
  }
  return Status::OK();
}

Status SettingStore::ApplyStartup(const std::string& name, const std::string& value) {
  std::string lower = sql::LowerAscii(name);
  if (!Owns(lower)) return Unrecognised(name);
  sql::SetStatement set;
  set.name = lower;
  set.values.push_back({value, true});
  SKEIN_RETURN_IF_ERROR(Apply(set));
  std::string spelling = Spelling(lower);
  if (auto now = Raw(spelling)) startup_[spelling] = *now;
  return Status::OK();
}

Status SettingStore::ResetAll() {
  std::set<std::string> names = touched_;
  for (const auto& [name, value] : engine::GetCustomSettings(connection_)) names.insert(name);
  for (const std::string& name : names) {
    // Those of a transaction are its own affair.
    if (name.rfind("transaction_", 0) == 0) continue;
    Remember(name, false);
    SKEIN_RETURN_IF_ERROR(Write(name, std::nullopt));
    if (auto it = changes_.find(name); it != changes_.end()) it->second.committed = Raw(name);
  }
  return Status::OK();
}

Status SettingStore::End(bool commit) {
  in_transaction_ = false;
  auto changes = std::move(changes_);
  changes_.clear();
  Status worst;
  for (const auto& [name, change] : changes) {
    std::optional<std::string> wanted = !commit || !change.kept ? change.before
                                        : change.committed      ? change.committed
                                                                : Raw(name);
    if (wanted == Raw(name)) continue;
    if (Status written = Write(name, wanted); !written.ok()) worst = written;
  }
  if (!changes.empty()) ++version_;
  return worst;
}

SettingStore::Mark SettingStore::MakeMark() const {
  Mark mark;
  for (const auto& [name, change] : changes_) mark[name] = Raw(name);
  return mark;
}

Status SettingStore::RestoreTo(const Mark& mark) {
  for (auto& [name, change] : changes_) {
    auto it = mark.find(name);
    std::optional<std::string> wanted = it == mark.end() ? change.before : it->second;
    if (it == mark.end()) change.kept = false;
    if (change.kept) change.committed = wanted;
    if (wanted != Raw(name)) SKEIN_RETURN_IF_ERROR(Write(name, wanted));
  }
  return Status::OK();
}

}  // namespace skein::session
