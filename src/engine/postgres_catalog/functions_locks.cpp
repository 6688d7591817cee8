// Advisory locks: what migrations and job queues of PostgreSQL's clients keep each other out with.
// They are the instance's, held by sessions or by their transactions, and mean nothing to tables.

#include <chrono>
#include <condition_variable>
#include <iterator>
#include <map>
#include <mutex>
#include <utility>

#include "duckdb/common/exception.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/storage/object_cache.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/row_function.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;

/// One bigint, or two integers: PostgreSQL keeps them apart.
using Key = std::pair<bool, int64_t>;

/// How often a holder has the lock, in each of the ways.
struct Holds {
  int exclusive = 0;
  int shared = 0;
};

/// Who holds what. Thread-safe. A holder is the address of a session's state, or of the part of it
/// that is its transaction's.
class AdvisoryLocks : public duckdb::ObjectCacheEntry {
 public:
  static std::string ObjectType() { return "skein_advisory_locks"; }
  std::string GetObjectType() override { return ObjectType(); }
  /// Not a cache: what it holds must stay.
  duckdb::optional_idx GetEstimatedCacheMemory() const override { return {}; }

  /// `session` never stands in its own way, whichever of its parts holds the lock.
  bool TryTake(const Key& key, const void* session, const void* holder, bool shared) {
    std::lock_guard lock(mu_);
    return TryTakeLocked(key, session, holder, shared);
  }

  /// Waits; throws when the statement is to end.
  void Take(ClientContext& context, const Key& key, const void* session, const void* holder,
            bool shared) {
    constexpr std::chrono::milliseconds kLook{5};
    std::unique_lock lock(mu_);
    while (!TryTakeLocked(key, session, holder, shared)) {
      if (context.IsInterrupted()) throw duckdb::InterruptException();
      released_.wait_for(lock, kLook);
    }
  }

  /// False when it was not held so.
  bool Release(const Key& key, const void* holder, bool shared) {
    std::lock_guard lock(mu_);
    auto held = held_.find(key);
    if (held == held_.end()) return false;
    auto own = held->second.find(holder);
    if (own == held->second.end()) return false;
    int& count = shared ? own->second.holds.shared : own->second.holds.exclusive;
    if (count == 0) return false;
    --count;
    if (own->second.holds.shared + own->second.holds.exclusive == 0) held->second.erase(own);
    if (held->second.empty()) held_.erase(held);
    released_.notify_all();
    return true;
  }

  void ReleaseAll(const void* holder) {
    std::lock_guard lock(mu_);
    for (auto held = held_.begin(); held != held_.end();) {
      held->second.erase(holder);
      held = held->second.empty() ? held_.erase(held) : std::next(held);
    }
    released_.notify_all();
  }

 private:
  struct Holder {
    const void* session = nullptr;
    Holds holds;
  };

  bool TryTakeLocked(const Key& key, const void* session, const void* holder, bool shared) {
    auto held = held_.find(key);
    if (held != held_.end()) {
      for (const auto& [other, its] : held->second) {
        if (its.session != session && (its.holds.exclusive > 0 || !shared)) return false;
      }
    }
    Holder& own = held_[key][holder];
    own.session = session;
    ++(shared ? own.holds.shared : own.holds.exclusive);
    return true;
  }

  std::mutex mu_;
  std::condition_variable released_;
  std::map<Key, std::map<const void*, Holder>> held_;  // mu_
};

/// A session's part: at its end nothing is held any more.
class SessionLocks : public duckdb::ClientContextState {
 public:
  explicit SessionLocks(ClientContext& context)
      : locks_(duckdb::ObjectCache::GetObjectCache(context).GetOrCreate<AdvisoryLocks>(
            AdvisoryLocks::ObjectType())) {}
  ~SessionLocks() override {
    locks_->ReleaseAll(this);
    locks_->ReleaseAll(&in_transaction_);
  }

