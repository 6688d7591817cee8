#pragma once

#include "engine/postgres_functions/json_tree.h"

namespace duckdb {
class Value;
}

namespace skein::engine {

/// What to_json() makes of a value: numbers and booleans as such, times as ISO 8601 with a T, lists
/// as arrays, structs as objects, JSON as it is, the rest as text.
JsonTree ToJsonTree(const duckdb::Value& value);

}  // namespace skein::engine
