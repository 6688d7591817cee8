#include "distributed/progress.h"

#include <algorithm>

namespace skein::distributed {
namespace {

/// What a task costs that reads no file, in bytes of files.
constexpr double kWithoutFiles = 1e6;

}  // namespace

QueryProgress::QueryProgress(const StageGraph& graph, int32_t pid, std::string user)
    : query_id_(graph.query_id), pid_(pid), user_(std::move(user)), stages_(graph.stages.size()) {
  std::lock_guard lock(mu_);
  Look(graph);
}

void QueryProgress::Decided(const StageGraph& graph, uint32_t finished) {
  std::lock_guard lock(mu_);
  stages_[finished].figures.state = State::kFinished;
  Look(graph);
}

void QueryProgress::Look(const StageGraph& graph) {
  for (const Stage& stage : graph.stages) {
    Tracked& tracked = stages_[stage.id];
    StageFigures& figures = tracked.figures;
    if (figures.state == State::kFinished) continue;
    figures.stage = stage.id;
    figures.on_workers = stage.placement == Placement::kWorkers;
    figures.output = stage.output_name;
    figures.tasks = stage.tasks;
    tracked.merged = stage.merged;
    tracked.weight = kWithoutFiles * stage.tasks;
    for (const auto& task : stage.scans) {
      for (const auto& scan : task) {
        for (const Split& split : scan) tracked.weight += static_cast<double>(split.bytes);
      }
    }
    switch (stage.state) {
      case Stage::State::kWaiting:
        figures.state = State::kWaiting;
        break;
      case Stage::State::kDropped:
        figures.state = State::kNotRun;
        break;
      case Stage::State::kReady:
        figures.state = std::all_of(stage.inputs.begin(), stage.inputs.end(),
                                    [&](const Stage::Input& input) {
                                      const State state = stages_[input.stage].figures.state;
                                      return state == State::kFinished || state == State::kNotRun;
                                    })
                            ? State::kRunning
                            : State::kWaiting;
        break;
    }
  }
}

void QueryProgress::TaskBegan(uint32_t stage) {
  const double now = Seconds();
  std::lock_guard lock(mu_);
  auto& began = stages_[stage].figures.began_seconds;
  began = std::min(began.value_or(now), now);
}

void QueryProgress::TaskFinished(uint32_t stage, const TaskReport& report) {
  const double now = Seconds();
  std::lock_guard lock(mu_);
  StageFigures& figures = stages_[stage].figures;
  // Where nobody said that it began: what it took, until now.
  const double began = std::max(0.0, now - report.seconds);
  figures.began_seconds = std::min(figures.began_seconds.value_or(began), began);
  stages_[stage].ended_seconds = std::max(stages_[stage].ended_seconds, now);
  ++figures.tasks_finished;
  figures.rows += report.rows;
  figures.bytes += report.bytes;
  figures.spilled_bytes += report.spilled_bytes;
  figures.task_seconds += report.seconds;
}

double QueryProgress::percent() const {
  std::lock_guard lock(mu_);
  double all = 0;
  double done = 0;
  for (const Tracked& stage : stages_) {
    if (stage.figures.state == State::kNotRun || stage.figures.tasks == 0) continue;
    all += stage.weight;
    done += stage.weight * std::min(1.0, static_cast<double>(stage.figures.tasks_finished) /
                                             static_cast<double>(stage.figures.tasks));
  }
  return all == 0 ? 0 : done / all * 99;
}

std::vector<QueryProgress::StageFigures> QueryProgress::stages() const {
  const double now = Seconds();
  std::lock_guard lock(mu_);
  std::vector<StageFigures> found;
  for (const Tracked& stage : stages_) {
    if (stage.merged) continue;
    StageFigures& figures = found.emplace_back(stage.figures);
    if (!figures.began_seconds) continue;
    const double end = figures.state == State::kFinished ? stage.ended_seconds : now;
    figures.elapsed_seconds = end - *figures.began_seconds;
  }
  return found;
}

void QueryProgress::Time(std::vector<StageReport>* reports) const {
  std::lock_guard lock(mu_);
  for (size_t i = 0; i < std::min(reports->size(), stages_.size()); ++i) {
    const Tracked& stage = stages_[i];
    if (!stage.figures.began_seconds) continue;
    (*reports)[i].began_seconds = *stage.figures.began_seconds;
    (*reports)[i].elapsed_seconds = stage.ended_seconds - *stage.figures.began_seconds;
  }
}

void ProgressBoard::Add(const std::shared_ptr<QueryProgress>& query) {
  std::lock_guard lock(mu_);
  std::erase_if(queries_, [](const auto& one) { return one.expired(); });
  queries_.push_back(query);
}

std::vector<std::shared_ptr<QueryProgress>> ProgressBoard::List() const {
  std::lock_guard lock(mu_);
  std::vector<std::shared_ptr<QueryProgress>> found;
  for (const auto& query : queries_) {
    if (auto running = query.lock()) found.push_back(std::move(running));
  }
  return found;
}

}  // namespace skein::distributed
