#pragma once

#include "engine/connection.h"

namespace duckdb {
class ClientContext;
}

namespace skein::engine {

/// Says what a session speaks until it sets sql_dialect. Absent, it is DuckDB's.
void SetDoorDialect(duckdb::ClientContext& context, Dialect dialect);

/// What the session of the context speaks now.
Dialect DialectOf(duckdb::ClientContext& context);

}  // namespace skein::engine
