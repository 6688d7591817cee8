#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/status.h"

namespace duckdb {
class SQLStatement;
}

namespace skein::engine {

/// Settings that belong to a session and that its client may change; the rest of the configuration
/// is locked.
const std::vector<std::string>& SessionSettings();

/// Functions of DuckDB that no client of a shared server may call; taken out of the catalogue.
const std::vector<std::string>& RemovedFunctions();

/// Refuses, by kind, what a client may not do on a shared server, and moves secrets to the
/// session's storage. Access to files and locked settings are DuckDB's own to refuse; here is what
/// it would let pass. `is_loaded` tells whether an extension is loaded; LOAD and INSTALL of those
/// become no-ops (`*no_op`).
Status Guard(duckdb::SQLStatement& statement,
             const std::function<bool(const std::string&)>& is_loaded, bool* no_op);

/// The name PostgreSQL gives the command: "SELECT", "CREATE TABLE", ...
std::string CommandOf(const duckdb::SQLStatement& statement);

/// Whether the statement's text may hold credentials, so that no log may keep it.
bool HoldsCredentials(const duckdb::SQLStatement& statement);

}  // namespace skein::engine
