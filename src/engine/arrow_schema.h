#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/types.hpp"

#include "engine/connection.h"

namespace arrow {
class Schema;
}
namespace duckdb {
class ClientContext;
}

namespace skein::engine {

/// The type a column travels as. Arrow has no place for some of DuckDB's types without loss
/// (UHUGEINT, TIMETZ, BIT, BIGNUM, VARIANT, ...): those are cast to VARCHAR, DuckDB's own text of
/// them, also inside nested types; all others are themselves.
duckdb::LogicalType TransportType(const duckdb::LogicalType& type, Unions unions = Unions::kText);

/// The Arrow schema of a result. Every field, nested ones too, names its DuckDB type in the
/// metadata key results::kTypeMetadataKey. Opens a transaction for a moment, so it must not be
/// called while a result is open. Throws DuckDB's exceptions.
std::shared_ptr<arrow::Schema> MakeArrowSchema(duckdb::ClientContext& context,
                                               const duckdb::vector<duckdb::LogicalType>& types,
                                               const duckdb::vector<std::string>& names,
                                               Unions unions);

}  // namespace skein::engine
