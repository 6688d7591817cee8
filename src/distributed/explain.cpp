#include "distributed/explain.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace skein::distributed {
namespace {

/// What the tasks of a stage did together.
struct Sum {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t spilled_bytes = 0;
  double least_seconds = 0;
  double most_seconds = 0;
  double seconds = 0;
  uint32_t attempts = 0;
  /// The most that one reader gets of what a fair share would be; 1 when it is not divided.
  double skew = 1;
};

Sum SumOf(const StageReport& report) {
  Sum sum;
  std::vector<uint64_t> partitions;
  for (const TaskReport& task : report.tasks) {
    sum.rows += task.rows;
    sum.bytes += task.bytes;
    sum.spilled_bytes += task.spilled_bytes;
    sum.seconds += task.seconds;
    sum.attempts += task.attempts;
    sum.most_seconds = std::max(sum.most_seconds, task.seconds);
    sum.least_seconds =
        &task == report.tasks.data() ? task.seconds : std::min(sum.least_seconds, task.seconds);
    partitions.resize(std::max(partitions.size(), task.partition_rows.size()));
    for (size_t i = 0; i < task.partition_rows.size(); ++i) partitions[i] += task.partition_rows[i];
  }
  if (sum.rows > 0 && partitions.size() > 1) {
    sum.skew = static_cast<double>(*std::max_element(partitions.begin(), partitions.end())) *
               static_cast<double>(partitions.size()) / static_cast<double>(sum.rows);
  }
  return sum;
}

std::string Indented(const std::string& text, size_t by) {
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    result += std::string(by, ' ') + text.substr(begin, end - begin) + '\n';
    begin = end + 1;
  }
  return result;
}

const char* Where(const Stage& stage) {
  return stage.placement == Placement::kWorkers ? "workers" : "session";
}

std::string StageText(const Stage& stage, const StageReport* report) {
  std::string text = fmt::format("Stage {}: {}, {} task{}", stage.id, Where(stage), stage.tasks,
                                 stage.tasks == 1 ? "" : "s");
  if (uint32_t scanning = ScanningTasks(stage); scanning > 0)
    text += fmt::format(", {} of them read files", scanning);
  text += '\n';
  if (!stage.inputs.empty()) text += "  Reads: " + ReadsOf(stage.inputs) + '\n';
  text += fmt::format("  Output: {}, {} rows estimated\n", stage.output_name, stage.estimated_rows);
  if (!stage.decisions.empty()) text += "  Why: " + Joined(stage.decisions) + '\n';
  if (!stage.late_decisions.empty())
    text += "  While it ran: " + Joined(stage.late_decisions) + '\n';
  if (report && stage.state != Stage::State::kDropped) {
    Sum sum = SumOf(*report);
    text += fmt::format(
        "  Ran: {} rows, {}, began at {:.1f} ms, took {:.1f} ms, tasks of {:.1f} to {:.1f} ms, "
        "{:.1f} "
        "ms together",
        sum.rows, BytesText(sum.bytes), report->began_seconds * 1e3, report->elapsed_seconds * 1e3,
        sum.least_seconds * 1e3, sum.most_seconds * 1e3, sum.seconds * 1e3);
    if (stage.partitions > 1) text += fmt::format(", skew {:.2f}", sum.skew);
    if (sum.spilled_bytes > 0) text += ", on disk " + BytesText(sum.spilled_bytes);
    if (sum.attempts > stage.tasks) text += fmt::format(", {} attempts", sum.attempts);
    text += '\n';
  }
  return text + Indented(stage.plan_text, 2);
}

}  // namespace

