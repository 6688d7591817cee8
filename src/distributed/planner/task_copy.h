#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_copy_to_file.hpp"

namespace skein::distributed {

/// A COPY into a folder whose files are written by tasks: all of them count, or none is left.
///
/// Lifecycle: TakeOver while the query is planned, Begin before the first task, Commit once after
/// the last. Destroyed without Commit it leaves nothing behind. All within a transaction, which
/// gives the session's credentials. Throw DuckDB's exceptions.
class TaskCopy {
 public:
  /// Why tasks cannot write this COPY's files themselves; empty when they can.
  static std::string WhyNot(duckdb::ClientContext& context, const duckdb::LogicalCopyToFile& copy);

  /// Makes the tasks' COPY of `copy`, for which WhyNot is empty: its rows become (rows, files) of
  /// each task.
  static duckdb::unique_ptr<TaskCopy> TakeOver(duckdb::ClientContext& context,
                                               duckdb::LogicalCopyToFile& copy);
  virtual ~TaskCopy() = default;
  TaskCopy(const TaskCopy&) = delete;
  TaskCopy& operator=(const TaskCopy&) = delete;

  /// What a task that counts wrote.
  struct Written {
    int64_t rows = 0;
    std::vector<std::string> files;
  };

  virtual void Begin() = 0;
  void Commit(std::vector<Written> tasks);

  /// Whether files are under their names before Commit; then no two attempts of a task may run at
  /// once, and none after the query's end.
  virtual bool in_place() const = 0;
  /// For people.
  virtual std::string how() const = 0;

 protected:
  TaskCopy(duckdb::ClientContext& context, duckdb::LogicalCopyToFile& copy);

  /// `tasks`: without those that wrote no rows, unless the folder is to have a file without rows.
  virtual void MakeValid(const std::vector<Written>& tasks) = 0;

  duckdb::ClientContext& context_;
  const duckdb::CopyOverwriteMode mode_;
  const bool partitioned_;
};

}  // namespace skein::distributed
