#include "distributed/runner/in_process.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "distributed/exchange/block_store.h"

namespace skein::distributed {
namespace {

class StoreInputs : public TaskInputs {
 public:
  StoreInputs(std::shared_ptr<BlockStore> store, std::vector<Stage::Input> inputs, uint32_t task,
              uint32_t tasks)
      : store_(std::move(store)), inputs_(std::move(inputs)), task_(task), tasks_(tasks) {}

  Result<std::unique_ptr<BlockReader>> Open(uint32_t input) override {
    if (input >= inputs_.size()) return errors::Internal("the task has no such input");
    const Stage::Input& from = inputs_[input];
    return store_->OpenReader(from.stage, from.mode, TaskOf(from), tasks_);
  }

  uint64_t CountRows(size_t input) {
    const Stage::Input& from = inputs_[input];
    return store_->CountRows(from.stage, from.mode, TaskOf(from), tasks_);
  }

 private:
  uint32_t TaskOf(const Stage::Input& from) const {
    return from.mode == ReadMode::kTask ? from.part : task_;
  }

  std::shared_ptr<BlockStore> store_;
  const std::vector<Stage::Input> inputs_;
  const uint32_t task_;
  const uint32_t tasks_;
};

/// One query's run: tasks wait for the stages that theirs reads, threads take those that are ready,
/// the caller's thread takes the coordinator's.
class Run {
 public:
  Run(const StageGraph& graph, std::shared_ptr<BlockStore> store)
      : graph_(graph),
        store_(std::move(store)),
        waiting_for_(graph.stages.size()),
        left_(graph.stages.size()),
        readers_(graph.stages.size()) {
    reports_.resize(graph.stages.size());
    for (const Stage& stage : graph.stages) {
      left_[stage.id] = stage.tasks;
      tasks_left_ += stage.tasks;
      reports_[stage.id].tasks.resize(stage.tasks);
      waiting_for_[stage.id] = stage.inputs.size();
      for (const auto& input : stage.inputs) ++readers_[input.stage];
    }
    // What the final plan reads is never dropped.
    for (const auto& input : graph.final_inputs) ++readers_[input.stage];
    for (const Stage& stage : graph.stages) {
      if (waiting_for_[stage.id] == 0) MakeReady(stage);
    }
  }

  /// Takes tasks until there are none left, or the run failed.
  template <typename Execute>
  void Work(Placement placement, Execute execute) {
    while (auto task = Take(placement)) {
      const Stage& stage = graph_.stages[task->stage];
      auto cancel = std::make_shared<CancelToken>();
      {
        std::lock_guard lock(mu_);
        if (!failure_.ok()) return;
        running_.push_back(cancel);
      }
      Finish(stage, task->task, cancel, RunOne(stage, task->task, cancel, execute));
    }
  }

  void Fail(const Status& why) {
    std::vector<std::shared_ptr<CancelToken>> running;
    {
      std::lock_guard lock(mu_);
      if (!failure_.ok()) return;
      failure_ = why;
      running = running_;
    }
    changed_.notify_all();
    for (auto& cancel : running) cancel->Cancel(why);
  }

  Status status() {
    std::lock_guard lock(mu_);
    return failure_;
  }
  std::vector<StageReport> TakeReports() { return std::move(reports_); }

 private:
  struct Ready {
    uint32_t stage;
    uint32_t task;
  };

  std::deque<Ready>& Queue(Placement placement) {
    return placement == Placement::kWorkers ? ready_ : ready_local_;
  }

  void MakeReady(const Stage& stage) {
    for (uint32_t task = 0; task < stage.tasks; ++task)
      Queue(stage.placement).push_back({stage.id, task});
  }

  std::optional<Ready> Take(Placement placement) {
    std::unique_lock lock(mu_);
    auto& queue = Queue(placement);
    changed_.wait(lock, [&] { return !failure_.ok() || tasks_left_ == 0 || !queue.empty(); });
    if (!failure_.ok() || queue.empty()) return std::nullopt;
    Ready ready = queue.front();
    queue.pop_front();
    return ready;
  }

  template <typename Execute>
  Result<TaskReport> RunOne(const Stage& stage, uint32_t task,
                            const std::shared_ptr<CancelToken>& cancel, Execute& execute) {
    StoreInputs inputs(store_, stage.inputs, task, stage.tasks);
    TaskSpec spec = MakeTask(graph_, stage, task);
    for (size_t i = 0; i < spec.inputs.size(); ++i) spec.inputs[i].rows = inputs.CountRows(i);
    auto output = store_->OpenOutput(stage.id, task, stage.partitions);
    auto report = execute(spec, inputs, *output, cancel);
    if (report.ok()) output->Commit();
    return report;
  }

