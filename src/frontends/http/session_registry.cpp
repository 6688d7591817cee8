#include "frontends/http/session_registry.h"

#include <vector>

#include "common/random.h"

namespace skein::frontends::http {

SessionRegistry::~SessionRegistry() = default;

void SessionRegistry::ExpireIdle() {
  // Done whenever a session is opened or used: an idle session that nobody replaces costs a few
  // kilobytes, and it cannot be used once its time is over.
  std::vector<std::shared_ptr<Named>> expired;  // destroyed outside the lock
  std::lock_guard lock(mu_);
  auto now = Clock::now();
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    bool idle = it->second.use_count() == 1 && now - it->second->last_used > limits_.session_idle;
    if (idle) expired.push_back(std::move(it->second));
    it = idle ? sessions_.erase(it) : std::next(it);
  }
}

std::variant<std::string, HttpError> SessionRegistry::Open(const session::Identity& identity) {
  ExpireIdle();
  auto opened = session::Session::Open(services_, identity);
  if (!opened.ok()) return FromStatus(opened.status());
  auto named = std::make_shared<Named>();
  named->user = identity.user;
  named->session = *std::move(opened);
  named->last_used = Clock::now();
  std::string token = RandomHex(32);
  std::lock_guard lock(mu_);
  if (sessions_.size() >= limits_.max_sessions) {
    return DetailError(503, "too many sessions are open: end some with DELETE /v1/session");
  }
  sessions_.emplace(token, std::move(named));
  return token;
}

std::variant<SessionRegistry::Lease, HttpError> SessionRegistry::Use(const std::string& token,
                                                                     const std::string& user) {
  ExpireIdle();
  Lease lease;
  {
    std::lock_guard lock(mu_);
    auto it = sessions_.find(token);
    if (it == sessions_.end() || it->second->user != user) {
      return DetailError(404,
                         "there is no such session, or it expired: open one with POST /v1/session");
    }
    lease.named = it->second;
    lease.named->last_used = Clock::now();
  }
  lease.lock = std::unique_lock(lease.named->busy, limits_.session_wait);
  if (!lease.lock.owns_lock()) {
    return DetailError(
        409, "the session is in use by another request: wait for it, or open a second session");
  }
  return lease;
}

bool SessionRegistry::Close(const std::string& token, const std::string& user) {
  std::shared_ptr<Named> closed;  // destroyed outside the lock, or by the request that uses it
  std::lock_guard lock(mu_);
  auto it = sessions_.find(token);
  if (it == sessions_.end() || it->second->user != user) return false;
  closed = std::move(it->second);
  sessions_.erase(it);
  closed->session->Terminate(
      Status(StatusCode::kFailedPrecondition, "57P01", "the session was ended"));
  return true;
}

size_t SessionRegistry::size() const {
  std::lock_guard lock(mu_);
  return sessions_.size();
}

}  // namespace skein::frontends::http
