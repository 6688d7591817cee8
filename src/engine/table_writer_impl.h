#pragma once

#include <memory>

#include "duckdb/main/client_context.hpp"

#include "engine/table_ingest.h"
#include "engine/table_writer.h"
#include "engine/task_threads.h"

namespace skein::engine {

/// The table of that name. Not OK: 42P01 when there is none (a view is none either), 42809 for a
/// view when `to_write`.
Result<TableDescription> DescribeTable(duckdb::ClientContext& context,
                                       const std::vector<std::string>& name, bool to_write);

/// For Connection::WriteTable.
Result<std::unique_ptr<TableWriter>> MakeTableWriter(duckdb::ClientContext& context,
                                                     TaskThreads& threads,
                                                     const WriteTarget& target,
                                                     std::shared_ptr<CancelToken> cancel);

/// For Connection::IngestTable.
Result<std::unique_ptr<TableIngest>> MakeTableIngest(duckdb::ClientContext& context,
                                                     TaskThreads& threads,
                                                     const IngestTarget& target,
                                                     const arrow::Schema& schema,
                                                     std::shared_ptr<CancelToken> cancel);

/// Runs a statement of our own that changes rows to its end; how many it changed. `cancel` ends it.
Result<int64_t> RunChange(duckdb::ClientContext& context, TaskThreads& threads,
                          duckdb::unique_ptr<duckdb::SQLStatement> statement,
                          std::shared_ptr<CancelToken> cancel);

}  // namespace skein::engine
