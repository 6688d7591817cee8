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
    of.reading.resize(stage.tasks);
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

bool StageSplits::Take(size_t scan, size_t task, TakenSplit* taken) {
  std::lock_guard lock(mu_);
  Scan& of = by_scan_[scan];
  of.begun[task] = true;
  of.reading[task] = {};
  size_t from = task;
  const bool own = !of.by_task[task].empty();
  for (size_t other = 0; !own && other < of.by_task.size(); ++other) {
    const bool may = of.by_task[other].size() > (of.begun[other] ? 0u : 1u);
    if (may && (from == task || of.bytes[other] > of.bytes[from])) from = other;
  }
  Split& split = taken->split;
  if (auto& left = of.by_task[from]; !left.empty()) {
    split = own ? std::move(left.front()) : std::move(left.back());
    own ? left.pop_front() : left.pop_back();
    of.bytes[from] -= split.bytes;
  } else if (!HandOn(of, &split)) {
    return false;
  }
  taken->rows = std::make_shared<RowRange>(split.first_row, split.end_row, split.rows);
  of.reading[task] = *taken;
  return true;
}

bool StageSplits::HandOn(Scan& of, Split* split) {
  // Who has not begun will take part without that.
  if (std::find(of.begun.begin(), of.begun.end(), false) != of.begun.end()) return false;
  TakenSplit* most = nullptr;
  uint64_t left = 0;
  for (TakenSplit& other : of.reading) {
    const uint64_t rows = other.rows ? other.rows->left() : 0;
    if (rows <= left) continue;
    most = &other;
    left = rows;
  }
  if (!most) return false;
  const auto back = most->rows->HandOnBack();
  if (!back) return false;
  *split = most->split;
  split->first_row = back->bounds.first;
  split->end_row = back->bounds.end;
  split->rows = back->rows;
  split->bytes = std::max<uint64_t>(1, split->bytes / 2);
  return true;
}

void StageSplits::GiveBack(size_t scan, size_t task, const std::deque<TakenSplit>& splits) {
  std::lock_guard lock(mu_);
  Scan& of = by_scan_[scan];
  of.reading[task] = {};
  auto at = of.by_task[task].begin();
  for (const TakenSplit& taken : splits) {
    Split split = taken.split;
    split.end_row = taken.rows->Close().end;
    of.bytes[task] += split.bytes;
    at = std::next(of.by_task[task].insert(at, std::move(split)));
  }
}

}  // namespace skein::distributed
