#pragma once

#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_copy_to_file.hpp"

#include "distributed/planner/task_copy.h"

namespace skein::distributed {

/// A TaskCopy to a file system that can rename: all files appear, or none.
///
/// Each attempt of a task writes to a folder of its own (SetAttemptFolder) below a hidden one in
/// the target, under names that no pattern for the final ones takes. When all is written the files
/// of the attempts that count are renamed; what else is there goes with the hidden folder. So
/// target and tasks have to share a file system.
class StagedCopy : public TaskCopy {
 public:
  /// Why `copy`, one that tasks could write, cannot be staged; empty when it can.
  static std::string WhyNot(duckdb::ClientContext& context, const duckdb::LogicalCopyToFile& copy);

  StagedCopy(duckdb::ClientContext& context, duckdb::LogicalCopyToFile& copy);
  ~StagedCopy() override;

  void Begin() override;
  bool in_place() const override { return false; }
  std::string how() const override {
    return "each task writes files, which are renamed when all are written";
  }

 protected:
  void MakeValid(const std::vector<Written>& tasks) override;

 private:
  struct Move {
    std::string from;
    std::string to;
  };
  std::vector<Move> FinalNames(const std::vector<Written>& tasks);
  void CheckTarget();

  const std::string target_;
  const std::string staging_;
  duckdb::FilenamePattern pattern_;
  std::string extension_;
  bool begun_ = false;
  bool made_target_ = false;
};

}  // namespace skein::distributed
