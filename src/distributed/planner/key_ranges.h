#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "distributed/runner/runner.h"

namespace skein::distributed {

/// Cuts the keys of a stage's rows in at most `ranges` ranges of about as many rows each, by the
/// samples that its tasks took (TaskReport::key_sample): the bounds between them, which rise. A key
/// that more rows have than fill a range is several bounds.
std::vector<std::string> CutRanges(const StageReport& report, uint32_t ranges);

}  // namespace skein::distributed
