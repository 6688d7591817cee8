#include "distributed/runner/ray/ray_runner.h"

#include <algorithm>
#include <set>

#include "distributed/runner/ray/ray_exchange.h"
#include "distributed/worker.h"

namespace skein::distributed {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPause = 1s;
constexpr auto kLongestPause = 30s;
/// How long a start of the server waits for the first worker: a local Ray takes a few seconds, on a
/// busy machine more; a place in a cluster may take as long as a node takes to come.
constexpr auto kStartTime = 60s;
/// And how long for the driver to reach a cluster.
constexpr auto kJoinTime = 20s;
/// Ray's local processes need a few seconds to end. A driver that has not joined a cluster may hang
/// in Ray.
constexpr auto kStopTime = 15s;
constexpr auto kNotJoinedStopTime = 2s;
/// What cancelled tasks have before their worker is killed, and a little for that.
constexpr auto kCancelTime = 10s;

std::string WithHint(const Status& status) {
  return status.message() + (status.hint().empty() ? "" : " (" + status.hint() + ")");
}

Status NotThere(const Status& why) {
  return Status(StatusCode::kUnavailable, "57P03", "there is no Ray cluster: " + why.message())
      .WithHint(why.hint())
      .WithOrigin(Origin::kServer)
      .Retriable();
}

void EncodeInput(const Stage::Input& input, ray::proto::Input* message) {
  message->set_stage(input.stage);
  message->set_mode(static_cast<uint32_t>(input.mode));
  message->set_part(input.part);
  message->set_sliced(input.sliced);
}

void EncodeStage(const StageGraph& graph, const Stage& stage, ray::proto::Stage* message) {
  message->set_id(stage.id);
  message->set_on_coordinator(stage.placement == Placement::kCoordinator);
  message->set_partitions(stage.partitions);
  message->set_waiting(stage.state == Stage::State::kWaiting);
  for (const auto& input : stage.inputs) EncodeInput(input, message->add_inputs());
  for (const Share& share : stage.shares) {
    auto* added = message->add_shares();
    added->set_first_partition(share.first_partition);
    added->set_end_partition(share.end_partition);
    added->set_slice(share.slice);
    added->set_slices(share.slices);
  }
  if (stage.state != Stage::State::kReady) return;
  for (uint32_t task = 0; task < stage.tasks; ++task) {
    message->add_tasks(stage.placement == Placement::kCoordinator
                           ? std::string()
                           : EncodeTask(MakeTask(graph, stage, task)));
  }
}

ray::ToDriver EncodeGraph(const StageGraph& graph) {
  ray::ToDriver message;
  auto* run = message.mutable_run();
  run->set_query_id(graph.query_id);
  for (const Stage& stage : graph.stages) EncodeStage(graph, stage, run->add_stages());
  for (const auto& input : graph.final_inputs) EncodeInput(input, run->add_final_inputs());
  run->set_one_attempt(graph.one_attempt);
  return message;
}

/// The stages whose tasks are all done, of which `local` has not been told.
class StageProgress {
 public:
  explicit StageProgress(const StageGraph& graph) : graph_(graph), done_(graph.stages.size()) {}

  bool IsNew(uint32_t stage, uint32_t task) const { return !done_[stage].contains(task); }

  /// Says whether the stage is finished now. A task that was done again, because its output was
  /// lost, counts once.
  bool Done(uint32_t stage, uint32_t task) {
    return done_[stage].insert(task).second && done_[stage].size() == graph_.stages[stage].tasks;
  }

 private:
  const StageGraph& graph_;
  std::vector<std::set<uint32_t>> done_;
};

/// Runs the stage that the driver asks for, and tells it.
Status RunLocalStage(const std::shared_ptr<ray::DriverLink>& link, ray::QueryEvents& events,
                     const StageGraph& graph, const ray::FromDriver::RunLocal& asked,
                     LocalStages& local, TaskReport* report) {
  if (asked.stage() >= graph.stages.size())
    return errors::Internal("the Ray driver asked for a stage that is not there");
  const Stage& stage = graph.stages[asked.stage()];
  TaskSpec spec = MakeTask(graph, stage, 0);
  for (size_t i = 0; i < spec.inputs.size() && i < static_cast<size_t>(asked.input_rows_size());
       ++i)
    spec.inputs[i].rows = asked.input_rows(static_cast<int>(i));
  auto token = events.LocalToken();
  ray::RayInputs inputs(link, graph, stage.inputs, token, false);
  ray::RayOutputs outputs(link, graph.query_id, stage.id, stage.partitions);
  auto ran = local.RunLocalStage(spec, inputs, outputs, token);
  if (ran.ok()) {
    if (Status sent = outputs.Finish(); !sent.ok()) ran = sent;
  }
  ray::ToDriver message;
  auto* done = message.mutable_local_done();
  done->set_query_id(graph.query_id);
  done->set_stage(stage.id);
  if (ran.ok()) {
    *done->mutable_report() = ray::ToMessage(*ran);
    *report = *std::move(ran);
  } else {
    *done->mutable_error() = ray::ToMessage(ran.status());
  }
  return link->Send(message);
}

}  // namespace

