#pragma once

#include <atomic>
#include <memory>

#include "duckdb/main/database.hpp"

#include "distributed/runner/runner.h"

namespace skein::distributed {

/// Registers skein_explain(query): how the query would be cut with the session's settings, a row
/// for each stage and one for the final plan; one row with the reason when it is not cut. `slots`:
/// as of the runner.
void RegisterExplainFunction(duckdb::DatabaseInstance& instance,
                             std::shared_ptr<const std::atomic<uint32_t>> slots,
                             RunnerTraits traits);

}  // namespace skein::distributed
