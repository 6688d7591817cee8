#pragma once

#include <string>
#include <vector>

#include "distributed/planner/task_copy.h"

namespace skein::distributed {

/// A TaskCopy to an object store, which renames nothing: a file appears when it is written, as when
/// one engine writes. All files of the COPY have names that begin in a way of its own, and in the
/// end those that do not count are removed: of attempts that failed, or of all when the query
/// failed.
class ObjectCopy : public TaskCopy {
 public:
  /// Why `copy`, one that tasks could write, is left to one engine; empty when it is not.
  static std::string WhyNot(const duckdb::LogicalCopyToFile& copy);

  ObjectCopy(duckdb::ClientContext& context, duckdb::LogicalCopyToFile& copy);
  ~ObjectCopy() override;

  void Begin() override;
  bool in_place() const override { return true; }
  std::string how() const override {
    return "each task writes objects; all are removed when one fails";
  }

 protected:
  void MakeValid(const std::vector<Written>& tasks) override;

 private:
  void CheckTarget();
  /// Of the store, now.
  std::vector<std::string> OwnFiles();
  std::vector<std::string> AllFiles();
  /// DuckDB lists the names of objects with their escapes undone; those of values of partitions are
  /// put back.
  std::string AsWritten(const std::string& listed) const;

  const std::string target_;
  std::string prefix_;                   ///< of the files' names
  std::vector<std::string> partitions_;  ///< names of columns
  bool begun_ = false;
};

}  // namespace skein::distributed