  void Finish(const Stage& stage, uint32_t task, const std::shared_ptr<CancelToken>& cancel,
              Result<TaskReport> report) {
    if (!report.ok()) {
      Fail(report.status());
      return;
    }
    std::vector<uint32_t> unread;
    {
      std::lock_guard lock(mu_);
      running_.erase(std::find(running_.begin(), running_.end(), cancel));
      reports_[stage.id].tasks[task] = *std::move(report);
      --tasks_left_;
      if (--left_[stage.id] > 0) return;
      for (const Stage& next : graph_.stages) {
        for (const auto& input : next.inputs) {
          if (input.stage == stage.id && --waiting_for_[next.id] == 0) MakeReady(next);
        }
      }
      for (const auto& input : stage.inputs) {
        if (--readers_[input.stage] == 0) unread.push_back(input.stage);
      }
    }
    changed_.notify_all();
    for (uint32_t id : unread) store_->Drop(id);
  }

  const StageGraph& graph_;
  std::shared_ptr<BlockStore> store_;
  std::mutex mu_;
  std::condition_variable changed_;
  // All below are guarded by mu_.
  std::deque<Ready> ready_;
  std::deque<Ready> ready_local_;
  std::vector<size_t> waiting_for_;  ///< by stage: inputs that are not finished
  std::vector<uint32_t> left_;       ///< by stage: tasks that are not finished
  std::vector<size_t> readers_;      ///< by stage: inputs that still read it
  size_t tasks_left_ = 0;
  std::vector<std::shared_ptr<CancelToken>> running_;
  std::vector<StageReport> reports_;
  Status failure_;
};

}  // namespace

Result<std::unique_ptr<InProcessRunner>> InProcessRunner::Start(Options options) {
  std::unique_ptr<InProcessRunner> runner(new InProcessRunner(std::move(options)));
  const Options& own = runner->options_;
  engine::Options share = own.engine;
  const int threads =
      share.threads > 0 ? share.threads : static_cast<int>(std::thread::hardware_concurrency());
  share.threads = std::max(1, threads / static_cast<int>(own.workers));
  share.memory_limit_bytes /= own.workers;
  share.max_temp_bytes /= own.workers;
  for (uint32_t i = 0; i < own.workers; ++i) {
    share.temp_dir = own.engine.temp_dir + "/worker-" + std::to_string(i);
    SKEIN_ASSIGN_OR_RETURN(auto worker, Worker::Open(share));
    runner->workers_.push_back(std::move(worker));
  }
  return runner;
}

Result<RunOutput> InProcessRunner::Run(const StageGraph& graph, LocalStages& local,
                                       std::shared_ptr<CancelToken> cancel) {
  auto store = std::make_shared<BlockStore>(options_.exchange_memory, options_.spill_dir);
  distributed::Run run(graph, store);
  {
    // The token's lock is held then: what it says is asked for below.
    auto registration = cancel->OnCancel(
        [&run] { run.Fail(errors::Cancelled("canceling statement due to user request")); });
    std::vector<std::thread> threads;
    threads.reserve(workers_.size());
    for (auto& worker : workers_) {
      threads.emplace_back([&run, &worker] {
        run.Work(Placement::kWorkers,
                 [&](const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                     const std::shared_ptr<CancelToken>& token) {
                   return worker->RunTask(task, inputs, outputs, token);
                 });
      });
    }
    run.Work(Placement::kCoordinator,
             [&](const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                 const std::shared_ptr<CancelToken>& token) {
               return local.RunLocalStage(task, inputs, outputs, token);
             });
    for (auto& thread : threads) thread.join();
  }
  if (cancel->cancelled()) return cancel->status();
  SKEIN_RETURN_IF_ERROR(run.status());
  RunOutput output;
  auto inputs = std::make_unique<StoreInputs>(store, graph.final_inputs, 0, 1);
  for (size_t i = 0; i < graph.final_inputs.size(); ++i)
    output.input_rows.push_back(inputs->CountRows(i));
  output.inputs = std::move(inputs);
  output.stages = run.TakeReports();
  output.spilled_bytes = store->spilled_bytes();
  return output;
}

}  // namespace skein::distributed
