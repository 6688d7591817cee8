#include "distributed/runner/in_process.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "distributed/exchange/block_store.h"
#include "distributed/runner/memory_loan.h"
#include "distributed/runner/stage_splits.h"

namespace skein::distributed {
namespace {

class StoreInputs : public TaskInputs {
 public:
  /// `splits`: of the stage; null when it has none.
  StoreInputs(std::shared_ptr<BlockStore> store, std::vector<Stage::Input> inputs, uint32_t task,
              uint32_t tasks, Share share, StageSplits* splits)
      : store_(std::move(store)),
        inputs_(std::move(inputs)),
        task_(task),
        tasks_(tasks),
        share_(share),
        splits_(splits) {}

  Result<std::unique_ptr<BlockReader>> Open(uint32_t input) override {
    if (input >= inputs_.size()) return errors::Internal("the task has no such input");
    const Stage::Input& from = inputs_[input];
    const Share share = ShareFor(from);
    return store_->OpenReader(from.stage, from.mode, TaskOf(from), tasks_, &share);
  }

  bool shares_splits(uint32_t scan) const override { return splits_ && splits_->Shares(scan); }

  const TakenSplit* TakeSplit(uint32_t scan, size_t index) override {
    std::lock_guard lock(mu_);
    auto& taken = taken_[scan];
    while (taken.size() <= index) {
      TakenSplit next;
      if (!splits_->Take(scan, task_, &next)) return nullptr;
      taken.push_back(std::move(next));
    }
    return &taken[index];
  }

  /// The task failed.
  void GiveBackSplits() {
    std::lock_guard lock(mu_);
    for (const auto& [scan, splits] : taken_) splits_->GiveBack(scan, task_, splits);
    taken_.clear();
  }

  uint64_t CountRows(size_t input) {
    const Stage::Input& from = inputs_[input];
    const Share share = ShareFor(from);
    return store_->CountRows(from.stage, from.mode, TaskOf(from), tasks_, &share);
  }

 private:
  uint32_t TaskOf(const Stage::Input& from) const {
    return from.mode == ReadMode::kTask ? from.part : task_;
  }
  Share ShareFor(const Stage::Input& from) const {
    if (from.sliced) return share_;
    return {share_.first_partition, share_.end_partition, 0, 1};
  }

  std::shared_ptr<BlockStore> store_;
  const std::vector<Stage::Input> inputs_;
  const uint32_t task_;
  const uint32_t tasks_;
  const Share share_;
  StageSplits* const splits_;
  std::mutex mu_;
  std::map<uint32_t, std::deque<TakenSplit>> taken_;  ///< by scan; guarded by mu_
};

bool OutOfMemory(const Status& status) { return status.sqlstate() == "53200"; }

/// Of a task that had all the memory there is.
Status TooLarge(const Status& status) {
  if (!OutOfMemory(status)) return status;
  return Status(status).WithHint(
      "A task of the query had the memory of all workers and that was not enough. Give the server "
      "more (--max-memory-gb), or cut the query in more tasks (SET num_shuffle_partitions).");
}

/// One query's run. The caller's thread leads: it offers the stages whose inputs are finished, lets
/// decide what waited for a stage, and runs the coordinator's own; the other threads take tasks.
class Run {
 public:
  Run(const StageGraph& graph, LocalStages& local, std::shared_ptr<BlockStore> store)
      : graph_(graph),
        local_(local),
        store_(std::move(store)),
        progress_(graph.stages.size(), Progress::kIdle),
        left_(graph.stages.size()),
        splits_(graph.stages.size()),
        reports_(graph.stages.size()) {}

  struct Attempt {
    const TaskSpec& task;
    TaskInputs& inputs;
    TaskOutputs& outputs;
    std::shared_ptr<CancelToken> cancel;
    bool alone = false;  ///< no other task runs, and it may take what they could have taken
  };
  using Execute = std::function<Result<TaskReport>(const Attempt&)>;

