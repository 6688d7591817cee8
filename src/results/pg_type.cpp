#include "results/pg_type.h"

#include <array>

#include <fmt/format.h>

#include "results/field_type.h"

namespace skein::results {
namespace {

struct KnownType {
  uint32_t oid;
  uint32_t array_oid;  // 0: PostgreSQL has no array of it
  int16_t typlen;
  const char* duckdb;  // what a parameter declared so is cast to
};

constexpr auto kTypes = std::to_array<KnownType>({
    {pg_oid::kBool, 1000, 1, "BOOLEAN"},
    {pg_oid::kBytea, 1001, -1, "BLOB"},
    {pg_oid::kChar, 1002, 1, "VARCHAR"},
    {pg_oid::kName, 1003, 64, "VARCHAR"},
    {pg_oid::kInt8, 1016, 8, "BIGINT"},
    {pg_oid::kInt2, 1005, 2, "SMALLINT"},
    {pg_oid::kInt4, 1007, 4, "INTEGER"},
    {pg_oid::kRegproc, 1008, 4, "VARCHAR"},
    {pg_oid::kText, 1009, -1, "VARCHAR"},
    {pg_oid::kOid, 1028, 4, "BIGINT"},
    {pg_oid::kInt2Vector, 1006, -1, "SMALLINT[]"},
    {pg_oid::kOidVector, 1013, -1, "BIGINT[]"},
    {pg_oid::kXid, 1011, 4, "BIGINT"},
    {pg_oid::kCid, 1012, 4, "BIGINT"},
    {pg_oid::kJson, 199, -1, "JSON"},
    {pg_oid::kXml, 143, -1, "VARCHAR"},
    {pg_oid::kFloat4, 1021, 4, "FLOAT"},
    {pg_oid::kFloat8, 1022, 8, "DOUBLE"},
    {pg_oid::kUnknown, 0, -2, ""},
    {pg_oid::kBpchar, 1014, -1, "VARCHAR"},
    {pg_oid::kVarchar, 1015, -1, "VARCHAR"},
    {pg_oid::kDate, 1182, 4, "DATE"},
    {pg_oid::kTime, 1183, 8, "TIME"},
    {pg_oid::kTimestamp, 1115, 8, "TIMESTAMP"},
    {pg_oid::kTimestampTz, 1185, 8, "TIMESTAMP WITH TIME ZONE"},
    {pg_oid::kInterval, 1187, 16, "INTERVAL"},
    {pg_oid::kTimeTz, 1270, 12, "TIME WITH TIME ZONE"},
    {pg_oid::kBit, 1561, -1, "BIT"},
    {pg_oid::kVarbit, 1563, -1, "BIT"},
    {pg_oid::kNumeric, 1231, -1, "DECIMAL"},
    {pg_oid::kRegclass, 2210, 4, "VARCHAR"},
    {pg_oid::kRegtype, 2211, 4, "VARCHAR"},
    {pg_oid::kUuid, 2951, 16, "UUID"},
    {pg_oid::kJsonb, 3807, -1, "JSON"},
    {pg_oid::kRegnamespace, 4090, 4, "VARCHAR"},
    {pg_oid::kRegrole, 4097, 4, "VARCHAR"},
});

uint32_t ScalarOid(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return pg_oid::kBool;
    case TypeKind::kTinyInt:
    case TypeKind::kUTinyInt:
    case TypeKind::kSmallInt:
      return pg_oid::kInt2;
    case TypeKind::kUSmallInt:
    case TypeKind::kInteger:
      return pg_oid::kInt4;
    case TypeKind::kUInteger:
    case TypeKind::kBigInt:
      return pg_oid::kInt8;
    case TypeKind::kUBigInt:
    case TypeKind::kHugeInt:
    case TypeKind::kUHugeInt:
    case TypeKind::kBigNum:
    case TypeKind::kDecimal:
      return pg_oid::kNumeric;
    case TypeKind::kFloat:
      return pg_oid::kFloat4;
    case TypeKind::kDouble:
      return pg_oid::kFloat8;
    case TypeKind::kBlob:
      return pg_oid::kBytea;
    case TypeKind::kBit:
      return pg_oid::kVarbit;
    case TypeKind::kUuid:
      return pg_oid::kUuid;
    case TypeKind::kDate:
      return pg_oid::kDate;
    case TypeKind::kTime:
    case TypeKind::kTimeNs:
      return pg_oid::kTime;
    case TypeKind::kTimeTz:
      return pg_oid::kTimeTz;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampS:
    case TypeKind::kTimestampMs:
    case TypeKind::kTimestampNs:
      return pg_oid::kTimestamp;
    case TypeKind::kTimestampTz:
      return pg_oid::kTimestampTz;
    case TypeKind::kInterval:
      return pg_oid::kInterval;
    case TypeKind::kJson:
    case TypeKind::kStruct:
    case TypeKind::kMap:
    case TypeKind::kUnion:
    case TypeKind::kVariant:
      return pg_oid::kJson;
    case TypeKind::kNull:
    case TypeKind::kVarchar:
    case TypeKind::kEnum:
    case TypeKind::kOther:
    case TypeKind::kList:
    case TypeKind::kArray:
      break;
  }
  return pg_oid::kText;
}

}  // namespace

