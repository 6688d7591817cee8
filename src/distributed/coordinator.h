#pragma once

#include <atomic>
#include <memory>

#include "distributed/runner/runner.h"
#include "engine/engine.h"
#include "session/distributed_queries.h"

namespace skein::distributed {

/// Decides for each query whether it is cut, cuts it and runs it over a runner. The settings of the
/// session (engine/own_settings.h) say how.
class Coordinator : public session::DistributedQueries {
 public:
  static Result<std::shared_ptr<Coordinator>> Start(std::shared_ptr<engine::Engine> engine,
                                                    std::unique_ptr<Runner> runner);

  Result<std::optional<engine::Outcome>> TryExecute(
      engine::Connection& connection, engine::Prepared& prepared,
      const std::vector<engine::BoundValue>& parameters,
      std::shared_ptr<CancelToken> cancel) override;
  Result<std::string> Explain(engine::Connection& connection, engine::Prepared& prepared,
                              ExplainOptions options, std::shared_ptr<CancelToken> cancel) override;

 private:
  Coordinator(std::shared_ptr<engine::Engine> engine, std::unique_ptr<Runner> runner)
      : engine_(std::move(engine)), runner_(std::move(runner)) {}

  std::shared_ptr<engine::Engine> engine_;
  std::unique_ptr<Runner> runner_;
  /// The runner's, as of the latest query: skein_explain, which the engine keeps, looks here.
  std::shared_ptr<std::atomic<uint32_t>> slots_ = std::make_shared<std::atomic<uint32_t>>(1);
};

}  // namespace skein::distributed