  /// Takes tasks until there are none left, or the run failed. One that is to run alone waits until
  /// the others have ended, and nobody takes another meanwhile.
  void Work(const Execute& execute) {
    std::unique_lock lock(mu_);
    while (true) {
      changed_.wait(lock, [&] {
        if (!failure_.ok() || over_) return true;
        return ready_alone_.empty() ? !ready_.empty() && !alone_ : busy_ == 0;
      });
      if (!failure_.ok() || over_) return;
      alone_ = !ready_alone_.empty();
      auto& queue = alone_ ? ready_alone_ : ready_;
      const Ready ready = queue.front();
      queue.pop_front();
      ++busy_;
      lock.unlock();
      RunOne(ready, execute);
      lock.lock();
      --busy_;
      alone_ = false;
      if (!ready_alone_.empty() || ready.alone) changed_.notify_all();
    }
  }

  /// Until all stages are finished, or the run failed.
  void Lead() {
    const Execute execute = [&](const Attempt& attempt) {
      return local_.RunLocalStage(attempt.task, attempt.inputs, attempt.outputs, attempt.cancel);
    };
    Offer();
    while (true) {
      std::optional<uint32_t> finished;
      std::optional<Ready> own;
      {
        std::unique_lock lock(mu_);
        led_.wait(lock, [&] {
          return !failure_.ok() || over_ || !finished_.empty() || !ready_local_.empty();
        });
        if (!failure_.ok() || over_) break;
        if (!finished_.empty()) {
          finished = finished_.front();
          finished_.pop_front();
        } else {
          own = ready_local_.front();
          ready_local_.pop_front();
        }
      }
      if (own) {
        RunOne(*own, execute);
        continue;
      }
      progress_[*finished] = Progress::kFinished;
      auto changed = local_.StageFinished(*finished, reports_[*finished]);
      if (!changed.ok()) {
        Fail(changed.status());
        break;
      }
      Offer();
    }
    changed_.notify_all();
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
    led_.notify_all();
    for (auto& cancel : running) cancel->Cancel(why);
  }

  Status status() {
    std::lock_guard lock(mu_);
    return failure_;
  }
  std::vector<StageReport> TakeReports() { return std::move(reports_); }

 private:
  struct Ready {
    uint32_t stage = 0;
    uint32_t task = 0;
    bool alone = false;
  };
  enum class Progress : uint8_t { kIdle, kOffered, kFinished };

  bool Over(uint32_t stage) const {
    return progress_[stage] == Progress::kFinished ||
           graph_.stages[stage].state == Stage::State::kDropped;
  }

  /// Offers what can run now, and forgets what nobody will read. The leader's.
  void Offer() {
    std::vector<const Stage*> offered;
    size_t open = 0;
    for (const Stage& stage : graph_.stages) {
      if (Over(stage.id)) continue;
      ++open;
      if (stage.state != Stage::State::kReady || progress_[stage.id] != Progress::kIdle) continue;
      if (std::all_of(stage.inputs.begin(), stage.inputs.end(),
                      [&](const Stage::Input& input) { return Over(input.stage); })) {
        progress_[stage.id] = Progress::kOffered;
        offered.push_back(&stage);
      }
    }
    {
      std::lock_guard lock(mu_);
      over_ = open == 0;
      for (const Stage* stage : offered) {
        left_[stage->id] = stage->tasks;
        reports_[stage->id].tasks.resize(stage->tasks);
        splits_[stage->id] = std::make_unique<StageSplits>(*stage);
        auto& queue = stage->placement == Placement::kWorkers ? ready_ : ready_local_;
        for (uint32_t task = 0; task < stage->tasks; ++task)
          queue.push_back({stage->id, task, false});
      }
    }
    changed_.notify_all();
    std::set<uint32_t> read;
    for (const auto& input : graph_.final_inputs) read.insert(input.stage);
    for (const Stage& stage : graph_.stages) {
      if (Over(stage.id)) continue;
      for (const auto& input : stage.inputs) read.insert(input.stage);
    }
    for (const Stage& stage : graph_.stages) {
      if (progress_[stage.id] == Progress::kFinished && !read.contains(stage.id))
        store_->Drop(stage.id);
    }
  }

