#pragma once

#include "duckdb/execution/physical_operator.hpp"

namespace skein::engine {

/// Whether a plan scans a table of DuckLake, Iceberg or Delta: its files are those of the
/// transaction that it was bound in.
bool ReadsTableFormats(const duckdb::PhysicalOperator& plan);

/// Whether it scans what could be split over tasks: Parquet files, those of a table format, too, or
/// several CSV or JSON files.
bool ReadsWhatIsSplit(const duckdb::PhysicalOperator& plan);

}  // namespace skein::engine
