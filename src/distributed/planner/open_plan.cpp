#include "distributed/planner/open_plan.h"

#include <algorithm>
#include <functional>

#include "duckdb/optimizer/column_binding_replacer.hpp"
#include "duckdb/optimizer/empty_result_pullup.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_empty_result.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include <fmt/format.h>

#include "distributed/explain.h"
#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/merge_scan.h"
#include "distributed/planner/key_ranges.h"
#include "distributed/planner/runtime_filter.h"

namespace skein::distributed {
namespace {

using duckdb::LogicalGet;
using duckdb::LogicalOperatorType;

void CollectGets(duckdb::LogicalOperator& op, std::vector<LogicalGet*>* gets) {
  if (op.type == LogicalOperatorType::LOGICAL_GET) gets->push_back(&op.Cast<LogicalGet>());
  for (auto& child : op.children) CollectGets(*child, gets);
}

Plan* FindGet(Plan& plan, duckdb::idx_t table_index) {
  if (plan->type == LogicalOperatorType::LOGICAL_GET &&
      plan->Cast<LogicalGet>().table_index == table_index) {
    return &plan;
  }
  for (auto& child : plan->children) {
    if (Plan* found = FindGet(child, table_index)) return found;
  }
  return nullptr;
}

/// The scans of what has no rows become empty results, and so what is above them as far as it can.
bool ReplaceEmpty(Plan& plan, const std::function<bool(uint32_t exchange)>& empty) {
  bool any = false;
  for (auto& child : plan->children) any = ReplaceEmpty(child, empty) || any;
  if (plan->type != LogicalOperatorType::LOGICAL_GET) return any;
  auto& get = plan->Cast<LogicalGet>();
  if (get.function.name != kExchangeScanName ||
      !empty(get.bind_data->Cast<ExchangeScanData>().input)) {
    return any;
  }
  plan->ResolveOperatorTypes();
  plan = duckdb::make_uniq<duckdb::LogicalEmptyResult>(std::move(plan));
  return true;
}

bool SameSplits(const std::vector<std::vector<Split>>& left,
                const std::vector<std::vector<Split>>& right) {
  auto same_split = [](const Split& a, const Split& b) {
    return a.path == b.path && a.first_row == b.first_row && a.end_row == b.end_row;
  };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](const auto& a, const auto& b) {
                      return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_split);
                    });
}

bool NoRows(const duckdb::LogicalOperator& op) {
  switch (op.type) {
    case LogicalOperatorType::LOGICAL_EMPTY_RESULT:
      return true;
    case LogicalOperatorType::LOGICAL_PROJECTION:
    case LogicalOperatorType::LOGICAL_FILTER:
    case LogicalOperatorType::LOGICAL_ORDER_BY:
      return NoRows(*op.children[0]);
    default:
      return false;
  }
}

}  // namespace

OpenPlan::OpenPlan(StageGraph planned, Options options, std::vector<CutStage> stages,
                   std::vector<CutExchange> exchanges, std::vector<CutJoin> joins)
    : graph(std::move(planned)),
      options_(options),
      stages_(std::move(stages)),
      exchanges_(std::move(exchanges)),
      joins_(std::move(joins)),
      decided_(joins_.size()),
      known_(stages_.size()) {
  for (CutStage& cut : stages_) {
    Stage& stage = graph.stages[cut.id];
    stage.state = Stage::State::kWaiting;
    stage.inputs = InputsOf(*cut.plan);
    if (options_.filters) {
      stage.bloom_bits = cut.bloom_bits;
      stage.range_columns = cut.range_columns;
    }
  }
}

std::vector<Stage::Input> OpenPlan::NumberInputs(duckdb::LogicalOperator& plan) const {
  std::vector<LogicalGet*> gets;
  CollectGets(plan, &gets);
  std::vector<Stage::Input> inputs;
  for (LogicalGet* get : gets) {
    auto add = [&](uint32_t number) {
      const CutExchange& exchange = exchanges_.at(number);
      inputs.push_back({exchange.stage, exchange.mode, exchange.part, exchange.sliced});
    };
    const auto first = static_cast<uint32_t>(inputs.size());
    if (get->function.name == kExchangeScanName) {
      auto& data = get->bind_data->Cast<ExchangeScanData>();
      add(data.input);
      data.input = first;
    } else if (get->function.name == kMergeScanName) {
      auto& data = get->bind_data->Cast<MergeScanData>();
      for (uint32_t i = 0; i < data.inputs; ++i) add(data.first_input + i);
      data.first_input = first;
    }
  }
  return inputs;
}

