#include "engine/session_secrets.h"

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/secret/secret.hpp"
#include "duckdb/planner/extension_callback.hpp"

namespace skein::engine {
namespace {

thread_local SessionSecrets::OnThisThread* on_this_thread = nullptr;

/// Where DuckDB puts secrets of no storage. Has none itself: they are found in `sessions`.
class Unstored : public duckdb::SecretStorage {
 public:
  explicit Unstored(SessionSecrets& sessions)
      : SecretStorage(duckdb::SecretManager::TEMPORARY_STORAGE_NAME, /*tie_break_offset=*/10),
        sessions_(sessions) {}

  duckdb::unique_ptr<duckdb::SecretEntry> StoreSecret(
      duckdb::unique_ptr<const duckdb::BaseSecret> secret, duckdb::OnCreateConflict on_conflict,
      duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override {
    return sessions_.StoreSecret(std::move(secret), on_conflict, transaction);
  }
  duckdb::vector<duckdb::SecretEntry> AllSecrets(
      duckdb::optional_ptr<duckdb::CatalogTransaction>) override {
    return {};
  }
  void DropSecretByName(const duckdb::string& name, duckdb::OnEntryNotFound on_entry_not_found,
                        duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) override {
    sessions_.DropSecretByName(name, on_entry_not_found, transaction);
  }
  duckdb::SecretMatch LookupSecret(const duckdb::string&, const duckdb::string&,
                                   duckdb::optional_ptr<duckdb::CatalogTransaction>) override {
    return {};
  }
  duckdb::unique_ptr<duckdb::SecretEntry> GetSecretByName(
      const duckdb::string&, duckdb::optional_ptr<duckdb::CatalogTransaction>) override {
    return nullptr;
  }

 private:
  SessionSecrets& sessions_;
};

/// DuckDB has no call to replace a storage: this names the private member that holds them, which
/// an explicit instantiation may.
template <auto Member>
struct Storages {
  friend auto& StoragesOf(duckdb::SecretManager& manager) { return manager.*Member; }
};
auto& StoragesOf(duckdb::SecretManager& manager);
template struct Storages<&duckdb::SecretManager::secret_storages>;

}  // namespace

class SessionSecrets::Watcher : public duckdb::ExtensionCallback {
 public:
  explicit Watcher(SessionSecrets& secrets) : secrets_(secrets) {}
  void OnConnectionOpened(duckdb::ClientContext& context) override {
    if (!on_this_thread || on_this_thread->instance_ != context.db.get()) return;
    on_this_thread->used_ = &secrets_;
    std::lock_guard lock(secrets_.mu_);
    secrets_.opened_for_[&context] = on_this_thread->session_;
  }
  void OnConnectionClosed(duckdb::ClientContext& context) override {
    std::lock_guard lock(secrets_.mu_);
    secrets_.opened_for_.erase(&context);
    secrets_.by_connection_.erase(context.GetConnectionId());
  }

