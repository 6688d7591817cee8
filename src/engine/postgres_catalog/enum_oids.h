#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace duckdb {
class ClientContext;
struct LogicalType;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

/// The numbers that pg_type gives an enum and its arrays.
struct EnumOids {
  uint32_t own = 0;
  uint32_t array = 0;
};

/// Nothing for an enum without a name. Works inside and outside of a query; not while a result is
/// read. Throws DuckDB's exceptions.
std::optional<EnumOids> EnumOidsOf(duckdb::ClientContext& context, const duckdb::LogicalType& type);

/// A type that somebody made by its number: DuckDB's name of it, and whether it is an array.
/// nullopt when there is none.
struct UserTypeName {
  std::string name;
  bool array = false;
};
std::optional<UserTypeName> UserTypeOf(duckdb::ClientContext& context, uint32_t oid);

}  // namespace skein::engine::postgres_catalog