  static SessionLocks& Of(ClientContext& context) {
    return *context.registered_state->GetOrCreate<SessionLocks>("skein_advisory_locks", context);
  }

  AdvisoryLocks& locks() { return *locks_; }
  const void* HolderFor(bool transaction) {
    if (!transaction) return this;
    in_transaction_ = true;
    return &in_transaction_;
  }

  void TransactionCommit(duckdb::MetaTransaction&, ClientContext&) override { EndTransaction(); }
  void TransactionRollback(duckdb::MetaTransaction&, ClientContext&) override { EndTransaction(); }

 private:
  void EndTransaction() {
    if (std::exchange(in_transaction_, false)) locks_->ReleaseAll(&in_transaction_);
  }

  duckdb::shared_ptr<AdvisoryLocks> locks_;
  bool in_transaction_ = false;  // the transaction holds something; its address stands for it
};

Key KeyOf(const RowCall& call) {
  if (call.Count() == 1) return {false, call.Int(0)};
  return {true, (call.Int(0) << 32) | (call.Int(1) & 0xFFFFFFFF)};
}

struct Kind {
  const char* name;
  bool waits;
  bool transaction;
  bool shared;
};

constexpr Kind kTakes[] = {{"pg_advisory_lock", true, false, false},
                           {"pg_advisory_lock_shared", true, false, true},
                           {"pg_advisory_xact_lock", true, true, false},
                           {"pg_advisory_xact_lock_shared", true, true, true},
                           {"pg_try_advisory_lock", false, false, false},
                           {"pg_try_advisory_lock_shared", false, false, true},
                           {"pg_try_advisory_xact_lock", false, true, false},
                           {"pg_try_advisory_xact_lock_shared", false, true, true}};

template <typename Body>
duckdb::ScalarFunctionSet OverKeys(const char* name, const LogicalType& returns, Body body) {
  duckdb::ScalarFunctionSet set(name);
  for (size_t count : {1, 2}) {
    auto function =
        RowFunction(name, duckdb::vector<LogicalType>(count, LogicalType::BIGINT), returns, body);
    function.SetVolatile();
    set.AddFunction(std::move(function));
  }
  return set;
}

}  // namespace

std::vector<duckdb::ScalarFunctionSet> LockFunctions() {
  std::vector<duckdb::ScalarFunctionSet> all;
  for (const Kind& kind : kTakes) {
    // PostgreSQL's void is an empty text.
    all.push_back(OverKeys(
        kind.name, kind.waits ? LogicalType::VARCHAR : LogicalType::BOOLEAN,
        [kind](RowCall& call, ClientContext& context) {
          auto& session = SessionLocks::Of(context);
          const void* holder = session.HolderFor(kind.transaction);
          if (!kind.waits)
            return call.Return(session.locks().TryTake(KeyOf(call), &session, holder, kind.shared));
          session.locks().Take(context, KeyOf(call), &session, holder, kind.shared);
          call.Return(std::string_view());
        }));
  }
  for (bool shared : {false, true}) {
    all.push_back(OverKeys(shared ? "pg_advisory_unlock_shared" : "pg_advisory_unlock",
                           LogicalType::BOOLEAN, [shared](RowCall& call, ClientContext& context) {
                             auto& session = SessionLocks::Of(context);
                             call.Return(session.locks().Release(KeyOf(call), &session, shared));
                           }));
  }
  duckdb::ScalarFunctionSet unlock_all("pg_advisory_unlock_all");
  auto function = RowFunction("pg_advisory_unlock_all", {}, LogicalType::VARCHAR,
                              [](RowCall& call, ClientContext& context) {
                                auto& session = SessionLocks::Of(context);
                                session.locks().ReleaseAll(&session);
                                call.Return(std::string_view());
                              });
  function.SetVolatile();
  unlock_all.AddFunction(std::move(function));
  all.push_back(std::move(unlock_all));
  return all;
}

}  // namespace skein::engine::postgres_catalog