std::unique_ptr<RayRunner> RayRunner::Start(Options options) {
  std::unique_ptr<RayRunner> runner(new RayRunner(std::move(options)));
  runner->supervisor_ = std::thread([self = runner.get()] { self->Supervise(); });
  std::unique_lock lock(runner->mu_);
  const auto began = Clock::now();
  bool settled = false;
  if (runner->changed_.wait_until(
          lock, began + (runner->options_.address.empty() ? kStartTime : kJoinTime),
          [&] { return runner->settled_ || runner->joined_; })) {
    settled =
        runner->changed_.wait_until(lock, began + kStartTime, [&] { return runner->settled_; });
  }
  lock.unlock();
  if (!settled) {
    runner->options_.log(true,
                         "the Ray cluster has no worker yet; queries run whole until it has one");
  }
  return runner;
}

RayRunner::~RayRunner() {
  std::shared_ptr<ray::DriverLink> link;
  bool hangs = false;
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    link = link_;
    hangs = !joined_ && !options_.address.empty();
  }
  changed_.notify_all();
  if (link) link->Stop(Clock::now() + (hangs ? kNotJoinedStopTime : kStopTime));
  supervisor_.join();
}

Status RayRunner::status() const {
  std::lock_guard lock(mu_);
  return status_;
}

void RayRunner::Settle(const Status& status) {
  {
    std::lock_guard lock(mu_);
    status_ = status;
    settled_ = true;
  }
  changed_.notify_all();
}

void RayRunner::Supervise() {
  std::chrono::seconds pause = kFirstPause;
  while (true) {
    bool worked = RunDriver();
    std::unique_lock lock(mu_);
    if (stopping_) return;
    pause = worked ? kFirstPause : std::min<std::chrono::seconds>(pause * 2, kLongestPause);
    if (changed_.wait_for(lock, pause, [&] { return stopping_; })) return;
  }
}

bool RayRunner::RunDriver() {
  auto started = ray::DriverProcess::Start(
      {options_.python, options_.module_dir, options_.private_dir + "/driver.log"});
  if (!started.ok()) {
    options_.log(true, WithHint(started.status()));
    Settle(started.status());
    return false;
  }
  auto link = std::make_shared<ray::DriverLink>(*std::move(started));
  {
    std::lock_guard lock(mu_);
    if (stopping_) return false;
    link_ = link;
    joined_ = false;
  }
  ray::ToDriver message;
  auto* start = message.mutable_start();
  start->set_address(options_.address);
  start->set_cpus(options_.cpus);
  start->set_store_bytes(options_.store_bytes);
  start->set_min_workers(options_.min_workers);
  start->set_max_workers(options_.max_workers);
  start->set_worker_cpus(options_.worker_cpus);
  start->set_worker_memory(options_.worker_memory_bytes);
  start->set_retries(options_.retries);
  start->set_idle_seconds(options_.idle_seconds);
  start->set_build_identity(Worker::BuildIdentity());
  engine::Options engine = options_.engine;
  engine.threads = static_cast<int>(options_.worker_cpus);
  engine.memory_limit_bytes = options_.worker_memory_bytes;
  start->set_engine_options(ray::ToMessage(engine).SerializeAsString());
  start->set_private_dir(options_.private_dir);
  start->set_fault(options_.fault);
  start->set_ship_code(options_.ship_code);
  (void)link->Send(message);  // when it fails, Serve ends

  bool worked = false;
  Status failed;
  Status why = link->Serve([&](const ray::FromDriver& said) {
    switch (said.kind_case()) {
      case ray::FromDriver::kStarted:
        worked = true;
        slots_ = said.started().slots();
        options_.log(false, said.started().about());
        Settle(Status::OK());
        break;
      case ray::FromDriver::kSlots:
        if (worked) {
          slots_ = said.slots().slots();
        } else {
          {
            std::lock_guard lock(mu_);
            joined_ = true;
          }
          changed_.notify_all();
        }
        break;
      case ray::FromDriver::kFailed:
        failed = ray::FromMessage(said.failed().error());
        break;
      case ray::FromDriver::kLog:
        options_.log(said.log().warning(), said.log().text());
        break;
      default:
        break;
    }
  });
  slots_ = 0;
  bool stopping = false;
  {
    std::lock_guard lock(mu_);
    link_.reset();
    stopping = stopping_;
  }
  if (!stopping) link->Stop(Clock::now() + kFirstPause);
  if (failed.ok() && !worked) {
    std::string last = link->process().LastWords();
    failed = Status(why.code(), why.sqlstate(), why.message() + (last.empty() ? "" : ": " + last));
    if (last.find("ModuleNotFoundError") != std::string::npos)
      failed = std::move(failed).WithHint(
          "Install ray, pyarrow and protobuf for the Python that "
          "--cluster-python names, or name another.");
    options_.log(true, WithHint(failed));
  } else if (!stopping) {
    options_.log(true, WithHint(failed.ok() ? why : failed));
  }
  Settle(failed.ok() ? why : failed);
  return worked;
}

