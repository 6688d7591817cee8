#pragma once

#include "duckdb/execution/operator/helper/physical_result_collector.hpp"

#include "distributed/fragment/task_context.h"

namespace skein::distributed {

/// The end of a fragment's pipeline: partitions rows and hands blocks to the task's outputs, on all
/// threads of the pipeline. Its own result is empty; counts go to TaskContext::report.
duckdb::unique_ptr<duckdb::PhysicalOperator> MakeExchangeSink(duckdb::ClientContext& context,
                                                              duckdb::PreparedStatementData& data);

}  // namespace skein::distributed
