#pragma once

#include <string>

#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/common/vector.hpp"

namespace duckdb {
class SQLStatement;
}

namespace skein::engine::postgres_catalog {

// ALTER TABLE … ADD COLUMN with constraints, which DuckDB's grammar reads and its parser has no
// tree for. NOT NULL becomes a statement of its own behind it (added_column.h runs both).

/// Whether this is what DuckDB's parser says of such a column.
bool RefusesAddedConstraint(const std::string& message);

/// Blanks NOT NULL in an ALTER TABLE; the other positions stay. False when there is none.
bool TakeAddedNotNull(std::string* sql);

/// Puts SET NOT NULL behind the ADD COLUMN.
void SetAddedNotNull(duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>& statements);

/// Throws 0A000: there is a constraint of another kind.
[[noreturn]] void ThrowAddedConstraint();

}  // namespace skein::engine::postgres_catalog
