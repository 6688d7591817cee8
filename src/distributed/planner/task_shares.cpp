#include "distributed/planner/task_shares.h"

#include <algorithm>

#include <fmt/format.h>

namespace skein::distributed {

std::vector<Share> DivideShares(const PartitionSizes& sizes, const ShareOptions& options,
                                std::string* why) {
  const auto partitions = static_cast<uint32_t>(sizes.sliced.size());
  auto sorted = sizes.sliced;
  std::sort(sorted.begin(), sorted.end());
  // Of two the lower: the upper one may be the one that is too large.
  const uint64_t median = sorted.empty() ? 0 : sorted[(sorted.size() - 1) / 2];
  const double usual = std::max(static_cast<double>(options.skew_bytes),
                                static_cast<double>(median) * options.skew_factor);
  auto slices_of = [&](uint32_t partition) {
    const auto bytes = static_cast<double>(sizes.sliced[partition]);
    if (options.slices < 2 || bytes <= usual) return uint32_t{1};
    const double fair =
        std::max(static_cast<double>(median), static_cast<double>(options.skew_bytes) / 2);
    const double pieces = fair <= 0 ? options.slices : bytes / fair;
    return std::clamp(static_cast<uint32_t>(std::min(pieces, 1e6)), uint32_t{2}, options.slices);
  };
  std::vector<Share> shares;
  uint32_t sliced = 0;
  uint64_t bytes = 0;  // of the last share, which may be added to
  bool open = false;
  for (uint32_t i = 0; i < partitions; ++i) {
    const uint32_t slices = slices_of(i);
    const uint64_t more = sizes.copied[i] + sizes.sliced[i];
    if (slices > 1) {
      ++sliced;
      for (uint32_t slice = 0; slice < slices; ++slice) shares.push_back({i, i + 1, slice, slices});
      open = false;
    } else if (open && options.task_bytes > 0 && bytes + more <= options.task_bytes) {
      shares.back().end_partition = i + 1;
      bytes += more;
    } else {
      shares.push_back({i, i + 1, 0, 1});
      bytes = more;
      open = true;
    }
  }
  if (sliced == 0 && shares.size() == partitions) return {};
  if (sliced > 0) {
    *why = fmt::format(
        "{} of {} partitions {} split over several tasks: {} with it", sliced, partitions,
        sliced == 1 ? "has too many rows and is" : "have too many rows and are", shares.size());
  } else {
    *why = fmt::format("{} partitions for {} task{}: small", partitions, shares.size(),
                       shares.size() == 1 ? "" : "s");
  }
  return shares;
}

}  // namespace skein::distributed
