#pragma once

#include "duckdb/common/types.hpp"
#include "duckdb/common/types/vector.hpp"
#include <arrow/type_fwd.h>

namespace skein::engine {

/// The type in which values of an Arrow type reach DuckDB; those that results::CopyColumn makes.
/// Throws DuckDB's exceptions for others.
duckdb::LogicalType TypeOfArrow(const arrow::DataType& type);

/// Fills `vector` (of that type, flat, with room for `count`) with rows [begin, begin + count) of
/// `array`. Characters are not copied: the array must outlive the vector's use.
void FillVector(const arrow::ArrayData& array, int64_t begin, duckdb::idx_t count,
                duckdb::Vector& vector);

}  // namespace skein::engine