 private:
  SessionSecrets& secrets_;
};

SessionSecrets::OnThisThread::OnThisThread(duckdb::ClientContext& session)
    : instance_(session.db.get()), session_(session.GetConnectionId()), outer_(on_this_thread) {
  on_this_thread = this;
}

SessionSecrets::OnThisThread::~OnThisThread() {
  on_this_thread = outer_;
  if (!used_) return;
  // One that the extension keeps has none from now on.
  std::lock_guard lock(used_->mu_);
  std::erase_if(used_->opened_for_, [&](const auto& one) { return one.second == session_; });
}

void SessionSecrets::Watch(duckdb::DatabaseInstance& instance) {
  duckdb::ExtensionCallback::Register(duckdb::DBConfig::GetConfig(instance),
                                      duckdb::make_shared_ptr<Watcher>(*this));
}

void SessionSecrets::TakeUnstored(duckdb::SecretManager& manager, SessionSecrets& sessions) {
  auto& storages = StoragesOf(manager);
  auto& unstored = storages[duckdb::SecretManager::TEMPORARY_STORAGE_NAME];
  storages["server"] = std::move(unstored);
  unstored = duckdb::make_uniq<Unstored>(sessions);
}

// Look-ups without a connection (background threads of extensions) find nothing rather than
// somebody's secret.
duckdb::connection_t SessionSecrets::ConnectionOf(
    duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) {
  if (!transaction || !transaction->context) return duckdb::DConstants::INVALID_INDEX;
  std::lock_guard lock(mu_);
  auto opened_for = opened_for_.find(transaction->context.get());
  return opened_for != opened_for_.end() ? opened_for->second
                                         : transaction->context->GetConnectionId();
}

SessionSecrets::Loan SessionSecrets::Lend(duckdb::connection_t from, duckdb::connection_t to) {
  std::lock_guard lock(mu_);
  if (auto lender = by_connection_.find(from); lender != by_connection_.end()) {
    Named& lent = by_connection_[to];
    for (const auto& [name, entry] : lender->second)
      lent[name] = duckdb::make_uniq<duckdb::SecretEntry>(*entry);
  }
  return {*this, to};
}

void SessionSecrets::Forget(duckdb::connection_t connection) {
  std::lock_guard lock(mu_);
  by_connection_.erase(connection);
}

duckdb::unique_ptr<duckdb::SecretEntry> SessionSecrets::StoreSecret(
    duckdb::unique_ptr<const duckdb::BaseSecret> secret, duckdb::OnCreateConflict on_conflict,
    duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) {
  duckdb::connection_t connection = ConnectionOf(transaction);
  if (connection == duckdb::DConstants::INVALID_INDEX) {
    throw duckdb::InvalidInputException("A secret can only be created by a session");
  }
  std::string name = duckdb::StringUtil::Lower(secret->GetName());
  std::lock_guard lock(mu_);
  Named& named = by_connection_[connection];
  if (auto it = named.find(name); it != named.end()) {
    if (on_conflict == duckdb::OnCreateConflict::ERROR_ON_CONFLICT) {
      throw duckdb::InvalidInputException("Secret with name \"%s\" already exists in this session",
                                          name);
    }
    if (on_conflict == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT) {
      return duckdb::make_uniq<duckdb::SecretEntry>(*it->second);
    }
  }
  // Iceberg's extension makes one for a table in each transaction, and leaves some. Of those of one
  // place the last counts; DuckDB would go by their names, and take one that has expired.
  if (duckdb::StringUtil::StartsWith(name, "__internal_")) {
    std::erase_if(named, [&](const auto& one) {
      return duckdb::StringUtil::StartsWith(one.first, "__internal_") &&
             one.second->secret->GetType() == secret->GetType() &&
             one.second->secret->GetScope() == secret->GetScope();
    });
  }
  auto entry = duckdb::make_uniq<duckdb::SecretEntry>(std::move(secret));
  entry->storage_mode = kName;
  entry->persist_type = duckdb::SecretPersistType::TEMPORARY;
  auto copy = duckdb::make_uniq<duckdb::SecretEntry>(*entry);
  named[name] = std::move(entry);
  return copy;
}

duckdb::vector<duckdb::SecretEntry> SessionSecrets::AllSecrets(
    duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) {
  const duckdb::connection_t connection = ConnectionOf(transaction);
  std::lock_guard lock(mu_);
  duckdb::vector<duckdb::SecretEntry> all;
  if (auto it = by_connection_.find(connection); it != by_connection_.end()) {
    for (auto& [name, entry] : it->second) all.push_back(*entry);
  }
  return all;
}

void SessionSecrets::DropSecretByName(
    const duckdb::string& name, duckdb::OnEntryNotFound on_entry_not_found,
    duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) {
  const duckdb::connection_t connection = ConnectionOf(transaction);
  std::lock_guard lock(mu_);
  auto it = by_connection_.find(connection);
  bool found = it != by_connection_.end() && it->second.erase(duckdb::StringUtil::Lower(name)) > 0;
  if (!found && on_entry_not_found == duckdb::OnEntryNotFound::THROW_EXCEPTION) {
    throw duckdb::InvalidInputException("There is no secret named \"%s\" in this session", name);
  }
}

duckdb::SecretMatch SessionSecrets::LookupSecret(
    const duckdb::string& path, const duckdb::string& type,
    duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) {
  const duckdb::connection_t connection = ConnectionOf(transaction);
  std::lock_guard lock(mu_);
  duckdb::SecretMatch best;
  if (auto it = by_connection_.find(connection); it != by_connection_.end()) {
    for (auto& [name, entry] : it->second) {
      if (duckdb::StringUtil::CIEquals(entry->secret->GetType(), type)) {
        best = SelectBestMatch(*entry, path, tie_break_offset, best);
      }
    }
  }
  return best;
}

duckdb::unique_ptr<duckdb::SecretEntry> SessionSecrets::GetSecretByName(
    const duckdb::string& name, duckdb::optional_ptr<duckdb::CatalogTransaction> transaction) {
  const duckdb::connection_t connection = ConnectionOf(transaction);
  std::lock_guard lock(mu_);
  auto it = by_connection_.find(connection);
  if (it == by_connection_.end()) return nullptr;
  auto named = it->second.find(duckdb::StringUtil::Lower(name));
  if (named == it->second.end()) return nullptr;
  return duckdb::make_uniq<duckdb::SecretEntry>(*named->second);
}

}  // namespace skein::engine
