#pragma once

#include <memory>
#include <string>

#include "common/cancellation.h"
#include "common/status.h"
#include "distributed/task.h"
#include "engine/options.h"

namespace skein::distributed {

/// An engine that runs tasks: what a node of a cluster hosts, one for each process that works.
///
/// It shares nothing with the coordinator but files and object stores; all else comes with the
/// task. Lifecycle: Open once, RunTask any number of times. Thread-safe; tasks that run at the same
/// time share its threads and its memory.
class Worker {
 public:
  virtual ~Worker() = default;

  /// `options`: as the coordinator's engine (extensions, file access rules), with this worker's
  /// share of threads and memory. The database is always in memory.
  static Result<std::unique_ptr<Worker>> Open(engine::Options options);

  /// Runs one task to its end. Returns within a second of `cancel`, with its status.
  virtual Result<TaskReport> RunTask(const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                                     std::shared_ptr<CancelToken> cancel) = 0;

  /// What its tasks may take together from now on. An error when what they hold is more.
  virtual Status SetMemoryLimit(uint64_t bytes) = 0;

  /// What coordinator and workers must have in common: the build of DuckDB and of the format of
  /// plans and blocks. Tasks of another identity must be refused before they are decoded.
  static std::string BuildIdentity();
};

}  // namespace skein::distributed
