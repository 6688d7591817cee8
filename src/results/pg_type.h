#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/duckdb_type.h"

namespace skein::results {

/// PostgreSQL's own numbers for its types (pg_type.oid), as far as Skein names them.
namespace pg_oid {
inline constexpr uint32_t kBool = 16, kBytea = 17, kChar = 18, kName = 19, kInt8 = 20, kInt2 = 21,
                          kInt4 = 23;
inline constexpr uint32_t kRegproc = 24, kText = 25, kOid = 26, kInt2Vector = 22, kOidVector = 30,
                          kXid = 28, kCid = 29, kJson = 114, kXml = 142;
inline constexpr uint32_t kFloat4 = 700, kFloat8 = 701, kUnknown = 705, kBpchar = 1042,
                          kVarchar = 1043;
inline constexpr uint32_t kDate = 1082, kTime = 1083, kTimestamp = 1114, kTimestampTz = 1184,
                          kInterval = 1186;
inline constexpr uint32_t kTimeTz = 1266, kBit = 1560, kVarbit = 1562, kNumeric = 1700,
                          kRegclass = 2205;
inline constexpr uint32_t kRegtype = 2206, kUuid = 2950, kJsonb = 3802, kRegnamespace = 4089,
                          kRegrole = 4096;
}  // namespace pg_oid

/// Numbers from here on are of types that somebody made.
inline constexpr uint32_t kFirstUserOid = 16384;

/// What RowDescription says of a column's type.
struct PgType {
  uint32_t oid = pg_oid::kText;
  int16_t typlen = -1;
  int32_t typmod = -1;
  bool operator==(const PgType&) const = default;
};

/// The PostgreSQL type in which values of a DuckDB type are sent. Every type has one:
///
/// - whole numbers go to the narrowest signed type that holds them all, beyond int8 to numeric;
/// - VARCHAR is text: DuckDB has no length limit, so varchar's modifier would be empty anyway;
/// - ENUM has the number that pg_type gives it, text when it has no name;
/// - STRUCT, MAP, UNION and VARIANT are json: an anonymous composite type cannot be read by most
/// drivers;
/// - LIST and ARRAY are the array type of their innermost element, as PostgreSQL has one type for
/// all dimensions;
/// - what PostgreSQL has no type for (GEOMETRY, INET, ...), and an untyped NULL, is text.
PgType PgTypeFor(const DuckDbType& type);

/// The same for a field of a result's schema.
Result<PgType> PgTypeOf(const arrow::Field& field);

/// The same for a type's name, as DuckDB prints it.
Result<PgType> PgTypeNamed(std::string_view duckdb_type);

/// The OID of the array type over an element type; 0 when there is none.
uint32_t PgArrayOid(uint32_t element_oid);

/// The OID of the elements of an array type; 0 for what is no array type.
uint32_t PgElementOid(uint32_t array_oid);

/// The DuckDB type a client means by a PostgreSQL type it declares for a parameter. Empty for 0 and
/// unknown, where the statement decides; 42704 for types Skein does not know. DECIMAL stands for
/// any numeric: its digits decide.
Result<std::string> DuckDbTypeForOid(uint32_t oid);

}  // namespace skein::results
