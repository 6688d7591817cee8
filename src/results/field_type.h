#pragma once

#include <arrow/type_fwd.h>

#include "common/status.h"
#include "results/duckdb_type.h"

namespace skein::results {

/// The key of a field's metadata that holds the DuckDB type's name; set on nested fields too.
inline constexpr char kTypeMetadataKey[] = "skein:type";

/// The key that holds an enum's numbers in PostgreSQL, its own and its arrays', as "16500 16501".
inline constexpr char kEnumOidsMetadataKey[] = "skein:enum_oids";

/// The key that says which column of which relation a column is, by PostgreSQL's numbers:
/// "16384 1". Absent where it is computed.
inline constexpr char kOriginMetadataKey[] = "skein:origin";

/// The key that says what a column of text or json was declared as, by PostgreSQL's number and
/// modifier: "1043 24". Absent for text and json.
inline constexpr char kDeclaredMetadataKey[] = "skein:declared";

/// The DuckDB type of a field and of all that is nested in it.
///
/// The metadata decides where it is there and fits the way the field is stored; otherwise (a plain
/// Arrow source, an alias of a stored type) the Arrow type does. Arrow types that results do not
/// carry are 0A000.
Result<DuckDbType> TypeOfField(const arrow::Field& field);

}  // namespace skein::results
