#pragma once

#include <memory>
#include <string>

#include "duckdb/common/enums/database_modification_type.hpp"
#include "duckdb/common/vector.hpp"
#include "duckdb/parser/sql_statement.hpp"

#include "distributed/fragment/fragment_plan.h"
#include "distributed/planner/open_plan.h"
#include "distributed/planner/planned_query.h"
#include "distributed/planner/table_write.h"
#include "distributed/planner/task_copy.h"
#include "distributed/stage_graph.h"

namespace skein::distributed {

/// A query in stages, but for StageGraph::session, and what is left for the session's own engine.
struct CutQuery {
  /// Why the query is not cut; then nothing else holds.
  std::string why_not;
  std::unique_ptr<OpenPlan> open;
  Plan final;
  /// Of a COPY that tasks write; then the rows of `final` are what each wrote: (rows, files).
  duckdb::unique_ptr<TaskCopy> task_copy;
  /// Of an INSERT whose files tasks write; then `final` has the rows of their COPYs below it.
  duckdb::unique_ptr<TableWrite> table_write;
  /// What `final` changes, and how.
  duckdb::vector<std::pair<std::string, duckdb::DatabaseModificationType>> changes;

  /// Writes the plans down for people, in the graph.
  void Describe();
};

/// Whether a statement that is cut changes tables.
bool WritesToTables(const duckdb::SQLStatement& statement);

/// Plans `statement` and cuts it. Within a transaction. Throws only when it was interrupted: what
/// cannot be planned here can be run whole, or gives its error then.
CutQuery CutStatement(duckdb::ClientContext& context,
                      duckdb::unique_ptr<duckdb::SQLStatement> statement,
                      const duckdb::vector<duckdb::Value>& parameters, const PlanOptions& options);

/// Tells the final plan's exchange scans how many rows they read.
void SetInputRows(duckdb::LogicalOperator& plan, const std::vector<uint64_t>& rows);

}  // namespace skein::distributed
