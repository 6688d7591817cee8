#include "distributed/runner/ray/ray_exchange.h"

#include <algorithm>
#include <deque>

namespace skein::distributed::ray {
namespace {

/// A few pieces of this size are on their way at most.
constexpr size_t kPutBytes = size_t{4} << 20;
constexpr auto kLookForCancel = std::chrono::milliseconds(50);

class RayReader : public BlockReader {
 public:
  /// Reads the outputs of the tasks from the one of `first` on, up to `end_task`.
  RayReader(std::shared_ptr<DriverLink> link, ToDriver::Fetch first, uint32_t end_task,
            std::shared_ptr<CancelToken> cancel)
      : link_(std::move(link)),
        fetch_(std::move(first)),
        end_task_(end_task),
        outputs_(end_task - fetch_.task()),
        cancel_(std::move(cancel)) {
    if (outputs_ > 0) ahead_ = link_->Fetch(fetch_);
  }

  Result<bool> Next(Block* block) override {
    std::lock_guard lock(mu_);
    while (blocks_.empty()) {
      if (!ahead_.valid()) return false;
      while (ahead_.wait_for(kLookForCancel) != std::future_status::ready) {
        if (cancel_ && cancel_->cancelled()) return cancel_->status();
      }
      SKEIN_ASSIGN_OR_RETURN(FetchedBlocks fetched, ahead_.get());
      fetch_.set_position(fetched.position);
      if (fetched.end) {
        fetch_.set_task(fetch_.task() + 1);
        fetch_.set_position(0);
      }
      if (fetch_.task() < end_task_) ahead_ = link_->Fetch(fetch_);
      for (Block& one : fetched.blocks) blocks_.push_back(std::move(one));
    }
    *block = std::move(blocks_.front());
    blocks_.pop_front();
    return true;
  }

  size_t size() const override { return outputs_; }

 private:
  std::shared_ptr<DriverLink> link_;
  std::mutex mu_;
  ToDriver::Fetch fetch_;  // guarded by mu_, as are those below
  const uint32_t end_task_;
  const uint32_t outputs_;
  std::deque<Block> blocks_;
  std::future<Result<FetchedBlocks>> ahead_;
  std::shared_ptr<CancelToken> cancel_;
};

}  // namespace

RayInputs::RayInputs(std::shared_ptr<DriverLink> link, const StageGraph& graph,
                     const std::vector<Stage::Input>& inputs, std::shared_ptr<CancelToken> cancel,
                     bool release)
    : link_(std::move(link)),
      query_id_(graph.query_id),
      cancel_(std::move(cancel)),
      release_(release) {
  // However one task of one reads, it is partition 0 of all, unless it asks for one task's.
  for (const auto& input : inputs) {
    const Stage& stage = graph.stages[input.stage];
    const uint32_t tasks = stage.state == Stage::State::kDropped ? 0 : stage.tasks;
    if (input.mode == ReadMode::kTask) {
      outputs_.push_back(
          {input.stage, std::min(input.part, tasks), std::min(input.part + 1, tasks)});
    } else {
      outputs_.push_back({input.stage, 0, tasks});
    }
  }
}

RayInputs::~RayInputs() {
  if (!release_) return;
  ToDriver message;
  message.mutable_release()->set_query_id(query_id_);
  (void)link_->Send(message);
}

Result<std::unique_ptr<BlockReader>> RayInputs::Open(uint32_t input) {
  if (input >= outputs_.size()) return errors::Internal("the task has no such input");
  ToDriver::Fetch first;
  first.set_query_id(query_id_);
  first.set_stage(outputs_[input].stage);
  first.set_task(outputs_[input].first_task);
  return std::unique_ptr<BlockReader>(
      std::make_unique<RayReader>(link_, std::move(first), outputs_[input].end_task, cancel_));
}

RayOutputs::RayOutputs(std::shared_ptr<DriverLink> link, std::string query_id, uint32_t stage,
                       uint32_t partitions)
    : link_(std::move(link)),
      query_id_(std::move(query_id)),
      stage_(stage),
      partitions_(partitions) {}

Status RayOutputs::Append(uint32_t index, Block block) {
  Partition full;
  {
    std::lock_guard lock(mu_);
    Partition& partition = partitions_.at(index);
    partition.bytes += block.size;
    partition.blocks.push_back(std::move(block));
    if (partition.bytes < kPutBytes) return Status::OK();
    std::swap(full, partition);
  }
  return Put(index, std::move(full));
}

Status RayOutputs::Finish() {
  std::lock_guard lock(mu_);
  for (uint32_t i = 0; i < partitions_.size(); ++i) {
    if (!partitions_[i].blocks.empty()) SKEIN_RETURN_IF_ERROR(Put(i, std::move(partitions_[i])));
  }
  return Status::OK();
}

Status RayOutputs::Put(uint32_t index, Partition partition) {
  ToDriver message;
  auto* put = message.mutable_put();
  put->set_query_id(query_id_);
  put->set_stage(stage_);
  put->set_partition(index);
  for (const Block& block : partition.blocks) put->add_sizes(block.size);
  return link_->Send(message, partition.blocks);
}

}  // namespace skein::distributed::ray