std::string BytesText(uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

std::string ReadsOf(const std::vector<Stage::Input>& inputs) {
  std::vector<std::string> reads;
  for (const auto& input : inputs) {
    const char* how = input.mode == ReadMode::kPartition ? "its partition of stage "
                      : input.mode == ReadMode::kOwn     ? "its own part of stage "
                      : input.mode == ReadMode::kTask    ? "one task of stage "
                                                         : "all of stage ";
    reads.push_back(how + std::to_string(input.stage));
  }
  return Joined(reads);
}

uint32_t ScanningTasks(const Stage& stage) {
  uint32_t most = 0;
  const size_t scans = stage.scans.empty() ? 0 : stage.scans[0].size();
  for (size_t scan = 0; scan < scans; ++scan) {
    uint32_t tasks = 0;
    for (const auto& task : stage.scans) tasks += !task[scan].empty();
    most = std::max(most, tasks);
  }
  return most;
}

std::string ExplainSummary(const StageGraph& graph) {
  const auto stages = std::count_if(graph.stages.begin(), graph.stages.end(),
                                    [](const Stage& stage) { return !stage.merged; });
  return fmt::format("Distributed: {} stage{}, {} of files", stages, stages == 1 ? "" : "s",
                     BytesText(graph.scan_bytes));
}

std::string ExplainText(const StageGraph& graph, const RunFigures* figures) {
  std::string text = ExplainSummary(graph) + '\n';
  for (const Stage& stage : graph.stages) {
    if (stage.merged) continue;
    text += StageText(stage, figures ? &figures->stages.at(stage.id) : nullptr);
  }
  text += "Final: session\n  Reads: " + ReadsOf(graph.final_inputs) + '\n';
  if (!graph.final_decisions.empty()) text += "  Why: " + Joined(graph.final_decisions) + '\n';
  if (figures) {
    text += fmt::format("  Ran: {} rows, {:.1f} ms\n", figures->rows,
                        (figures->run_seconds - figures->stage_seconds) * 1e3);
  }
  text += Indented(graph.final_plan_text, 2);
  if (figures) {
    text += fmt::format("Planning Time: {:.3f} ms\nStages: {:.3f} ms\nExecution Time: {:.3f} ms\n",
                        figures->plan_seconds * 1e3, figures->stage_seconds * 1e3,
                        figures->run_seconds * 1e3);
    if (figures->spilled_bytes > 0)
      text += "Exchange on disk: " + BytesText(figures->spilled_bytes) + '\n';
  }
  return text;
}

std::string ExplainJson(const StageGraph& graph, const RunFigures* figures) {
  using Json = nlohmann::ordered_json;
  Json stages = Json::array();
  for (const Stage& stage : graph.stages) {
    if (stage.merged) continue;
    Json one = {{"stage", stage.id},
                {"runs_on", Where(stage)},
                {"tasks", stage.tasks},
                {"scanning_tasks", ScanningTasks(stage)},
                {"reads", ReadsOf(stage.inputs)},
                {"output", stage.output_name},
                {"estimated_rows", stage.estimated_rows},
                {"decisions", stage.decisions},
                {"late_decisions", stage.late_decisions},
                {"ran", figures != nullptr && stage.state != Stage::State::kDropped},
                {"plan", stage.plan_text}};
    if (figures) {
      const StageReport& report = figures->stages.at(stage.id);
      Sum sum = SumOf(report);
      one["rows"] = sum.rows;
      one["bytes"] = sum.bytes;
      one["spilled_bytes"] = sum.spilled_bytes;
      one["task_seconds"] = {
          {"least", sum.least_seconds}, {"most", sum.most_seconds}, {"together", sum.seconds}};
      one["began_seconds"] = report.began_seconds;
      one["elapsed_seconds"] = report.elapsed_seconds;
      one["skew"] = sum.skew;
      one["attempts"] = sum.attempts;
    }
    stages.push_back(std::move(one));
  }
  Json whole = {{"distributed", true},
                {"scan_bytes", graph.scan_bytes},
                {"stages", std::move(stages)},
                {"final",
                 {{"reads", ReadsOf(graph.final_inputs)},
                  {"decisions", graph.final_decisions},
                  {"plan", graph.final_plan_text}}}};
  if (figures) {
    whole["planning_seconds"] = figures->plan_seconds;
    whole["planning_cpu_seconds"] = figures->plan_cpu_seconds;
    whole["stages_seconds"] = figures->stage_seconds;
    whole["execution_seconds"] = figures->run_seconds;
    whole["rows"] = figures->rows;
    whole["exchange_bytes_on_disk"] = figures->spilled_bytes;
  }
  return whole.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string ExplainNotCut(const std::string& why, bool json) {
  if (!json) return "Not distributed: " + why + '\n';
  return nlohmann::ordered_json({{"distributed", false}, {"why", why}})
      .dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace skein::distributed
