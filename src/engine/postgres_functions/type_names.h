#pragma once

#include <string>

namespace duckdb {
struct LogicalType;
}

namespace skein::engine {

/// What pg_typeof says of a value of this type: PostgreSQL's name of the type a client is sent.
std::string PgTypeofName(const duckdb::LogicalType& type);

}  // namespace skein::engine
