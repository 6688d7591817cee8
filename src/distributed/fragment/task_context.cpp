#include "distributed/fragment/task_context.h"

#include "duckdb/common/exception.hpp"

namespace skein::distributed {

TaskContext& TaskContext::Of(duckdb::ClientContext& context) {
  auto state = context.registered_state->Get<TaskContext>(kKey);
  if (!state) {
    throw duckdb::BinderException(
        "this function belongs to the distributed planner and cannot be called");
  }
  return *state;
}

TaskScope::TaskScope(duckdb::ClientContext& context, const TaskSpec* spec, TaskInputs* inputs,
                     TaskOutputs* outputs)
    : context_(context), state_(duckdb::make_shared_ptr<TaskContext>()) {
  state_->spec = spec;
  state_->inputs = inputs;
  state_->outputs = outputs;
  context_.registered_state->Remove(TaskContext::kKey);
  context_.registered_state->Insert(TaskContext::kKey, state_);
}

TaskScope::~TaskScope() { context_.registered_state->Remove(TaskContext::kKey); }

void ThrowStatus(const Status& status) {
  if (status.code() == StatusCode::kCancelled || status.code() == StatusCode::kDeadlineExceeded)
    throw duckdb::InterruptException();
  if (status.code() == StatusCode::kResourceExhausted)
    throw duckdb::OutOfMemoryException(status.message());
  throw duckdb::IOException(status.message());
}

}  // namespace skein::distributed
