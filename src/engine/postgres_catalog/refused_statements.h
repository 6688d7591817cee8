#pragma once

#include <string>

namespace skein::engine::postgres_catalog {

/// For a text that DuckDB's parser has refused: where it begins as a statement that PostgreSQL has
/// and this server has not (CREATE FUNCTION, GRANT, SELECT … FOR UPDATE), throws 0A000, which names
/// it and says what to do instead. Else nothing happens.
void ThrowIfUnsupportedStatement(const std::string& sql);

}  // namespace skein::engine::postgres_catalog
