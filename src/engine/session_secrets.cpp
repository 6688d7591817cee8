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