  void RunOne(const Ready& ready, const Execute& execute) {
    const Stage& stage = graph_.stages[ready.stage];
    auto cancel = std::make_shared<CancelToken>();
    StageSplits* splits = nullptr;
    {
      std::lock_guard lock(mu_);
      if (!failure_.ok()) return;
      splits = splits_[ready.stage].get();
      running_.push_back(cancel);
    }
    StoreInputs inputs(store_, stage.inputs, ready.task, stage.tasks, ShareOf(stage, ready.task),
                       splits);
    TaskSpec spec = MakeTask(graph_, stage, ready.task);
    for (size_t i = 0; i < spec.inputs.size(); ++i) spec.inputs[i].rows = inputs.CountRows(i);
    auto output = store_->OpenOutput(stage.id, ready.task, stage.partitions);
    local_.TaskBegan(stage.id);
    auto report = execute({spec, inputs, *output, cancel, ready.alone});
    if (report.ok()) {
      if (ready.alone) report->attempts = 2;
      report->spilled_bytes += output->spilled_bytes();
      output->Commit();
      local_.TaskFinished(stage.id, *report);
    }
    const bool again = !report.ok() && !ready.alone && OutOfMemory(report.status()) &&
                       stage.placement == Placement::kWorkers;
    if (again) inputs.GiveBackSplits();
    bool last = false;
    {
      std::lock_guard lock(mu_);
      running_.erase(std::find(running_.begin(), running_.end(), cancel));
      if (report.ok()) {
        reports_[ready.stage].tasks[ready.task] = *std::move(report);
        last = --left_[ready.stage] == 0;
        if (last) finished_.push_back(ready.stage);
      } else if (again) {
        ready_alone_.push_back({ready.stage, ready.task, true});
      }
    }
    if (!report.ok() && !again) Fail(ready.alone ? TooLarge(report.status()) : report.status());
    if (last) led_.notify_all();
  }

  /// Its stages that are offered do not change any more; the others only on the leader's thread.
  const StageGraph& graph_;
  LocalStages& local_;
  std::shared_ptr<BlockStore> store_;
  std::vector<Progress> progress_;  ///< by stage; the leader's
  std::mutex mu_;
  std::condition_variable changed_;  ///< for those who work
  std::condition_variable led_;      ///< for the leader
  // All below are guarded by mu_.
  std::deque<Ready> ready_;
  std::deque<Ready> ready_local_;
  std::deque<Ready> ready_alone_;  ///< tasks that were out of memory beside others
  uint32_t busy_ = 0;              ///< those who work on a task
  bool alone_ = false;             ///< the one task that runs is to be alone
  std::deque<uint32_t> finished_;  ///< stages that the leader has not seen yet
  std::vector<uint32_t> left_;     ///< by stage: tasks that are not finished
  std::vector<std::unique_ptr<StageSplits>> splits_;  ///< by stage, once it is offered
  bool over_ = false;
  std::vector<std::shared_ptr<CancelToken>> running_;
  std::vector<StageReport> reports_;  ///< of a finished stage: the leader's
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
  distributed::Run run(graph, local, store);
  {
    // The token's lock is held then: what it says is asked for below.
    auto registration = cancel->OnCancel(
        [&run] { run.Fail(errors::Cancelled("canceling statement due to user request")); });
    std::vector<std::thread> threads;
    threads.reserve(workers_.size());
    for (auto& worker : workers_) {
      threads.emplace_back([this, &run, &worker] {
        run.Work([&](const distributed::Run::Attempt& attempt) {
          // One at a time, of all queries: what others' tasks hold meanwhile comes on top.
          std::unique_lock loan(memory_loan_, std::defer_lock);
          std::optional<MemoryLoan> more;
          if (attempt.alone && loan.try_lock()) {
            more.emplace(*worker, options_.engine.memory_limit_bytes,
                         options_.engine.memory_limit_bytes / options_.workers);
          }
          return worker->RunTask(attempt.task, attempt.inputs, attempt.outputs, attempt.cancel);
        });
      });
    }
    run.Lead();
    for (auto& thread : threads) thread.join();
  }
  if (cancel->cancelled()) return cancel->status();
  SKEIN_RETURN_IF_ERROR(run.status());
  RunOutput output;
  auto inputs =
      std::make_unique<StoreInputs>(store, graph.final_inputs, 0, 1, Share{0, 1, 0, 1}, nullptr);
  for (size_t i = 0; i < graph.final_inputs.size(); ++i)
    output.input_rows.push_back(inputs->CountRows(i));
  output.inputs = std::move(inputs);
  output.stages = run.TakeReports();
  output.spilled_bytes = store->spilled_bytes();
  return output;
}

}  // namespace skein::distributed
