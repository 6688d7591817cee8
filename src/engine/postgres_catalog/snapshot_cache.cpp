// Which snapshot a query sees: the one that others of the same catalogue version have made, where
// there is one.

#include "engine/postgres_catalog/snapshot_cache.h"

#include <deque>
#include <string>
#include <utility>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/storage/object_cache.hpp"
#include "duckdb/transaction/meta_transaction.hpp"
#include "duckdb/transaction/transaction_context.hpp"

#include "engine/file_sets.h"
#include "engine/postgres_catalog/snapshot_builder.h"

namespace skein::engine::postgres_catalog {
namespace {

/// All that a snapshot hangs on. DuckDB counts a catalogue's version up with every change, and
/// gives a transaction that changed it a version of its own until it commits.
struct Version {
  std::vector<uint64_t> numbers;
  std::string names;
  std::vector<FileSetName> file_sets;

  bool operator==(const Version&) const = default;
};

/// False when a catalogue (another system's) cannot tell its version.
bool ReadVersion(duckdb::ClientContext& context, Version* version) {
  std::string database = duckdb::DatabaseManager::GetDefaultDatabase(context);
  for (const std::string& name : {database, std::string("temp"), std::string("system")}) {
    auto catalog = duckdb::Catalog::GetCatalogEntry(context, name);
    if (!catalog) return false;
    auto number = catalog->GetCatalogVersion(context);
    if (!number.IsValid()) return false;
    // Every session has a temporary database; as long as nothing was made in it, one is like
    // another.
    bool untouched = name == "temp" && number.GetIndex() == 0;
    version->numbers.push_back(untouched ? 0 : catalog->GetOid());
    version->numbers.push_back(number.GetIndex());
  }
  version->names = QuoteIdentifier(database);
  for (const auto& entry : duckdb::ClientData::Get(context).catalog_search_path->Get())
    version->names += "," + QuoteIdentifier(entry.catalog) + "." + QuoteIdentifier(entry.schema);
  version->file_sets = ListFileSets(context);
  return true;
}

/// The snapshots that were asked for last, for all sessions of an instance.
class SnapshotCache : public duckdb::ObjectCacheEntry {
 public:
  static std::string ObjectType() { return "skein_catalog_snapshots"; }
  std::string GetObjectType() override { return ObjectType(); }
  /// Bounded by itself.
  duckdb::optional_idx GetEstimatedCacheMemory() const override { return {}; }

  std::shared_ptr<Snapshot> Find(const Version& version) {
    std::lock_guard lock(mu_);
    for (auto known = known_.begin(); known != known_.end(); ++known) {
      if (!(known->version == version)) continue;
      Known found = std::move(*known);
      known_.erase(known);
      return known_.emplace_front(std::move(found)).snapshot;
    }
    return nullptr;
  }
  void Keep(Version version, std::shared_ptr<Snapshot> snapshot) {
    std::lock_guard lock(mu_);
    known_.push_front({std::move(version), std::move(snapshot)});
    if (known_.size() > kKept) known_.pop_back();
  }

 private:
  /// One for the databases and search paths in use; what changes often is soon pushed out.
  static constexpr size_t kKept = 4;
  struct Known {
    Version version;
    std::shared_ptr<Snapshot> snapshot;
  };
  std::mutex mu_;
  std::deque<Known> known_;  // mu_; the last used first
};

std::shared_ptr<Snapshot> FindOrBuild(duckdb::ClientContext& context) {
  Version version;
  if (!ReadVersion(context, &version)) return BuildSnapshot(context, ListFileSets(context));
  auto cache = duckdb::ObjectCache::GetObjectCache(context).GetOrCreate<SnapshotCache>(
      SnapshotCache::ObjectType());
  auto snapshot = cache->Find(version);
  if (!snapshot) {
    snapshot = BuildSnapshot(context, version.file_sets);
    cache->Keep(std::move(version), snapshot);
  }
  return snapshot;
}

/// What those who ask within one query share.
class QueryState : public duckdb::ClientContextState {
 public:
  static constexpr const char* kName = "skein_postgres_catalog";

  void QueryBegin(duckdb::ClientContext&) override { Forget(); }
  void QueryEnd() override { Forget(); }

  std::shared_ptr<Snapshot> GetSnapshot(duckdb::ClientContext& context) {
    std::lock_guard lock(mu_);
    Follow(context);
    if (!snapshot_) snapshot_ = FindOrBuild(context);
    return snapshot_;
  }
  std::shared_ptr<QueryColumns> GetColumns(duckdb::ClientContext& context) {
    std::lock_guard lock(mu_);
    Follow(context);
    if (!columns_) columns_ = std::make_shared<QueryColumns>();
    return columns_;
  }

 private:
  /// Statements are also bound outside of queries, each in its own transaction.
  void Follow(duckdb::ClientContext& context) {
    auto transaction = context.ActiveTransaction().global_transaction_id;
    if (transaction_ == transaction) return;
    snapshot_ = nullptr;
    columns_ = nullptr;
    transaction_ = transaction;
  }
  void Forget() {
    std::lock_guard lock(mu_);
    snapshot_ = nullptr;
    columns_ = nullptr;
  }
  std::mutex mu_;
  std::shared_ptr<Snapshot> snapshot_;     // mu_
  std::shared_ptr<QueryColumns> columns_;  // mu_
  duckdb::transaction_t transaction_ = 0;  // mu_
};

QueryState& StateOf(duckdb::ClientContext& context) {
  return *context.registered_state->GetOrCreate<QueryState>(QueryState::kName);
}

}  // namespace

std::shared_ptr<Snapshot> Snapshot::Of(duckdb::ClientContext& context) {
  return StateOf(context).GetSnapshot(context);
}

std::shared_ptr<QueryColumns> QueryColumns::Of(duckdb::ClientContext& context) {
  return StateOf(context).GetColumns(context);
}

}  // namespace skein::engine::postgres_catalog
