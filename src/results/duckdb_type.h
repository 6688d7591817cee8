#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skein::results {

/// DuckDB's types, as far as results distinguish them.
enum class TypeKind : uint8_t {
  kNull,
  kBoolean,
  kTinyInt,
  kSmallInt,
  kInteger,
  kBigInt,
  kHugeInt,
  kUTinyInt,
  kUSmallInt,
  kUInteger,
  kUBigInt,
  kUHugeInt,
  kBigNum,
  kFloat,
  kDouble,
  kDecimal,
  kVarchar,
  kJson,
  kBlob,
  kBit,
  kUuid,
  kDate,
  kTime,
  kTimeNs,
  kTimeTz,
  kTimestamp,
  kTimestampS,
  kTimestampMs,
  kTimestampNs,
  kTimestampTz,
  kInterval,
  kEnum,
  kList,
  kArray,
  kStruct,
  kMap,
  kUnion,
  kVariant,
  kOther,  ///< a named type not listed here (GEOMETRY, INET, an alias): travels as text
};

/// One DuckDB type taken apart. A value; trees are as deep as the type.
struct DuckDbType {
  TypeKind kind = TypeKind::kOther;
  int32_t precision = 0;   ///< DECIMAL
  int32_t scale = 0;       ///< DECIMAL
  int64_t array_size = 0;  ///< ARRAY
  /// The type that an alias of PostgreSQL's catalogue stands for (oid, name, "char", int2vector,
  /// ...); 0 for all others. `kind` says how the values are stored.
  uint32_t pg_oid = 0;
  /// ENUM: the numbers of the type that somebody made and of its arrays (`pg_oid` and this); 0 for
  /// one without a name.
  uint32_t pg_array_oid = 0;
  /// LIST, ARRAY: the element. MAP: key, value. STRUCT, UNION: the members.
  std::vector<DuckDbType> children;
  /// STRUCT, UNION: the members' names without quotes, one per child; empty strings for an unnamed
  /// struct.
  std::vector<std::string> names;
};

/// Nesting beyond this is refused: it bounds the parser's recursion.
inline constexpr int kMaxTypeDepth = 64;

/// Takes apart what DuckDB's LogicalType::ToString() prints, and the usual aliases (INT8, TEXT,
/// TIMESTAMPTZ, ...), in any case of letters.
///
/// The labels of an ENUM are checked but not kept: they travel in the column's dictionary. A name
/// it does not know is kOther. Safe on any bytes; text that is no type is 42601.
Result<DuckDbType> ParseDuckDbType(std::string_view text);

}  // namespace skein::results