PgType PgTypeFor(const DuckDbType& type) {
  constexpr int16_t kEnumLength = 4;  // PostgreSQL stores a number
  if (type.kind == TypeKind::kEnum && type.pg_oid) return PgType{type.pg_oid, kEnumLength, -1};
  if (type.pg_oid) {
    for (const KnownType& known : kTypes) {
      if (known.oid == type.pg_oid) return PgType{known.oid, known.typlen, -1};
    }
  }
  if (type.kind == TypeKind::kList || type.kind == TypeKind::kArray) {
    PgType element = type.children.empty() ? PgType() : PgTypeFor(type.children[0]);
    if (!type.children.empty() && type.children[0].pg_array_oid)
      return PgType{type.children[0].pg_array_oid, -1, -1};
    uint32_t array = PgArrayOid(element.oid);
    // A list of lists is an array of more dimensions, which has the same type.
    return PgType{array ? array : element.oid, -1, element.typmod};
  }
  PgType pg;
  pg.oid = ScalarOid(type.kind);
  for (const KnownType& known : kTypes) {
    if (known.oid == pg.oid) pg.typlen = known.typlen;
  }
  constexpr int32_t kTypmodHeader = 4;  // PostgreSQL's VARHDRSZ, part of every numeric modifier
  if (type.kind == TypeKind::kDecimal)
    pg.typmod = ((type.precision << 16) | type.scale) + kTypmodHeader;
  return pg;
}

Result<PgType> PgTypeOf(const arrow::Field& field) {
  SKEIN_ASSIGN_OR_RETURN(DuckDbType type, TypeOfField(field));
  return PgTypeFor(type);
}

Result<PgType> PgTypeNamed(std::string_view duckdb_type) {
  SKEIN_ASSIGN_OR_RETURN(DuckDbType type, ParseDuckDbType(duckdb_type));
  return PgTypeFor(type);
}

uint32_t PgArrayOid(uint32_t element_oid) {
  for (const KnownType& known : kTypes) {
    if (known.oid == element_oid) return known.array_oid;
  }
  return 0;
}

uint32_t PgElementOid(uint32_t array_oid) {
  for (const KnownType& known : kTypes) {
    if (known.array_oid && known.array_oid == array_oid) return known.oid;
  }
  return 0;
}

Result<std::string> DuckDbTypeForOid(uint32_t oid) {
  if (oid == 0) return std::string();
  if (uint32_t element = PgElementOid(oid)) {
    SKEIN_ASSIGN_OR_RETURN(std::string name, DuckDbTypeForOid(element));
    return name + "[]";
  }
  for (const KnownType& known : kTypes) {
    if (known.oid == oid) return std::string(known.duckdb);
  }
  return Status(StatusCode::kInvalidArgument, "42704",
                fmt::format("no type is known for the parameter type OID {}", oid))
      .WithHint("leave the parameter's type open, or cast in the statement: $1::VARCHAR");
}

}  // namespace skein::results
