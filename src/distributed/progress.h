#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "distributed/runner/runner.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

/// How far a cut query is, stage by stage: what skein_progress() lists, and of what a poll for the
/// query is told the percentage.
///
/// Made when the query is planned; written by whoever leads the run (Decided) and runs its tasks
/// (TaskFinished), read from any thread. Thread-safe.
class QueryProgress {
 public:
  enum class State : uint8_t {
    kWaiting,   ///< for its inputs, or for what decides how it is made
    kRunning,   ///< its tasks run, or could
    kFinished,  ///< all its tasks did
    kNotRun,    ///< it has no rows to make
  };
  struct StageFigures {
    uint32_t stage = 0;
    bool on_workers = true;
    std::string output;
    State state = State::kWaiting;
    uint32_t tasks = 0;
    uint32_t tasks_finished = 0;
    uint64_t rows = 0;
    uint64_t bytes = 0;
    uint64_t spilled_bytes = 0;
    double task_seconds = 0;
  };

  /// `pid` and `user`: of the session, as in pg_stat_activity; 0 when it is no client's.
  QueryProgress(const StageGraph& graph, int32_t pid, std::string user);

  /// Stage `finished` is, and the graph may have changed.
  void Decided(const StageGraph& graph, uint32_t finished);
  void TaskFinished(uint32_t stage, const TaskReport& report);

  /// 0 to 99: the final plan is not counted.
  double percent() const;
  std::vector<StageFigures> stages() const;
  const std::string& query_id() const { return query_id_; }
  int32_t pid() const { return pid_; }
  const std::string& user() const { return user_; }

 private:
  struct Tracked {
    StageFigures figures;
    double weight = 0;
    bool merged = false;
  };
  void Look(const StageGraph& graph);  // under mu_

  const std::string query_id_;
  const int32_t pid_;
  const std::string user_;
  mutable std::mutex mu_;
  std::vector<Tracked> stages_;  // guarded by mu_; by number
};

/// The queries that run now. Thread-safe.
class ProgressBoard {
 public:
  /// Lists it for as long as somebody keeps it.
  void Add(const std::shared_ptr<QueryProgress>& query);
  std::vector<std::shared_ptr<QueryProgress>> List() const;

 private:
  mutable std::mutex mu_;
  std::vector<std::weak_ptr<QueryProgress>> queries_;  // guarded by mu_
};

/// LocalStages that tell how far a run is.
class TrackedStages : public LocalStages {
 public:
  /// Both outlive it; `graph` is the one that `local` decides.
  TrackedStages(LocalStages& local, const StageGraph& graph,
                std::shared_ptr<QueryProgress> progress)
      : local_(local), graph_(graph), progress_(std::move(progress)) {}

  Result<TaskReport> RunLocalStage(const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                                   std::shared_ptr<CancelToken> cancel) override {
    return local_.RunLocalStage(task, inputs, outputs, std::move(cancel));
  }
  Result<std::vector<uint32_t>> StageFinished(uint32_t stage, const StageReport& report) override {
    auto changed = local_.StageFinished(stage, report);
    progress_->Decided(graph_, stage);
    return changed;
  }
  void TaskFinished(uint32_t stage, const TaskReport& report) override {
    progress_->TaskFinished(stage, report);
  }

 private:
  LocalStages& local_;
  const StageGraph& graph_;
  std::shared_ptr<QueryProgress> progress_;
};

}  // namespace skein::distributed
