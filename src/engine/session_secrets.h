#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/secret/secret_manager.hpp"
#include "duckdb/main/secret/secret_storage.hpp"

namespace skein::engine {

/// Secrets that belong to one connection: DuckDB's own storages are shared by the whole instance,
/// here every look-up goes by the connection that asks. They live in memory only and go with the
/// connection (Forget).
///
/// DuckDB owns it and calls it from any thread.
class SessionSecrets : public duckdb::SecretStorage {
 public:
  static constexpr char kName[] = "session";

  SessionSecrets() : SecretStorage(kName, /*tie_break_offset=*/5) {}

  /// While one lives, a connection of ours has the secrets that a session had when it was made.
  class Loan {
   public:
    Loan() = default;
    Loan(SessionSecrets& secrets, duckdb::connection_t to) : secrets_(&secrets), to_(to) {}
    Loan(Loan&& other) noexcept { *this = std::move(other); }
    Loan& operator=(Loan&& other) noexcept {
      std::swap(secrets_, other.secrets_);
      std::swap(to_, other.to_);
      return *this;
    }
    ~Loan() {
      if (secrets_) secrets_->Forget(to_);
    }

   private:
    SessionSecrets* secrets_ = nullptr;
    duckdb::connection_t to_ = 0;
  };
  Loan Lend(duckdb::connection_t from, duckdb::connection_t to);

  /// While one lives, connections that its thread opens look secrets up as `session` does: an
  /// extension that commits or rolls back does it over a connection of its own (Iceberg's). Only
  /// where nothing but this session's work runs on the thread.
  class OnThisThread {
   public:
    explicit OnThisThread(duckdb::ClientContext& session);
    ~OnThisThread();
    OnThisThread(const OnThisThread&) = delete;
    OnThisThread& operator=(const OnThisThread&) = delete;

   private:
    friend class SessionSecrets;

    const duckdb::DatabaseInstance* const instance_;
    const duckdb::connection_t session_;
    OnThisThread* const outer_;
    SessionSecrets* used_ = nullptr;  ///< a connection was opened
  };
  /// Told of all connections of `instance` from now on, for OnThisThread; they are forgotten when
  /// they are closed.
  void Watch(duckdb::DatabaseInstance& instance);

  /// Secrets that extensions make of what a catalogue hands out (Iceberg's, for a table) name no
  /// storage. From now on they belong to the connection that they are made for, too; what `manager`
  /// has stays everybody's. `sessions`: is loaded, or will be.
  static void TakeUnstored(duckdb::SecretManager& manager, SessionSecrets& sessions);

  /// The connection is gone: so are its secrets.
  void Forget(duckdb::connection_t connection);

  duckdb::unique_ptr<duckdb::SecretEntry> StoreSecret(
      duckdb::unique_ptr<const duckdb::BaseSecret> secret, duckdb::OnCreateConflict on_conflict,
      duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override;
  duckdb::vector<duckdb::SecretEntry> AllSecrets(
      duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override;
  void DropSecretByName(const duckdb::string& name, duckdb::OnEntryNotFound on_entry_not_found,
                        duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override;
  duckdb::SecretMatch LookupSecret(
      const duckdb::string& path, const duckdb::string& type,
      duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override;
  duckdb::unique_ptr<duckdb::SecretEntry> GetSecretByName(
      const duckdb::string& name,
      duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override;

 private:
  class Watcher;

  /// Whose secrets a look-up finds.
  duckdb::connection_t ConnectionOf(duckdb::optional_ptr<duckdb::CatalogTransaction> transaction);

  using Named = std::map<std::string, duckdb::unique_ptr<duckdb::SecretEntry>>;

  std::mutex mu_;
  std::map<duckdb::connection_t, Named> by_connection_;  // guarded by mu_
  /// Connections that were opened below an OnThisThread, and its session. Guarded by mu_. DuckDB
  /// numbers a connection only after it tells of it.
  std::map<const duckdb::ClientContext*, duckdb::connection_t> opened_for_;
};

}  // namespace skein::engine
