#pragma once

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"

#include "distributed/task.h"

namespace skein::distributed {

/// What the operators of a fragment need to know while it is bound and run, kept with the
/// connection that runs it. All pointers outlive the run.
struct TaskContext : public duckdb::ClientContextState {
  const TaskSpec* spec = nullptr;
  TaskInputs* inputs = nullptr;
  TaskOutputs* outputs = nullptr;
  TaskReport report;  // filled by the sink

  static constexpr const char* kKey = "skein_task";

  /// Throws when the connection runs no fragment: the internal functions are not for clients.
  static TaskContext& Of(duckdb::ClientContext& context);
};

/// Puts a TaskContext on a connection for as long as it lives.
class TaskScope {
 public:
  TaskScope(duckdb::ClientContext& context, const TaskSpec* spec, TaskInputs* inputs,
            TaskOutputs* outputs);
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  const TaskReport& report() const { return state_->report; }

 private:
  duckdb::ClientContext& context_;
  duckdb::shared_ptr<TaskContext> state_;
};

/// Throws `status` as the exception of DuckDB that engine/duckdb_error.h turns into it again.
[[noreturn]] void ThrowStatus(const Status& status);

}  // namespace skein::distributed