std::vector<Stage::Input> OpenPlan::InputsOf(duckdb::LogicalOperator& plan) const {
  std::vector<LogicalGet*> gets;
  CollectGets(plan, &gets);
  std::vector<Stage::Input> inputs;
  for (LogicalGet* get : gets) {
    uint32_t first = 0;
    uint32_t count = 0;
    if (get->function.name == kExchangeScanName) {
      first = get->bind_data->Cast<ExchangeScanData>().input;
      count = 1;
    } else if (get->function.name == kMergeScanName) {
      first = get->bind_data->Cast<MergeScanData>().first_input;
      count = get->bind_data->Cast<MergeScanData>().inputs;
    }
    for (uint32_t i = 0; i < count; ++i) {
      const CutExchange& exchange = exchanges_.at(first + i);
      inputs.push_back({exchange.stage, exchange.mode, exchange.part, exchange.sliced});
    }
  }
  return inputs;
}

void OpenPlan::Begin() {
  PrepareAll();
  changed_.clear();
}

std::vector<uint32_t> OpenPlan::Finished(duckdb::ClientContext& context, uint32_t stage,
                                         const StageReport& report) {
  Known& known = known_[stage];
  known.finished = true;
  known.tasks = static_cast<uint32_t>(report.tasks.size());
  for (const TaskReport& task : report.tasks) {
    known.rows += task.rows;
    known.bytes += task.bytes;
    known.partition_rows.resize(std::max(known.partition_rows.size(), task.partition_rows.size()));
    for (size_t i = 0; i < task.partition_rows.size(); ++i)
      known.partition_rows[i] += task.partition_rows[i];
    if (&task == report.tasks.data()) {
      known.keys = task.keys;
    } else {
      known.keys.Add(task.keys);
    }
  }
  for (size_t i = 0; i < joins_.size(); ++i) {
    if (joins_[i].first != stage || decided_[i]) continue;
    decided_[i] = true;
    Decide(joins_[i]);
    if (options_.filters && joins_[i].may_filter && known.rows > 0) Filter(context, joins_[i]);
  }
  CutRangesOf(stage, report);
  if (known.rows == 0) ForgetEmpty(stage);
  PrepareAll();
  DropUnread();
  std::vector<uint32_t> changed = std::move(changed_);
  changed_.clear();
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

void OpenPlan::DecideAsPlanned() {
  for (size_t i = 0; i < joins_.size(); ++i) {
    decided_[i] = true;
    if (joins_[i].planned_broadcast) Broadcast(joins_[i]);
  }
  for (CutStage& cut : stages_) {
    if (Waits(cut.id)) Prepare(cut.id);
  }
  std::erase_if(graph.stages, [](const Stage& s) { return s.state == Stage::State::kDropped; });
}

void OpenPlan::Describe() {
  describe_ = true;
  for (Stage& stage : graph.stages) {
    if (stage.state != Stage::State::kReady) continue;
    auto own = local.find(stage.id);
    const Plan& plan = own == local.end() ? stages_[stage.id].plan : own->second;
    stage.plan_text = plan->ToString();
  }
}

Plan* OpenPlan::FindScan(duckdb::idx_t table_index, uint32_t* stage) {
  for (CutStage& cut : stages_) {
    if (!Waits(cut.id)) continue;
    if (Plan* found = FindGet(cut.plan, table_index)) {
      *stage = cut.id;
      return found;
    }
  }
  return nullptr;
}

void OpenPlan::Decide(CutJoin& join) {
  const Known& first = known_[join.first];
  if (!Waits(join.second)) return;
  const bool small = first.rows == 0 || first.bytes <= options_.broadcast_bytes;
  const bool broadcast = join.settled ? join.planned_broadcast : join.may_broadcast && small;
  uint32_t at = 0;
  if (!FindScan(join.second_scan, &at)) return;
  if (broadcast != join.planned_broadcast) {
    graph.stages[at].late_decisions.push_back(
        fmt::format("{}: {} side has {} rows, {}, so {}", join.name,
                    join.first_is_right ? "right" : "left", first.rows, BytesText(first.bytes),
                    broadcast ? "it goes to every task, not both sides by hash"
                              : "both sides go by hash, not it to every task"));
    Touch(at);
  }
  if (broadcast) Broadcast(join);
}

/// The second side becomes part of the stage that joins; every task of it reads all of the first.
void OpenPlan::Broadcast(CutJoin& join) {
  uint32_t at = 0;
  Plan* scan = FindScan(join.second_scan, &at);
  if (!scan || !Waits(join.second)) return;
  CutStage& reader = stages_[at];
  CutStage& second = stages_[join.second];
  duckdb::ColumnBindingReplacer replacer;
  const auto bindings = (*scan)->GetColumnBindings();
  for (duckdb::idx_t i = 0; i < bindings.size(); ++i) {
    auto& column = second.plan->expressions[i]->Cast<duckdb::BoundColumnRefExpression>();
    replacer.replacement_bindings.emplace_back(bindings[i], column.binding);
  }
  *scan = std::move(second.plan->children[0]);
  replacer.stop_operator = **scan;
  replacer.VisitOperator(*reader.plan);
  for (CutExchange& exchange : exchanges_) {
    if (exchange.stage == join.first) exchange.mode = ReadMode::kEvery;
  }
  second.after.erase(join.first);
  reader.after.merge(second.after);
  Stage& into = graph.stages[at];
  Stage& from = graph.stages[join.second];
  into.decisions.insert(into.decisions.begin(), from.decisions.begin(), from.decisions.end());
  into.late_decisions.insert(into.late_decisions.begin(), from.late_decisions.begin(),
                             from.late_decisions.end());
  for (size_t task = 0; task < into.scans.size(); ++task) {
    auto& scans = into.scans[task];
    auto& more = from.scans.at(task);
    scans.resize(std::max(scans.size(), more.size()));
    for (size_t i = 0; i < more.size(); ++i) {
      if (!more[i].empty()) scans[i] = std::move(more[i]);
    }
  }
  from.state = Stage::State::kDropped;
  from.merged = true;
  from.inputs.clear();
  graph.stages[join.first].output_name = "broadcast";
  into.inputs = InputsOf(*reader.plan);
  Touch(at);
  Touch(join.second);
}

void OpenPlan::Filter(duckdb::ClientContext& context, const CutJoin& join) {
  const Known& first = known_[join.first];
  // What is part of the stage that joins is filtered there, by DuckDB itself.
  if (!Waits(join.second)) return;
  uint32_t reached = join.second;
  FilterPath path([&](uint32_t exchange) -> Plan* {
    const uint32_t stage = exchanges_.at(exchange).stage;
    if (!Waits(stage) || stages_[stage].kept || !stages_[stage].after.contains(join.first))
      return nullptr;
    reached = stage;
    return &stages_[stage].plan;
  });
  path.Follow(stages_[join.second].plan);
  const std::string what = path.Put(context, first.keys, join.null_is_key);
  if (what.empty()) return;
  graph.stages[reached].late_decisions.push_back(
      fmt::format("filtered by the {} of stage {}'s {} rows{}", what, join.first, first.rows,
                  path.at_scan() ? "" : ", above the scan"));
  Touch(reached);
}

void OpenPlan::CutRangesOf(uint32_t stage, const StageReport& report) {
  for (const CutStage& cut : stages_) {
    Stage& sent = graph.stages[cut.id];
    if (cut.output != OutputKind::kRange || !Waits(cut.id) || sent.inputs.at(0).stage != stage)
      continue;
    size_t keys = 0;
    for (const TaskReport& task : report.tasks) keys += task.key_sample.size();
    sent.range_bounds = CutRanges(report, sent.partitions);
    sent.late_decisions.push_back(fmt::format(
        "{} ranges by {} of {} keys", sent.range_bounds.size() + 1, keys, known_[stage].rows));
    Touch(cut.id);
  }
}

void OpenPlan::ForgetEmpty(uint32_t stage) {
  std::vector<uint32_t> empty{stage};
  while (!empty.empty()) {
    const uint32_t none = empty.back();
    empty.pop_back();
    for (CutStage& cut : stages_) {
      if (!Waits(cut.id) || !cut.plan) continue;
      if (!ReplaceEmpty(cut.plan,
                        [&](uint32_t exchange) { return exchanges_.at(exchange).stage == none; })) {
        continue;
      }
      // The root stays: what a stage gives has its columns.
      for (auto& child : cut.plan->children)
        child = duckdb::EmptyResultPullup().Optimize(std::move(child));
      cut.plan->ResolveOperatorTypes();
      Stage& reader = graph.stages[cut.id];
      reader.inputs = InputsOf(*cut.plan);
      Touch(cut.id);
      if (!NoRows(*cut.plan)) continue;
      reader.state = Stage::State::kDropped;
      reader.inputs.clear();
      reader.late_decisions.push_back(fmt::format("not run: stage {} has no rows", none));
      known_[cut.id].finished = true;
      empty.push_back(cut.id);
      for (size_t i = 0; i < joins_.size(); ++i) {
        if (joins_[i].first != cut.id || decided_[i]) continue;
        decided_[i] = true;
        Decide(joins_[i]);
      }
    }
  }
}

void OpenPlan::DropUnread() {
  for (bool more = true; more;) {
    more = false;
    std::set<uint32_t> read;
    for (const auto& input : graph.final_inputs) read.insert(input.stage);
    for (const Stage& stage : graph.stages) {
      if (stage.state == Stage::State::kDropped) continue;
      for (const auto& input : stage.inputs) read.insert(input.stage);
    }
    for (Stage& stage : graph.stages) {
      if (!Waits(stage.id) || read.contains(stage.id)) continue;
      stage.state = Stage::State::kDropped;
      stage.inputs.clear();
      stage.late_decisions.emplace_back("not run: nothing reads it any more");
      known_[stage.id].finished = true;
      Touch(stage.id);
      more = true;
    }
  }
}

void OpenPlan::PrepareAll() {
  for (CutStage& cut : stages_) {
    if (!Waits(cut.id)) continue;
    auto done = [&](uint32_t stage) { return known_[stage].finished; };
    const auto& inputs = graph.stages[cut.id].inputs;
    if (std::all_of(cut.after.begin(), cut.after.end(), done) &&
        std::all_of(inputs.begin(), inputs.end(),
                    [&](const Stage::Input& input) { return done(input.stage); })) {
      Divide(cut.id);
      Prepare(cut.id);
    }
  }
}

void OpenPlan::Prepare(uint32_t id) {
  CutStage& cut = stages_[id];
  Stage& stage = graph.stages[id];
  if (describe_) stage.plan_text = cut.plan->ToString();
  stage.inputs = NumberInputs(*cut.plan);
  stage.state = Stage::State::kReady;
  Touch(id);
  if (stage.placement == Placement::kCoordinator) {
    local.emplace(id, std::move(cut.plan));
    return;
  }
  stage.plan = std::make_shared<const std::string>(SerializePlan(*cut.plan));
}

/// How many tasks read what was repartitioned, and what of it each.
void OpenPlan::Divide(uint32_t id) {
  Stage& stage = graph.stages[id];
  if (stage.tasks < 2 || stages_[id].kept) return;
  PartitionSizes sizes;
  sizes.copied.resize(stage.tasks);
  sizes.sliced.resize(stage.tasks);
  uint32_t repartitioned = 0;
  // Tables that every task reads whole are read so by more or fewer, too.
  for (const auto& task : stage.scans) {
    if (!SameSplits(task, stage.scans[0])) return;
  }
  for (const auto& input : stage.inputs) {
    if (input.mode == ReadMode::kAll || input.mode == ReadMode::kEvery) continue;
    if (input.mode != ReadMode::kPartition || stages_[input.stage].ties_together) return;
    ++repartitioned;
  }
  if (repartitioned == 0) return;
  // A join whose rows may lie anywhere, of two stages that nothing else here depends on.
  const CutJoin* skewed = nullptr;
  if (repartitioned == 2) {
    for (const CutJoin& join : joins_) {
      uint32_t at = id;
      if (join.may_broadcast && !join.settled && FindScan(join.second_scan, &at) && at == id)
        skewed = &join;
    }
  }
  for (const auto& input : stage.inputs) {
    if (input.mode != ReadMode::kPartition) continue;
    const Known& known = known_[input.stage];
    auto& side = skewed && input.stage == skewed->first ? sizes.copied : sizes.sliced;
    for (size_t i = 0; i < std::min(known.partition_rows.size(), side.size()); ++i) {
      side[i] += static_cast<uint64_t>(static_cast<double>(known.bytes) *
                                       static_cast<double>(known.partition_rows[i]) /
                                       static_cast<double>(std::max<uint64_t>(1, known.rows)));
    }
  }
  ShareOptions options;
  options.task_bytes = options_.task_bytes;
  options.skew_bytes = options_.skew_bytes;
  options.slices = skewed && options_.skew_bytes > 0 ? known_[skewed->second].tasks : 1;
  std::string why;
  auto shares = DivideShares(sizes, options, &why);
  if (shares.empty()) return;
  stage.shares = std::move(shares);
  stage.tasks = static_cast<uint32_t>(stage.shares.size());
  stage.scans.resize(stage.tasks, stage.scans.at(0));
  stage.late_decisions.push_back(std::move(why));
  if (!skewed) return;
  for (CutExchange& exchange : exchanges_) exchange.sliced |= exchange.stage == skewed->second;
}

}  // namespace skein::distributed
