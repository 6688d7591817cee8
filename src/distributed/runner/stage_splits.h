#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "distributed/stage_graph.h"

namespace skein::distributed {

/// The splits that the tasks of a stage share while it runs: each has those that were planned for
/// it, and who is through with them takes what others have not begun, and then the back of what
/// others read. So a stage takes as long as its rows, not as its slowest share of them. A task that
/// has not begun keeps one: what tasks write is as many files as planned. Thread-safe.
class StageSplits {
 public:
  explicit StageSplits(const Stage& stage);

  /// Whether each split of `scan` is one task's; else every task reads all of them.
  bool Shares(size_t scan) const { return scan < by_scan_.size() && by_scan_[scan].shared; }

  /// The next for `task`: its own in their order, then the last of the task that has most left,
  /// then, when all tasks have begun, rows of the one that another reads. False when there are none
  /// for it.
  bool Take(size_t scan, size_t task, TakenSplit* split);

  /// What `task` took and did not finish. It comes first again, or others take it.
  void GiveBack(size_t scan, size_t task, const std::deque<TakenSplit>& splits);

 private:
  struct Scan {
    bool shared = false;
    std::vector<std::deque<Split>> by_task;  // guarded by mu_
    std::vector<uint64_t> bytes;             // left, by task; guarded by mu_
    std::vector<bool> begun;                 // by task; guarded by mu_
    std::vector<TakenSplit> reading;         // the last, by task; guarded by mu_
  };
  static bool HandOn(Scan& of, Split* split);
  std::mutex mu_;
  std::vector<Scan> by_scan_;
};

}  // namespace skein::distributed
