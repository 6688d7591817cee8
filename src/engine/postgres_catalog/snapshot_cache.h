#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {

/// The columns of views and file sets as one query sees them. Thread-safe.
class QueryColumns {
 public:
  /// Those of the query that runs on `context`; gone with it.
  static std::shared_ptr<QueryColumns> Of(duckdb::ClientContext& context);

  const std::vector<Column>& Get(duckdb::ClientContext& context, const Relation& relation);

 private:
  std::mutex mu_;
  std::unordered_map<uint32_t, std::vector<Column>> columns_;  // mu_
};

}  // namespace skein::engine::postgres_catalog
