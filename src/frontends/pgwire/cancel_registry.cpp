#include "frontends/pgwire/cancel_registry.h"

#include <openssl/crypto.h>

#include "common/random.h"
#include "frontends/pgwire/pg_connection.h"

namespace skein::frontends::pgwire {

CancelRegistry::Key CancelRegistry::Add(PgConnection* connection, uint32_t process_id,
                                        size_t key_bytes) {
  Key key{process_id, RandomBytes(key_bytes)};
  std::lock_guard lock(mu_);
  entries_.insert_or_assign(process_id, Entry{connection, key.secret});
  return key;
}

void CancelRegistry::Remove(uint32_t process_id) {
  std::lock_guard lock(mu_);
  entries_.erase(process_id);
}

void CancelRegistry::Cancel(uint32_t process_id, std::string_view secret) {
  std::lock_guard lock(mu_);
  auto it = entries_.find(process_id);
  if (it == entries_.end() || it->second.secret.size() != secret.size() ||
      CRYPTO_memcmp(it->second.secret.data(), secret.data(), secret.size()) != 0) {
    return;
  }
  it->second.connection->CancelStatement(
      errors::Cancelled("canceling statement due to user request"));
}

void CancelRegistry::CancelAbandoned() {
  std::lock_guard lock(mu_);
  for (auto& [id, entry] : entries_) entry.connection->CancelIfAbandoned();
}

}  // namespace skein::frontends::pgwire
