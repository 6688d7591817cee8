#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/status.h"
#include "distributed/planner/planned_query.h"
#include "distributed/runner/runner.h"

namespace skein::distributed {

/// The session's settings of engine/own_settings.h, checked.
struct QuerySettings {
  enum class When { kAuto, kOn, kOff };
  When when = When::kAuto;
  /// With kAuto: what a query reads at least to be cut.
  uint64_t min_bytes = 0;
  PlanOptions plan;
};

/// A setting's text; nullopt when there is none of that name.
using SettingLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// An error names the setting and says what would be right. `slots`: the tasks of a stage when the
/// session does not say.
Result<QuerySettings> ReadQuerySettings(const SettingLookup& setting, uint32_t slots,
                                        const RunnerTraits& traits);

}  // namespace skein::distributed
