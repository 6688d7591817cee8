#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "distributed/runner/ray/driver_link.h"
#include "distributed/runner/runner.h"
#include "engine/options.h"

namespace skein::distributed {

/// Runs stages on a Ray cluster, through a driver process that it starts and watches.
///
/// What a worker, a node or an object that is lost costs is run again by the driver; queries that
/// run when the driver itself is lost end with a retriable error, and a new driver is started.
/// While there is none, slots() is 0.
class RayRunner : public Runner {
 public:
  struct Options {
    std::string address;  ///< host:port of a Ray cluster; empty: a local one, as large as `cpus`
    uint32_t cpus = 2;
    uint64_t store_bytes = 0;
    uint32_t min_workers = 0;
    uint32_t max_workers = 0;  ///< 0: as many as there is room for
    uint32_t worker_cpus = 1;
    uint64_t worker_memory_bytes = 0;
    uint32_t retries = 3;
    double idle_seconds = 60;
    bool ship_code = true;
    /// As the coordinator's; threads and memory are the worker's.
    engine::Options engine;
    std::string python;
    std::string module_dir;
    std::string private_dir;  ///< ours alone; the driver's log and a local Ray's files
    std::string fault;        ///< for tests: python/skein_ray/faults.py
    /// Told what people should know of the cluster; `warning` when something is wrong.
    std::function<void(bool warning, const std::string& text)> log;
  };
  /// Returns when the cluster is there, when the first attempt failed (others follow), or after a
  /// minute.
  static std::unique_ptr<RayRunner> Start(Options options);
  ~RayRunner() override;

  uint32_t slots() const override { return slots_.load(); }
  Result<RunOutput> Run(const StageGraph& graph, LocalStages& local,
                        std::shared_ptr<CancelToken> cancel) override;

  /// Why there is no cluster; OK when there is one.
  Status status() const;

 private:
  explicit RayRunner(Options options) : options_(std::move(options)) {}

  void Supervise();
  /// One driver's life. Gives whether it came to work.
  bool RunDriver();
  void Settle(const Status& status);

  const Options options_;
  std::atomic<uint32_t> slots_{0};
  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::shared_ptr<ray::DriverLink>
      link_;  // null while there is none; guarded by mu_, as those below
  Status status_;
  bool settled_ = false;  // the first driver works, or failed
  bool joined_ = false;   // the driver that runs has reached Ray
  bool stopping_ = false;
  std::thread supervisor_;
};

}  // namespace skein::distributed
