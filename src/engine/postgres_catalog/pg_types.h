#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "duckdb/common/types.hpp"

namespace duckdb {
class DatabaseInstance;
}

namespace skein::engine::postgres_catalog {

/// PostgreSQL's types that the catalogue's columns have and DuckDB has not. Each is an alias over a
/// type of DuckDB: `oid` over BIGINT, the reg* types over UINTEGER, `name`, `"char"` and the other
/// texts over VARCHAR, the vectors over lists.
duckdb::LogicalType NamedType(std::string_view postgres_name);

/// The DuckDB type for a name as relations.tsv writes it: "oid", "text[]", "timestamp with time
/// zone". Throws for a name it does not know, which is a mistake in our own files.
duckdb::LogicalType ColumnType(std::string_view postgres_name);

/// The names under which NamedType's types can be written in a cast.
bool IsNamedType(std::string_view postgres_name);

/// What a reg* type stands for.
enum class RegKind : uint8_t { kClass, kType, kProc, kNamespace, kRole, kOther };
RegKind RegKindOf(std::string_view postgres_name);

/// Lets values of the named types be used where their base types are expected, and makes the casts
/// between names and numbers of the reg* types.
void RegisterCasts(duckdb::DatabaseInstance& db);

/// pg_type's numbers for a type of a column, and its modifier.
struct TypeRef {
  uint32_t oid = 25;
  int32_t typmod = -1;
  int16_t length = -1;
};
/// As RowDescription says it (results::PgTypeFor). User-made enums are the snapshot's to know.
TypeRef TypeRefOf(const duckdb::LogicalType& type);

/// SQL's name of a built-in type ("character varying(10)"); empty when there is none of this
/// number.
std::string BuiltinTypeName(uint32_t oid, int32_t typmod);
/// How PostgreSQL stores a type's values, which clients show; user-made types are enums.
struct TypeLayout {
  int16_t length = 4;
  bool by_value = true;
  char align = 'i';
  char storage = 'p';
  uint32_t collation = 0;
};
TypeLayout LayoutOf(uint32_t oid);

/// The name in pg_type ("int4", "_text"); empty when there is none.
std::string TypeCatalogName(uint32_t oid);
/// The number of a built-in type by SQL's or PostgreSQL's name; 0 when there is none.
uint32_t BuiltinTypeOid(std::string_view name);

}  // namespace skein::engine::postgres_catalog
