#pragma once

#include <memory>
#include <vector>

#include "engine/file_sets.h"
#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {

/// Reads the catalogue of the current database into a new snapshot. Of the file sets those that a
/// table or view hides are left out.
std::shared_ptr<Snapshot> BuildSnapshot(duckdb::ClientContext& context,
                                        const std::vector<FileSetName>& file_sets);

/// What only the building of a snapshot may touch.
struct SnapshotBuilder {
  /// Makes numbers unique and fills the indexes by number, name and search path.
  static void Index(duckdb::ClientContext& context, Snapshot& snapshot);
};

}  // namespace skein::engine::postgres_catalog
