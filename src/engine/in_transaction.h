#pragma once

#include <utility>

#include "duckdb/main/connection.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/parser/sql_statement.hpp"

namespace skein::engine {

/// Runs `work` in the open transaction, or in one of its own: all of it or nothing.
template <typename Work>
void InTransaction(duckdb::Connection& connection, Work work) {
  if (!connection.IsAutoCommit()) return work();
  connection.BeginTransaction();
  try {
    work();
    connection.Commit();
  } catch (...) {
    if (connection.HasActiveTransaction()) connection.Rollback();
    throw;
  }
}

/// Runs a statement to its end. Throws its error.
inline void RunNow(duckdb::Connection& connection,
                   duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  auto result = connection.Query(std::move(statement));
  if (result->HasError()) result->ThrowError();
}

}  // namespace skein::engine
