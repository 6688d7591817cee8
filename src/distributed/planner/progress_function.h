#pragma once

#include <memory>

#include "duckdb/main/database.hpp"

#include "distributed/progress.h"

namespace skein::distributed {

/// skein_progress(): a row for each stage of each cut query that runs, of sessions of the user who
/// asks.
void RegisterProgressFunction(duckdb::DatabaseInstance& instance,
                              std::shared_ptr<const ProgressBoard> board);

}  // namespace skein::distributed
