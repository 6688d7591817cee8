#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/types.hpp"
#include "duckdb/common/vector.hpp"

#include "engine/arrow_batch_builder.h"
#include "engine/arrow_schema.h"
#include "engine/column_origins.h"

namespace skein::engine {

/// How the rows of a statement become Arrow batches, by the types and names of its columns and by
/// the time zone of now. `origins` are of as many columns, or none. Opens a transaction for a
/// moment. Throws DuckDB's exceptions.
std::shared_ptr<const ArrowShape> MakeArrowShape(duckdb::ClientContext& context,
                                                 const duckdb::vector<duckdb::LogicalType>& types,
                                                 const duckdb::vector<std::string>& names,
                                                 const std::vector<ColumnOrigin>& origins,
                                                 Unions unions);

}  // namespace skein::engine
