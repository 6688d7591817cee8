#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/status.h"
#include "engine/connection.h"
#include "engine/postgres_settings.h"
#include "sql/session_statement.h"

namespace skein::session {

/// The settings of one session as PostgreSQL has them: named without regard to case, checked and
/// normalised, undone when their transaction is.
///
/// The values live in the engine, so that current_setting() sees them, custom ones (a.b) too. A
/// change within a transaction is remembered: Commit keeps what SET did and undoes
/// SET LOCAL, Rollback undoes both. Not thread-safe; calls that change something must not come
/// while a result of the engine is open.
class SettingStore {
 public:
  explicit SettingStore(engine::Connection& connection, std::string user)
      : connection_(connection), user_(std::move(user)) {}

  /// Whether SET of this name is done here; else it is a setting of the engine's, to be set by a
  /// statement of its own (after Remember).
  static bool Owns(std::string_view name);
  /// The value as SHOW prints it; nullopt when there is no such setting.
  std::optional<std::string> Show(const std::string& name) const;
  /// The setting's own spelling: "TimeZone" for "timezone".
  static std::string Spelling(const std::string& name);

  struct Row {
    std::string name;
    std::string value;
    std::string description;
  };
  std::vector<Row> ShowAll() const;

  /// Precondition: Owns(set.name), or the name "all" with reset.
  Status Apply(const sql::SetStatement& set);
  /// What the startup packet asks for: the values that RESET goes back to.
  Status ApplyStartup(const std::string& name, const std::string& value);
  /// To be called before the engine's own setting is changed by a statement.
  void Remember(const std::string& name, bool local);

  void BeginTransaction() { in_transaction_ = true; }
  Status Commit() { return End(true); }
  Status Rollback() { return End(false); }

  /// What was changed in this transaction, with the values of now.
  using Mark = std::map<std::string, std::optional<std::string>>;
  Mark MakeMark() const;
  /// The values of `mark`; what was changed first after it goes back to the transaction's start.
  Status RestoreTo(const Mark& mark);

  /// Goes up whenever a value may have changed.
  uint64_t version() const { return version_ + connection_.setting_changes(); }

 private:
  /// What a name was when the transaction began, and what COMMIT makes of it.
  struct Change {
    std::optional<std::string> before;
    std::optional<std::string> committed;
    /// committed says something: SET, and not only SET LOCAL, was used.
    bool kept = false;
  };

  Result<std::string> Normalise(const sql::SetStatement& set) const;
  std::optional<std::string> Raw(const std::string& name) const;
  /// Sets (nullopt: back to the default of the session) without remembering.
  Status Write(const std::string& name, const std::optional<std::string>& value);
  Status WriteSearchPath(const std::vector<sql::SetStatement::Value>& values);
  Status ResetAll();
  Status End(bool commit);

  engine::Connection& connection_;
  std::string user_;
  bool in_transaction_ = false;
  std::map<std::string, Change> changes_;
  std::map<std::string, std::string> startup_;
  /// Names that were ever set, for RESET ALL.
  std::set<std::string> touched_;
  uint64_t version_ = 0;
};

}  // namespace skein::session
