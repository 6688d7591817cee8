#pragma once

#include <string>

#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/common/vector.hpp"

namespace duckdb {
class ClientContext;
class Connection;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

using Drops = duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>;

/// Whether all of them are DROP: the parts of DROP TABLE a, b.
bool AreDrops(const Drops& parts);

/// Drops all of the objects, or none: tables that reference others among them first. Throws
/// DuckDB's exceptions.
void DropAll(duckdb::Connection& connection, const Drops& drops);

/// DROP FUNCTION f(int), of which `text` is the client's: throws 0A000 where there are several
/// functions of the name, as all of them would go. Opens a transaction for a moment when there is
/// none.
void CheckDroppedFunction(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                          const std::string& text);

}  // namespace skein::engine
