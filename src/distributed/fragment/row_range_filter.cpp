#include "distributed/fragment/row_range_filter.h"

#include "duckdb/common/exception.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "duckdb/storage/statistics/numeric_stats.hpp"

namespace skein::distributed {

using duckdb::FilterPropagateResult;
using duckdb::idx_t;

std::string RowRangeFilter::ToString(const std::string& column_name) const {
  return column_name + " in the task's range";
}

duckdb::unique_ptr<duckdb::TableFilter> RowRangeFilter::Copy() const {
  return duckdb::make_uniq<RowRangeFilter>(range_);
}

duckdb::unique_ptr<duckdb::Expression> RowRangeFilter::ToExpression(
    const duckdb::Expression&) const {
  throw duckdb::InternalException("a range of rows that may change is no expression");
}

FilterPropagateResult RowRangeFilter::CheckStatistics(duckdb::BaseStatistics& stats) const {
  if (!duckdb::NumericStats::HasMinMax(stats)) return FilterPropagateResult::NO_PRUNING_POSSIBLE;
  const auto least = duckdb::NumericStats::GetMin<int64_t>(stats);
  const auto most = duckdb::NumericStats::GetMax<int64_t>(stats);
  // Never that all pass: the end of the range may come nearer.
  return range_->BeginGroup(static_cast<uint64_t>(least), static_cast<uint64_t>(most) + 1)
             ? FilterPropagateResult::NO_PRUNING_POSSIBLE
             : FilterPropagateResult::FILTER_ALWAYS_FALSE;
}

idx_t RowRangeFilter::FilterSelection(duckdb::SelectionVector& selection, duckdb::Vector&,
                                      duckdb::UnifiedVectorFormat& format,
                                      duckdb::TableFilterState&, idx_t, idx_t& passed) const {
  if (passed == 0) return passed;
  const auto* rows = duckdb::UnifiedVectorFormat::GetData<int64_t>(format);
  // What other filters left out may not have been read.
  auto row = [&](idx_t i) {
    return static_cast<uint64_t>(rows[format.sel->get_index(selection.get_index(i))]);
  };
  const uint64_t least = row(0);
  const uint64_t most = row(passed - 1);
  const RowRange::Bounds bounds = range_->Claim(most + 1);
  if (least >= bounds.first && most < bounds.end) return passed;
  idx_t kept = 0;
  if (most >= bounds.first && least < bounds.end) {
    duckdb::SelectionVector within(passed);
    for (idx_t i = 0; i < passed; ++i) {
      if (row(i) >= bounds.first && row(i) < bounds.end)
        within.set_index(kept++, selection.get_index(i));
    }
    selection.Initialize(within);
  }
  return passed = kept;
}

}  // namespace skein::distributed
