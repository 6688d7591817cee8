#include "distributed/runner/stage_splits.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace skein::distributed {
namespace {

/// Also false when a file is named twice: then nobody can tell.
bool AreApart(const std::vector<std::deque<Split>>& by_task) {
  std::set<std::pair<std::string, uint64_t>> seen;
  size_t count = 0;
  for (const auto& splits : by_task) {
    for (const Split& split : splits) seen.emplace(split.path, split.first_row);
    count += splits.size();
  }
  return seen.size() == count;
}

}  // namespace

StageSplits::StageSplits(const Stage& stage) {
  if (stage.tasks < 2) return;
  for (const auto& task : stage.scans) by_scan_.resize(std::max(by_scan_.size(), task.size()));
  for (size_t scan = 0; scan < by_scan_.size(); ++scan) {
    Scan& of = by_scan_[scan];
    of.by_task.resize(stage.tasks);
    of.bytes.resize(stage.tasks);
    of.begun.resize(stage.tasks);
    for (size_t task = 0; task < stage.scans.size(); ++task) {
      if (scan >= stage.scans[task].size()) continue;
      for (const Split& split : stage.scans[task][scan]) {
        of.by_task[task].push_back(split);
        of.bytes[task] += split.bytes;
      }
    }
    of.shared = AreApart(of.by_task);
  }
}

bool StageSplits::Take(size_t scan, size_t task, Split* split) {
  std::lock_guard lock(mu_);
  Scan& of = by_scan_[scan];
  of.begun[task] = true;
  size_t from = task;
  const bool own = !of.by_task[task].empty();
  for (size_t other = 0; !own && other < of.by_task.size(); ++other) {
    const bool may = of.by_task[other].size() > (of.begun[other] ? 0u : 1u);
    if (may && (from == task || of.bytes[other] > of.bytes[from])) from = other;
  }
  auto& left = of.by_task[from];
  if (left.empty()) return false;
  if (own) {
    *split = std::move(left.front());
    left.pop_front();
  } else {
    *split = std::move(left.back());
    left.pop_back();
  }
  of.bytes[from] -= split->bytes;
  return true;
}

void StageSplits::GiveBack(size_t scan, size_t task, const std::deque<Split>& splits) {
  std::lock_guard lock(mu_);
  Scan& of = by_scan_[scan];
  of.by_task[task].insert(of.by_task[task].begin(), splits.begin(), splits.end());
  for (const Split& split : splits) of.bytes[task] += split.bytes;
}

}  // namespace skein::distributed
