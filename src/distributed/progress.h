#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "distributed/runner/runner.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

/// How far a cut query is, stage by stage: what skein_progress() lists, and of what a poll for the
/// query is told the percentage.
///
/// Made when the run begins; written by whoever leads the run (Decided) and runs its tasks
/// (TaskBegan, TaskFinished), read from any thread. Thread-safe.
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
    /// From the run's begin to that of its first task; nothing while none is known to have begun.
    std::optional<double> began_seconds;
    /// From there to the end of its last task, or until now.
    double elapsed_seconds = 0;
  };

  /// `pid` and `user`: of the session, as in pg_stat_activity; 0 when it is no client's.
  QueryProgress(const StageGraph& graph, int32_t pid, std::string user);

  /// Stage `finished` is, and the graph may have changed.
  void Decided(const StageGraph& graph, uint32_t finished);
  void TaskBegan(uint32_t stage);
  void TaskFinished(uint32_t stage, const TaskReport& report);
  /// Writes down in the reports of a run, by number, when its stages ran.
  void Time(std::vector<StageReport>* reports) const;

  /// 0 to 99: the final plan is not counted.
  double percent() const;
  std::vector<StageFigures> stages() const;
  const std::string& query_id() const { return query_id_; }
  int32_t pid() const { return pid_; }
  const std::string& user() const { return user_; }

 private:
  struct Tracked {
    StageFigures figures;
    double ended_seconds = 0;  ///< of the latest task
    double weight = 0;
    bool merged = false;
  };
  void Look(const StageGraph& graph);  // under mu_
  double Seconds() const { return std::chrono::duration<double>(Clock::now() - began_).count(); }

  const std::string query_id_;
  const int32_t pid_;
  const std::string user_;
  const Clock::time_point began_ = Clock::now();
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
  void TaskBegan(uint32_t stage) override { progress_->TaskBegan(stage); }
  void TaskFinished(uint32_t stage, const TaskReport& report) override {
    progress_->TaskFinished(stage, report);
  }

 private:
  LocalStages& local_;
  const StageGraph& graph_;
  std::shared_ptr<QueryProgress> progress_;
};

}  // namespace skein::distributed
