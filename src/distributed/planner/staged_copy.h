#pragma once

#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_copy_to_file.hpp"

namespace skein::distributed {

/// Why tasks cannot write this COPY's files themselves; empty when they can.
std::string WhyNotByTasks(duckdb::ClientContext& context, const duckdb::LogicalCopyToFile& copy);

/// A COPY into a folder whose files are written by tasks: all of them appear, or none.
///
/// Each attempt of a task writes to a folder of its own (SetAttemptFolder) below a hidden one in
/// the target, under names that no pattern for the final ones takes. When all is written the files
/// of the attempts that count are renamed; what else is there goes with the hidden folder. So
/// target and tasks have to share a file system.
///
/// Lifecycle: TakeOver while the query is planned, Begin before the first task, Commit once after
/// the last. Destroyed without Commit it leaves nothing behind. All throw DuckDB's exceptions.
class StagedCopy {
 public:
  /// Makes the tasks' COPY of `copy`: its rows become (rows, files) of each task.
  static duckdb::unique_ptr<StagedCopy> TakeOver(duckdb::ClientContext& context,
                                                 duckdb::LogicalCopyToFile& copy);
  ~StagedCopy();
  StagedCopy(const StagedCopy&) = delete;
  StagedCopy& operator=(const StagedCopy&) = delete;

  /// What a task that counts wrote.
  struct Written {
    int64_t rows = 0;
    std::vector<std::string> files;
  };

  void Begin();
  void Commit(std::vector<Written> tasks);

 private:
  explicit StagedCopy(duckdb::ClientContext& context) : context_(context) {}

  struct Move {
    std::string from;
    std::string to;
  };
  std::vector<Move> FinalNames(const std::vector<Written>& tasks);
  void CheckTarget();

  duckdb::ClientContext& context_;
  std::string target_;
  std::string staging_;
  duckdb::CopyOverwriteMode mode_{};
  duckdb::FilenamePattern pattern_;
  std::string extension_;
  bool partitioned_ = false;
  bool begun_ = false;
  bool made_target_ = false;
};

}  // namespace skein::distributed
