#pragma once

#include "common/status.h"

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

/// A violated constraint as PostgreSQL words it: DuckDB names no constraint, and not always the
/// table. `error` is what running `statement` gave; any that is not of class 23, or of which
/// nothing more can be said, comes back as it is. A transaction that is open must not have failed.
///
/// The message quotes the names of the column and of the constraint (as pg_constraint has it), the
/// detail the key, and the subject is "schema.table": drivers get them as fields of the error.
Status ExplainConstraint(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                         Status error);

}  // namespace skein::engine
