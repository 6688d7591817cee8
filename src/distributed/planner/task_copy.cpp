#include "distributed/planner/task_copy.h"

#include <algorithm>

#include "duckdb/parser/parsed_data/copy_info.hpp"

#include "distributed/planner/object_copy.h"
#include "distributed/planner/staged_copy.h"

namespace skein::distributed {
namespace {

bool HasUrlScheme(const std::string& path) {
  return path.find("://") != std::string::npos || path.starts_with("file:");
}

}  // namespace

std::string TaskCopy::WhyNot(duckdb::ClientContext& context,
                             const duckdb::LogicalCopyToFile& copy) {
  if (!copy.per_thread_output && !copy.partition_output && !copy.rotate &&
      !copy.file_size_bytes.IsValid()) {
    return "one file has one writer (PER_THREAD_OUTPUT, FILE_SIZE_BYTES or PARTITION_BY makes "
           "several)";
  }
  if (copy.function.name != "parquet" && copy.function.name != "csv")
    return "only Parquet and CSV files are written by tasks";
  if (copy.copy_info && copy.copy_info->format != "parquet" && copy.copy_info->format != "csv")
    return "only Parquet and CSV files are written by tasks";
  if (copy.return_type != duckdb::CopyFunctionReturnType::CHANGED_ROWS)
    return "the names of the files are asked for";
  if (!copy.hive_file_pattern) return "HIVE_FILE_PATTERN is not understood";
  if (HasUrlScheme(copy.file_path)) return ObjectCopy::WhyNot(copy);
  return StagedCopy::WhyNot(context, copy);
}

duckdb::unique_ptr<TaskCopy> TaskCopy::TakeOver(duckdb::ClientContext& context,
                                                duckdb::LogicalCopyToFile& copy) {
  duckdb::unique_ptr<TaskCopy> taken;
  if (HasUrlScheme(copy.file_path)) {
    taken = duckdb::make_uniq<ObjectCopy>(context, copy);
  } else {
    taken = duckdb::make_uniq<StagedCopy>(context, copy);
  }
  copy.overwrite_mode = duckdb::CopyOverwriteMode::COPY_OVERWRITE_OR_IGNORE;
  copy.use_tmp_file = false;
  copy.return_type = duckdb::CopyFunctionReturnType::CHANGED_ROWS_AND_FILE_LIST;
  copy.ResolveOperatorTypes();
  return taken;
}

TaskCopy::TaskCopy(duckdb::ClientContext& context, duckdb::LogicalCopyToFile& copy)
    : context_(context), mode_(copy.overwrite_mode), partitioned_(copy.partition_output) {}

void TaskCopy::Commit(std::vector<Written> tasks) {
  // A writer without rows leaves a file that has the columns; one is enough, and only when there
  // are no others.
  auto has_rows = [](const Written& task) { return task.rows > 0; };
  if (std::any_of(tasks.begin(), tasks.end(), has_rows) || partitioned_) {
    std::erase_if(tasks, [&](const Written& task) { return !has_rows(task); });
  } else if (tasks.size() > 1) {
    tasks.resize(1);
  }
  MakeValid(tasks);
}

}  // namespace skein::distributed
