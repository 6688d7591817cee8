#pragma once

#include "common/cancellation.h"
#include "distributed/fragment/fragment_plan.h"
#include "distributed/task.h"
#include "engine/engine.h"

namespace skein::distributed {

/// Of a folder that a COPY of tasks writes to before its files are renamed; an id follows. Below it
/// each attempt of a task has a folder of its own.
inline constexpr const char* kStagingPrefix = ".skein-";

/// Runs `plan` on a connection of `engine` to its end; its rows go to `outputs` as `task` says.
/// DuckDB's optimizer leaves the plan as it is.
Result<TaskReport> RunFragment(engine::Engine& engine, duckdb::ClientContext& context, Plan plan,
                               const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                               std::shared_ptr<CancelToken> cancel);

/// The same from the bytes of TaskSpec::plan, optimised again.
Result<TaskReport> RunSerializedFragment(engine::Engine& engine, duckdb::ClientContext& context,
                                         const TaskSpec& task, TaskInputs& inputs,
                                         TaskOutputs& outputs, std::shared_ptr<CancelToken> cancel);

}  // namespace skein::distributed
