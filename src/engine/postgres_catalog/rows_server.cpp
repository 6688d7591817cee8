// Rows about the server and its sessions: pg_database, pg_stat_activity, pg_cursors.

#include <chrono>

#include "duckdb/main/attached_database.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/main/extension_manager.hpp"

#include "engine/attachments.h"
#include "engine/postgres_catalog/rows.h"
#include "engine/postgres_catalog/session_state.h"

namespace skein::engine::postgres_catalog {
namespace {

using SnapshotPtr = std::shared_ptr<Snapshot>;
using Rows = std::unique_ptr<CatalogRows>;

Rows OpenDatabase(duckdb::ClientContext& context, const SnapshotPtr&, const Restriction&) {
  std::vector<std::string> names;
  auto attachments = context.registered_state->Get<SessionAttachments>(SessionAttachments::kKey);
  for (const auto& database : duckdb::DatabaseManager::Get(context).GetDatabases(context)) {
    if (database->IsSystem() || database->IsTemporary()) continue;
    if (!attachments || attachments->IsEverybodys(context, database->oid))
      names.push_back(database->GetName());
  }
  if (attachments) {
    for (const auto& own : attachments->List()) names.push_back(own->database()->GetName());
  }
  std::sort(names.begin(), names.end());
  size_t count = names.size();
  return MakeRows(count, [names = std::move(names)](size_t i, RowWriter& row) {
    constexpr int kUtf8 = 6, kDefaultTablespace = 1663;
    row.Number(StableOid("database", names[i], "", "")).Text(names[i]).Number(Snapshot::kOwner);
    row.Number(kUtf8).Char('c').Bool(false).Bool(true).Number(-1).Number(0).Number(0);
    row.Number(kDefaultTablespace).Text("C").Text("C").Nulls(3);
  });
}

/// What is loaded; duckdb_extensions() looks into directories that are not for clients.
Rows OpenExtension(duckdb::ClientContext& context, const SnapshotPtr&, const Restriction&) {
  std::vector<std::string> names;
  for (const std::string& name : duckdb::ExtensionManager::Get(context).GetExtensions())
    names.push_back(name);
  std::sort(names.begin(), names.end());
  size_t count = names.size();
  return MakeRows(count, [names = std::move(names)](size_t i, RowWriter& row) {
    row.Number(StableOid("extension", "", "", names[i])).Text(names[i]).Number(Snapshot::kOwner);
    row.Number(Snapshot::kPgCatalog).Bool(false).Text(duckdb::DuckDB::LibraryVersion()).Nulls(2);
  });
}

duckdb::Value Time(std::chrono::system_clock::time_point time) {
  auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch());
  if (micros.count() == 0) return duckdb::Value(duckdb::LogicalType::TIMESTAMP_TZ);
  return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros.count()));
}

Rows OpenActivity(duckdb::ClientContext& context, const SnapshotPtr& snapshot, const Restriction&) {
  auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  std::vector<std::shared_ptr<SessionEntry>> entries;
  std::string self;
  if (state && state->directory) {
    entries = state->directory->List();
    self = state->entry->user;
  }
  size_t count = entries.size();
  return MakeRows(count, [snapshot, self, entries = std::move(entries)](size_t i, RowWriter& row) {
    const SessionEntry& entry = *entries[i];
    SessionEntry::State now = entry.state();
    // As in PostgreSQL: others see that a session is there, not what it does.
    bool own = entry.user == self;
    size_t colon = entry.peer.rfind(':');
    row.Number(snapshot->database_oid).Text(snapshot->database).Number(entry.pid).Null();
    row.Number(StableOid("role", "", "", entry.user)).Text(entry.user);
    row.Text(now.application_name);
    if (!own || colon == std::string::npos) {
      row.Nulls(3);
    } else {
      std::string port = entry.peer.substr(colon + 1);
      row.Text(entry.peer.substr(0, colon)).Null();
      port.find_first_not_of("0123456789") == std::string::npos && !port.empty() && port.size() < 6
          ? row.Number(static_cast<int64_t>(std::stol(port)))
          : row.Null();
    }
    if (!own) {
      row.Nulls(6).Null().Null().Null().Null().Text("<insufficient privilege>").Null();
      return;
    }
    row.Value(Time(entry.started)).Null();
    row.Value(Time(now.query_start)).Value(Time(now.state_change));
    now.active ? row.Nulls(2) : row.Text("Client").Text("ClientRead");
    row.Text(now.active ? "active" : now.in_transaction ? "idle in transaction" : "idle");
    row.Nulls(3).Text(now.query).Text("client backend");
  });
}

SessionEntry::Names OwnNames(duckdb::ClientContext& context) {
  auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  return state && state->entry ? state->entry->names() : SessionEntry::Names();
}

Rows OpenPreparedStatements(duckdb::ClientContext& context, const SnapshotPtr&,
                            const Restriction&) {
  auto statements = OwnNames(context).statements;
  size_t count = statements.size();
  return MakeRows(count, [statements = std::move(statements)](size_t i, RowWriter& row) {
    const auto& statement = statements[i];
    row.Text(statement.name).Text(statement.text).Value(Time(statement.made));
    // Nobody counts plans: there is one, made by Parse or PREPARE.
    row.Oids(statement.parameter_types).Bool(statement.from_sql).Number(0).Number(0);
  });
}

Rows OpenCursors(duckdb::ClientContext& context, const SnapshotPtr&, const Restriction&) {
  auto cursors = OwnNames(context).cursors;
  size_t count = cursors.size();
  return MakeRows(count, [cursors = std::move(cursors)](size_t i, RowWriter& row) {
    const auto& cursor = cursors[i];
    row.Text(cursor.name).Text(cursor.text).Bool(cursor.hold).Bool(cursor.binary);
    row.Bool(cursor.scroll).Value(Time(cursor.made));
  });
}

}  // namespace

const std::vector<NamedRows>& ServerRows() {
  static const std::vector<NamedRows> rows = {{"pg_database", OpenDatabase},
                                              {"pg_extension", OpenExtension},
                                              {"pg_prepared_statements", OpenPreparedStatements},
                                              {"pg_cursors", OpenCursors},
                                              {"pg_stat_activity", OpenActivity}};
  return rows;
}

}  // namespace skein::engine::postgres_catalog
