#pragma once

#include <cstdint>
#include <vector>

#include "duckdb/common/vector.hpp"
#include "duckdb/planner/column_binding.hpp"

namespace skein::distributed {

/// How the rows of a subtree lie over the tasks of the stage that it is part of.
struct Property {
  enum class Kind {
    kSingle,       ///< in one task
    kPartitioned,  ///< each row in some task
    kHashed,       ///< rows of equal `keys` in the same task
    kReplicated,   ///< the same rows in every task
  };
  Kind kind = Kind::kSingle;
  duckdb::vector<duckdb::ColumnBinding> keys;
  /// Joins that are still open (CutJoin, by number) and have to be made as planned for this to
  /// hold.
  std::vector<uint32_t> open_joins;
  /// With kPartitioned: they are in the query's order, those of a task before those of the next.
  bool ordered = false;

  static Property Single() { return {}; }
  static Property Partitioned() { return {Kind::kPartitioned, {}, {}, false}; }
  static Property Ordered() { return {Kind::kPartitioned, {}, {}, true}; }
  static Property Replicated() { return {Kind::kReplicated, {}, {}, false}; }
  static Property Hashed(duckdb::vector<duckdb::ColumnBinding> keys,
                         std::vector<uint32_t> open_joins = {}) {
    if (keys.empty()) return Partitioned();
    return {Kind::kHashed, std::move(keys), std::move(open_joins), false};
  }

  bool split() const { return kind == Kind::kPartitioned || kind == Kind::kHashed; }
  bool single() const { return kind == Kind::kSingle; }
  bool replicated() const { return kind == Kind::kReplicated; }
};

}  // namespace skein::distributed
