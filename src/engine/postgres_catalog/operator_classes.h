#pragma once

#include <string>

namespace skein::engine::postgres_catalog {

/// Blanks the operator classes of a CREATE INDEX (`name varchar_pattern_ops`); the other positions
/// stay. Which comparisons an index serves they say in PostgreSQL: here it serves those that it
/// can, and the rows are the same. False when there are none.
bool TakeOperatorClasses(std::string* sql);

}  // namespace skein::engine::postgres_catalog
