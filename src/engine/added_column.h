#pragma once

#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/common/vector.hpp"

namespace duckdb {
class Connection;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

// ALTER TABLE … ADD COLUMN with a default that is no constant, or with NOT NULL: steps for DuckDB,
// one statement for whoever sends it. In the rows that are there such a default has one value, that
// of this statement, unless it is another for each row.

/// `parts`: what DuckDB's parser made of a text. Puts an ADD COLUMN together again, with its
/// default; `not_null` says whether a SET NOT NULL was behind it. Null, and `parts` as they were,
/// when they are none.
duckdb::unique_ptr<duckdb::SQLStatement> TakeAddedColumn(
    duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>& parts, bool* not_null);

/// Runs what TakeAddedColumn gave, all steps or none: in the open transaction, or one of its own.
/// Throws DuckDB's exceptions.
void AddColumn(duckdb::Connection& connection, const duckdb::SQLStatement& statement,
               bool not_null);

}  // namespace skein::engine
