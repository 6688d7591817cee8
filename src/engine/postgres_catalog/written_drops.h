#pragma once

#include <string>
#include <vector>

namespace skein::engine::postgres_catalog {

/// DROP TABLE a, b: DuckDB's parser takes one object. Whether it said so.
bool WantsOneObject(const std::string& message);
/// The statements that drop one object each; none when it is something else.
std::vector<std::string> SeparateDrops(const std::string& sql);

/// DROP FUNCTION f(int): DuckDB's functions are known by their names. Blanks what stands in the
/// brackets, and them; false when there is no such statement.
bool TakeDroppedArguments(std::string* sql);

}  // namespace skein::engine::postgres_catalog
