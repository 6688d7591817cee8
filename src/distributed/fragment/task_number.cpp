#include "distributed/fragment/task_number.h"

#include "duckdb/common/types/vector.hpp"
#include "duckdb/execution/expression_executor_state.hpp"

#include "distributed/fragment/task_context.h"

namespace skein::distributed {
namespace {

void TaskNumber(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& spec = *TaskContext::Of(state.GetContext()).spec;
  result.Reference(duckdb::Value::BIGINT(static_cast<int64_t>(spec.task)));
}

}  // namespace

duckdb::ScalarFunction TaskNumberFunction() {
  duckdb::ScalarFunction function(kTaskNumberName, {}, duckdb::LogicalType::BIGINT, TaskNumber);
  function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
  return function;
}

}  // namespace skein::distributed