Result<RunOutput> RayRunner::Run(const StageGraph& graph, LocalStages& local,
                                 std::shared_ptr<CancelToken> cancel) {
  std::shared_ptr<ray::DriverLink> link;
  {
    std::lock_guard lock(mu_);
    if (slots_ == 0 || !link_) return NotThere(status_);
    link = link_;
  }
  std::shared_ptr<ray::QueryEvents> events = link->Register(graph.query_id);
  auto unregister = [&](Status status) {
    link->Unregister(graph.query_id);
    return status;
  };
  RunOutput output;
  output.stages.resize(graph.stages.size());
  StageProgress progress(graph);
  // What a finished stage decides goes to the driver at once.
  auto finished = [&](uint32_t stage) -> Status {
    SKEIN_ASSIGN_OR_RETURN(auto changed, local.StageFinished(stage, output.stages[stage]));
    if (changed.empty()) return Status::OK();
    ray::ToDriver message;
    message.mutable_update()->set_query_id(graph.query_id);
    for (uint32_t id : changed)
      EncodeStage(graph, graph.stages[id], message.mutable_update()->add_stages());
    return link->Send(message);
  };
  // A stage's reports have their places when it is known how many there are.
  auto report_of = [&](uint32_t stage, uint32_t task) -> TaskReport* {
    if (stage >= graph.stages.size() || task >= graph.stages[stage].tasks) return nullptr;
    output.stages[stage].tasks.resize(graph.stages[stage].tasks);
    return &output.stages[stage].tasks[task];
  };
  {
    auto registration = cancel->OnCancel([events] { events->Cancel(); });
    Status sent = link->Send(EncodeGraph(graph));
    if (!sent.ok()) return unregister(sent);
    bool cancelling = false;
    while (true) {
      auto said =
          events->Next(!cancelling, cancelling ? Deadline(Clock::now() + kCancelTime) : Deadline());
      if (!said.ok() && !cancelling && cancel->cancelled()) {
        cancelling = true;
        ray::ToDriver stop;
        stop.mutable_cancel()->set_query_id(graph.query_id);
        (void)link->Send(stop);
        continue;
      }
      if (!said.ok()) return unregister(cancelling ? cancel->status() : said.status());
      if (said->has_run_local() && !cancelling) {
        const auto& asked = said->run_local();
        TaskReport report;
        Status ran = RunLocalStage(link, *events, graph, asked, local, &report);
        if (!ran.ok()) return unregister(ran);
        if (TaskReport* to = report_of(asked.stage(), 0)) *to = std::move(report);
      } else if (said->has_task_done() && !cancelling) {
        const auto& done = said->task_done();
        TaskReport* to = report_of(done.stage(), done.task());
        if (!to) continue;
        if (graph.stages[done.stage()].placement == Placement::kWorkers) {
          *to = ray::FromMessage(done.report());
          to->attempts = done.attempts();
        }
        if (progress.IsNew(done.stage(), done.task())) local.TaskFinished(done.stage(), *to);
        if (progress.Done(done.stage(), done.task())) {
          Status decided = finished(done.stage());
          if (!decided.ok()) return unregister(decided);
        }
      } else if (said->has_run_done()) {
        if (cancelling) return unregister(cancel->status());
        const auto& done = said->run_done();
        if (done.has_error()) return unregister(ray::FromMessage(done.error()));
        output.input_rows.assign(done.input_rows().begin(), done.input_rows().end());
        break;
      }
    }
  }
  link->Unregister(graph.query_id);
  if (output.input_rows.size() != graph.final_inputs.size())
    return errors::Internal("the Ray driver counted other inputs than the plan has");
  output.inputs =
      std::make_unique<ray::RayInputs>(link, graph, graph.final_inputs, std::move(cancel), true);
  return output;
}

}  // namespace skein::distributed
