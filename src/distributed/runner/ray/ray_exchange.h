#pragma once

#include <memory>
#include <string>
#include <vector>

#include "distributed/runner/ray/driver_link.h"
#include "distributed/stage_graph.h"

namespace skein::distributed::ray {

/// What is in Ray's object store of one query, for this process to read. Pulled piece by piece: no
/// more of it is here than who reads has asked for, and one piece ahead.
class RayInputs : public TaskInputs {
 public:
  /// What task 0 of 1 reads. `release`: the query's objects can go when this goes.
  RayInputs(std::shared_ptr<DriverLink> link, const StageGraph& graph,
            const std::vector<Stage::Input>& inputs, std::shared_ptr<CancelToken> cancel,
            bool release);
  ~RayInputs() override;

  Result<std::unique_ptr<BlockReader>> Open(uint32_t input) override;

 private:
  struct Output {
    uint32_t stage = 0;
    uint32_t first_task = 0;
    uint32_t end_task = 0;
  };
  std::shared_ptr<DriverLink> link_;
  const std::string query_id_;
  std::vector<Output> outputs_;  ///< by input
  std::shared_ptr<CancelToken> cancel_;
  const bool release_;
};

/// Puts the rows of a task that ran here into Ray's object store.
class RayOutputs : public TaskOutputs {
 public:
  RayOutputs(std::shared_ptr<DriverLink> link, std::string query_id, uint32_t stage,
             uint32_t partitions);
  Status Append(uint32_t partition, Block block) override;
  /// After the last Append.
  Status Finish();

 private:
  struct Partition {
    std::vector<Block> blocks;
    size_t bytes = 0;
  };
  Status Put(uint32_t index, Partition partition);

  std::shared_ptr<DriverLink> link_;
  const std::string query_id_;
  const uint32_t stage_;
  std::mutex mu_;
  std::vector<Partition> partitions_;  // guarded by mu_
};

}  // namespace skein::distributed::ray
