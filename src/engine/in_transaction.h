#pragma once

#include "duckdb/main/connection.hpp"

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

}  // namespace skein::engine
