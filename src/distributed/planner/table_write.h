#pragma once

#include <string>
#include <vector>

#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/logical_operator.hpp"

namespace skein::distributed {

/// An INSERT or CREATE TABLE AS into a table whose format keeps data files and takes them in at the
/// end (DuckLake; Iceberg, but for CREATE TABLE AS). DuckDB plans it as a COPY, whose rows tell of
/// the written files, below an operator of the extension's that makes them the table's. The COPY is
/// what tasks run; the operator runs once, on the session's engine, over the rows of all of them,
/// so that what the table demands, its statistics and the transaction are the extension's own
/// affair.
///
/// Files lie where the extension puts them, under names that begin in a way of this statement's
/// own. Nobody reads them before the transaction commits; those that it does not take in (of a task
/// that failed or ran twice) are removed.
///
/// Lifecycle: Plan while the query is planned, then CopyOf and TakeIn, each once; Begin before the
/// first task, Finish when the files are taken in. Destroyed without Finish it removes what was
/// written. All within the one transaction of the statement. Throw DuckDB's exceptions.
class TableWrite {
 public:
  /// Why `op`, an INSERT or CREATE TABLE AS, has to run whole; empty when it need not.
  static std::string WhyNotCut(const duckdb::LogicalOperator& op);

  /// Plans the writing for `op`, whose rows may be split. Gives nothing, and the reason, when tasks
  /// cannot write; then `op` is as it was.
  static duckdb::unique_ptr<TableWrite> Plan(duckdb::ClientContext& context,
                                             duckdb::unique_ptr<duckdb::LogicalOperator>& op,
                                             std::string* why_not);
  ~TableWrite();
  TableWrite(const TableWrite&) = delete;
  TableWrite& operator=(const TableWrite&) = delete;

  /// The COPY of `rows`, which are what the INSERT has below it.
  duckdb::unique_ptr<duckdb::LogicalOperator> CopyOf(
      duckdb::Binder& binder, duckdb::unique_ptr<duckdb::LogicalOperator> rows);

  /// The plan that makes the files of `written`, the rows of all COPYs, the table's.
  duckdb::unique_ptr<duckdb::LogicalOperator> TakeIn(
      duckdb::unique_ptr<duckdb::LogicalOperator> written);

  void Begin() { begun_ = true; }
  /// `taken`: the files that are the table's now, or will be with the transaction.
  void Finish(const std::vector<std::string>& taken);

 private:
  explicit TableWrite(duckdb::ClientContext& context) : context_(context) {}
  void RemoveFilesBut(const std::vector<std::string>& taken);

  duckdb::ClientContext& context_;
  /// Holds the extension's operator, which TakeIn's plan runs.
  duckdb::unique_ptr<duckdb::PhysicalPlan> plan_;
  std::string folder_;
  std::string prefix_;   ///< of the files' names
  bool nested_ = false;  ///< files may lie in folders of partitions
  bool begun_ = false;
};

}  // namespace skein::distributed
