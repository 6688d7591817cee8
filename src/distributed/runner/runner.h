#pragma once

#include <memory>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

/// What became of a stage.
struct StageReport {
  std::vector<TaskReport> tasks;
  /// From the run's begin to that of its first task, and from there to the end of its last, by the
  /// clock.
  double began_seconds = 0;
  double elapsed_seconds = 0;
};

/// What of a run is the coordinator's: the stages that are placed there, what is decided only when
/// some stages are finished, and how far it is. Called on the thread that called Runner::Run, one
/// at a time, but for TaskBegan and TaskFinished.
class LocalStages {
 public:
  virtual ~LocalStages() = default;
  virtual Result<TaskReport> RunLocalStage(const TaskSpec& task, TaskInputs& inputs,
                                           TaskOutputs& outputs,
                                           std::shared_ptr<CancelToken> cancel) = 0;
  /// Stage `stage` is finished. Decides what waited for that: stages of the graph that were
  /// kWaiting may now be kReady or kDropped, or read other inputs. Gives those that changed.
  virtual Result<std::vector<uint32_t>> StageFinished(uint32_t stage,
                                                      const StageReport& report) = 0;
  /// From any thread, when a task begins; not of all tasks where they run elsewhere.
  virtual void TaskBegan(uint32_t stage) { (void)stage; }
  /// From any thread, once for each task of each stage, before its StageFinished.
  virtual void TaskFinished(uint32_t stage, const TaskReport& report) {
    (void)stage;
    (void)report;
  }
};

/// The output of a run: what the final plan reads. Holds the data until it is destroyed.
struct RunOutput {
  std::unique_ptr<TaskInputs> inputs;  ///< by index into StageGraph::final_inputs
  std::vector<uint64_t> input_rows;    ///< the same
  std::vector<StageReport> stages;
  uint64_t spilled_bytes = 0;
};

/// What a planner has to know of the place where tasks run.
struct RunnerTraits {
  /// Tasks may take rows of a split that others are reading.
  bool divides_splits = false;
  /// Repartitioned data of so many bytes is worth a task, which costs some milliseconds of a
  /// cluster.
  uint64_t task_bytes = uint64_t{1} << 20;
  /// The tasks' cores are not the session's engine's.
  bool elsewhere = true;
};

/// Where stages run: threads of this process, or a cluster.
class Runner {
 public:
  virtual ~Runner() = default;

  /// Tasks that can run at the same time.
  virtual uint32_t slots() const = 0;

  virtual RunnerTraits traits() const { return {}; }

  /// Runs all stages of `graph` to their end, or to the first error that does not go away by trying
  /// again, or until `cancel`. Stages that wait run when `local` has decided. When it returns
  /// nothing of the query runs any more. Thread-safe.
  virtual Result<RunOutput> Run(const StageGraph& graph, LocalStages& local,
                                std::shared_ptr<CancelToken> cancel) = 0;
};

}  // namespace skein::distributed
