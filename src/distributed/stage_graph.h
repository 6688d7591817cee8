#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "distributed/task.h"

namespace skein::distributed {

/// Where the tasks of a stage may run.
enum class Placement : uint8_t {
  kWorkers,
  kCoordinator,  ///< it reads what only the session has; one task, run by LocalStages
};

/// A piece of the query between exchanges.
struct Stage {
  struct Input {
    uint32_t stage = 0;
    ReadMode mode = ReadMode::kAll;
    uint32_t part = 0;
    bool sliced = false;  ///< with kPartition: Share::slices holds for it
  };
  enum class State : uint8_t {
    kReady,    ///< runs when its inputs are finished
    kWaiting,  ///< not decided yet: only its inputs so far are known
    kDropped,  ///< does not run: another stage does its work, or it has no rows
  };

  uint32_t id = 0;
  State state = State::kReady;
  Placement placement = Placement::kWorkers;
  uint32_t tasks = 1;
  /// Null when placed on the coordinator.
  std::shared_ptr<const std::string> plan;
  /// By task, then by scan.
  std::vector<std::vector<std::vector<Split>>> scans;
  std::vector<Input> inputs;
  /// By task; empty: each reads the partition of its own number.
  std::vector<Share> shares;
  OutputKind output = OutputKind::kAll;
  uint32_t partitions = 1;
  uint32_t bloom_bits = 0;  ///< as in TaskSpec
  std::vector<uint32_t> range_columns;
  uint32_t sample_keys = 0;               ///< as in TaskSpec
  std::vector<std::string> range_bounds;  ///< as in TaskSpec
  bool ties_together = false;             ///< as in TaskSpec
  uint64_t estimated_rows = 0;

  // For people.
  std::string output_name;  ///< "hash(o_custkey)", "broadcast", "gather", "keep"
  std::vector<std::string> decisions;
  std::vector<std::string> late_decisions;  ///< made while the query ran
  std::string plan_text;
  bool merged = false;  ///< dropped, because another stage does its work
};

/// What the planner made of a query: stages in an order in which each comes after its inputs, and
/// the inputs of the final plan, which the coordinator runs itself.
struct StageGraph {
  std::string query_id;
  std::shared_ptr<const std::string> session;
  std::vector<Stage> stages;
  std::vector<Stage::Input> final_inputs;
  std::vector<std::string> final_decisions;
  std::string final_plan_text;
  /// Bytes of all files that are read in splits.
  uint64_t scan_bytes = 0;
  /// No two attempts of a task may run at the same time, and none may be left when the run is over:
  /// what they write is there at once.
  bool one_attempt = false;
  /// Whether CSV or JSON files are read in ranges of bytes: when it fails, the reason may be that.
  bool text_ranges = false;

  bool cut() const { return !stages.empty(); }
};

/// What a task reads of a stage's kPartition inputs.
Share ShareOf(const Stage& stage, uint32_t task);

/// The task of a stage, ready but for `TaskSpec::Input::rows`.
TaskSpec MakeTask(const StageGraph& graph, const Stage& stage, uint32_t task);

}  // namespace skein::distributed
