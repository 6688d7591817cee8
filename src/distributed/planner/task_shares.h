#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "distributed/stage_graph.h"

namespace skein::distributed {

/// What is known of repartitioned data before the stage that reads it begins, by partition.
struct PartitionSizes {
  std::vector<uint64_t> copied;  ///< bytes of the side that has to be whole
  std::vector<uint64_t> sliced;  ///< bytes of the side that may be read in slices
};

struct ShareOptions {
  /// Small partitions are put together up to so many bytes for a task; 0: never.
  uint64_t task_bytes = 0;
  /// A partition is read by several tasks when its sliced side is larger than this...
  uint64_t skew_bytes = 0;
  /// ...and than so many times the median.
  double skew_factor = 2;
  /// Tasks that wrote the sliced side: there can be no more slices.
  uint32_t slices = 1;
};

/// Divides partitions among tasks. Empty: a task for each partition is right. `why`, when it is
/// not: what was done, for people.
std::vector<Share> DivideShares(const PartitionSizes& sizes, const ShareOptions& options,
                                std::string* why);

}  // namespace skein::distributed
