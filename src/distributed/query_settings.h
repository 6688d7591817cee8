#pragma once

#include <cstdint>

#include "common/status.h"
#include "distributed/planner/planned_query.h"
#include "engine/connection.h"

namespace skein::distributed {

/// The session's settings of engine/own_settings.h, checked.
struct QuerySettings {
  enum class When { kAuto, kOn, kOff };
  When when = When::kAuto;
  /// With kAuto: what a query reads at least to be cut.
  uint64_t min_bytes = 0;
  PlanOptions plan;
};

/// An error names the setting and says what would be right. `slots`: the tasks of a stage when the
/// session does not say.
Result<QuerySettings> ReadQuerySettings(const engine::Connection& connection, uint32_t slots);

}  // namespace skein::distributed
