#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "distributed/runner/runner.h"
#include "distributed/worker.h"

namespace skein::distributed {

/// Workers that are engines of their own in this process, one task of a query at a time on each;
/// exchanges through memory and a file. What runs here runs on a cluster as well: nothing but the
/// bytes of tasks and blocks passes.
class InProcessRunner : public Runner {
 public:
  struct Options {
    uint32_t workers = 2;
    /// As the coordinator's; memory, threads and temporary space are divided among the workers.
    engine::Options engine;
    /// Exchanged data of one query that stays in memory.
    size_t exchange_memory = size_t{256} << 20;
    std::string spill_dir;
  };
  static Result<std::unique_ptr<InProcessRunner>> Start(Options options);

  RunnerTraits traits() const override { return {true, uint64_t{64} << 10, false}; }
  uint32_t slots() const override { return static_cast<uint32_t>(workers_.size()); }
  Result<RunOutput> Run(const StageGraph& graph, LocalStages& local,
                        std::shared_ptr<CancelToken> cancel) override;

 private:
  explicit InProcessRunner(Options options) : options_(std::move(options)) {}

  Options options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex memory_loan_;  ///< whose task has the memory of all workers
};

}  // namespace skein::distributed
