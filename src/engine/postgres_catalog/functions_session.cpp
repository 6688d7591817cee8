// Functions about the session: who it is, what it may set, whom it may stop; version().

#include <chrono>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/types/value.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/database_manager.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_catalog/session_state.h"
#include "results/pg_type.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;

duckdb::shared_ptr<SessionState> StateOf(ClientContext& context) {
  return context.registered_state->Get<SessionState>(SessionState::kKey);
}

void CurrentUser(RowCall& call, ClientContext& context) { call.Return(SessionUser(context)); }

void CurrentDatabase(RowCall& call, ClientContext& context) {
  call.Return(duckdb::DatabaseManager::GetDefaultDatabase(context));
}

void BackendPid(RowCall& call, ClientContext& context) {
  auto state = StateOf(context);
  call.Return(state && state->entry ? state->entry->pid : int32_t{0});
}

void Version(RowCall& call, ClientContext&) {
  // Clients read the PostgreSQL number at the front and choose their queries by it.
  call.Return(std::string("PostgreSQL 15.0 (Skein on DuckDB ") + duckdb::DuckDB::LibraryVersion() +
              ")");
}

void TypeNameOf(RowCall& call, ClientContext& context) {
  auto type = results::PgTypeNamed(call.Text(0));
  auto name = type.ok() ? Snapshot::Of(context)->TypeName(type->oid, -1) : std::nullopt;
  call.Return(name.value_or("text"));
}

/// When the program was loaded.
const auto kStarted = std::chrono::system_clock::now();

void StartTime(RowCall& call, ClientContext&) {
  auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(kStarted.time_since_epoch()).count();
  call.Return(duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros)));
}

/// The part of "address:port" before or behind the last colon; none for local sessions.
void ClientAddress(RowCall& call, ClientContext& context) {
  auto state = StateOf(context);
  if (!state || !state->entry) return call.Null();
  const std::string& peer = state->entry->peer;
  size_t colon = peer.rfind(':');
  if (colon == std::string::npos) return call.Null();
  std::string address = peer.substr(0, colon);
  if (address.size() > 2 && address.front() == '[') address = address.substr(1, address.size() - 2);
  call.Return(address);
}

void ClientPort(RowCall& call, ClientContext& context) {
  auto state = StateOf(context);
  if (!state || !state->entry) return call.Null();
  size_t colon = state->entry->peer.rfind(':');
  int32_t port = 0;
  if (colon == std::string::npos) return call.Null();
  for (char c : state->entry->peer.substr(colon + 1)) {
    if (c < '0' || c > '9') return call.Null();
    port = port * 10 + (c - '0');
  }
  call.Return(port);
}

void Stop(RowCall& call, ClientContext& context, bool terminate) {
  auto state = StateOf(context);
  if (!state || !state->directory) return call.Return(false);
  auto target = state->directory->Find(static_cast<int32_t>(call.Int(0)));
  if (!target) return call.Return(false);
  if (target->user != state->entry->user) {
    throw duckdb::PermissionException(
        "must be the user whose session it is to %s it: session %d belongs to another",
        terminate ? "terminate" : "cancel", target->pid);
  }
  Status reason = terminate ? Status(StatusCode::kUnavailable, "57P01",
                                     "terminating connection due to administrator command")
                            : errors::Cancelled("canceling statement due to user request");
  call.Return(SessionDirectory::Stop(*target, std::move(reason), terminate));
}

void CancelBackend(RowCall& call, ClientContext& context) { Stop(call, context, false); }
void TerminateBackend(RowCall& call, ClientContext& context) { Stop(call, context, true); }

}  // namespace

std::string SessionUser(ClientContext& context) {
  auto state = StateOf(context);
  return state && state->entry ? state->entry->user : "skein";
}

std::vector<duckdb::ScalarFunctionSet> SessionFunctions() {
  std::map<std::string, duckdb::ScalarFunctionSet> sets;
  auto add = [&](const char* name, duckdb::vector<LogicalType> arguments, LogicalType returns,
                 void (*body)(RowCall&, ClientContext&), bool acts = false) {
    auto [set, made] = sets.try_emplace(name, duckdb::ScalarFunctionSet(name));
    auto function = RowFunction(name, std::move(arguments), std::move(returns), body);
    if (acts) function.SetVolatile();
    set->second.AddFunction(std::move(function));
  };
  LogicalType name = NamedType("name");
  for (const char* who : {"current_user", "session_user", "user", "current_role"})
    add(who, {}, name, CurrentUser);
  for (const char* where : {"current_database", "current_catalog"})
    add(where, {}, name, CurrentDatabase);
  add("pg_backend_pid", {}, LogicalType::INTEGER, BackendPid);
  add("skein_type_name", {LogicalType::VARCHAR}, LogicalType::VARCHAR, TypeNameOf);
  for (const char* when : {"pg_postmaster_start_time", "pg_conf_load_time"})
    add(when, {}, LogicalType::TIMESTAMP_TZ, StartTime);
  add("version", {}, LogicalType::VARCHAR, Version);
  add("inet_client_addr", {}, LogicalType::VARCHAR, ClientAddress);
  add("inet_client_port", {}, LogicalType::INTEGER, ClientPort);
  add("pg_cancel_backend", {LogicalType::BIGINT}, LogicalType::BOOLEAN, CancelBackend, true);
  add("pg_terminate_backend", {LogicalType::BIGINT}, LogicalType::BOOLEAN, TerminateBackend, true);
  add("pg_terminate_backend", {LogicalType::BIGINT, LogicalType::BIGINT}, LogicalType::BOOLEAN,
      TerminateBackend, true);
  std::vector<duckdb::ScalarFunctionSet> all;
  for (auto& [key, set] : sets) all.push_back(std::move(set));
  return all;
}

}  // namespace skein::engine::postgres_catalog
