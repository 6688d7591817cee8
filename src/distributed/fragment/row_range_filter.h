#pragma once

#include <memory>

#include "duckdb/planner/filter/optional_filter.hpp"

#include "distributed/row_range.h"

namespace skein::distributed {

/// Lets the rows of a file pass whose number is in a range, and claims them. Readers give row
/// numbers in their order, so that the first and the last of a vector say of most vectors that all
/// of their rows pass, or none: to compare every row took a tenth of a scan's time.
///
/// Of DuckDB's kinds it is an optional filter, as that is the one whose work can be replaced. It
/// belongs to one task's scan, is never serialized and never becomes an expression: its range
/// changes.
class RowRangeFilter : public duckdb::OptionalFilter {
 public:
  explicit RowRangeFilter(std::shared_ptr<RowRange> range) : range_(std::move(range)) {}

  std::string ToString(const std::string& column_name) const override;
  duckdb::unique_ptr<duckdb::TableFilter> Copy() const override;
  duckdb::unique_ptr<duckdb::Expression> ToExpression(
      const duckdb::Expression& column) const override;
  duckdb::FilterPropagateResult CheckStatistics(duckdb::BaseStatistics& stats) const override;
  duckdb::idx_t FilterSelection(duckdb::SelectionVector& selection, duckdb::Vector& rows,
                                duckdb::UnifiedVectorFormat& format,
                                duckdb::TableFilterState& state, duckdb::idx_t count,
                                duckdb::idx_t& passed) const override;

 private:
  const std::shared_ptr<RowRange> range_;
};

}  // namespace skein::distributed
