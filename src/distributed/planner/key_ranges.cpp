#include "distributed/planner/key_ranges.h"

#include <algorithm>
#include <string_view>

namespace skein::distributed {

std::vector<std::string> CutRanges(const StageReport& report, uint32_t ranges) {
  struct Sampled {
    std::string_view key;
    double rows;  ///< that it stands for
  };
  std::vector<Sampled> sample;
  double rows = 0;
  for (const TaskReport& task : report.tasks) {
    if (task.key_sample.empty()) continue;
    const double each =
        static_cast<double>(task.rows) / static_cast<double>(task.key_sample.size());
    for (const std::string& key : task.key_sample) sample.push_back({key, each});
    rows += static_cast<double>(task.rows);
  }
  std::sort(sample.begin(), sample.end(),
            [](const Sampled& a, const Sampled& b) { return a.key < b.key; });
  std::vector<std::string> bounds;
  double before = 0;
  for (const Sampled& one : sample) {
    before += one.rows;
    while (bounds.size() + 1 < ranges &&
           before * ranges > rows * static_cast<double>(bounds.size() + 1)) {
      bounds.emplace_back(one.key);
    }
  }
  return bounds;
}

}  // namespace skein::distributed
