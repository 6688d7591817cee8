#include "distributed/fragment/row_range_filter.h"

#include "duckdb/common/types/vector.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "duckdb/storage/statistics/numeric_stats.hpp"

namespace skein::distributed {

using duckdb::FilterPropagateResult;
using duckdb::idx_t;
using duckdb::Value;

std::string RowRangeFilter::ToString(const std::string& column_name) const {
  return column_name + " in [" + std::to_string(first_) + ", " + std::to_string(end_) + ")";
}

duckdb::unique_ptr<duckdb::TableFilter> RowRangeFilter::Copy() const {
  return duckdb::make_uniq<RowRangeFilter>(first_, end_);
}

duckdb::unique_ptr<duckdb::Expression> RowRangeFilter::ToExpression(
    const duckdb::Expression& column) const {
  auto compare = [&](duckdb::ExpressionType type, int64_t row) {
    return duckdb::make_uniq<duckdb::BoundComparisonExpression>(
        type, column.Copy(),
        duckdb::make_uniq<duckdb::BoundConstantExpression>(Value::BIGINT(row)));
  };
  return duckdb::make_uniq<duckdb::BoundConjunctionExpression>(
      duckdb::ExpressionType::CONJUNCTION_AND,
      compare(duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO, first_),
      compare(duckdb::ExpressionType::COMPARE_LESSTHAN, end_));
}

FilterPropagateResult RowRangeFilter::CheckStatistics(duckdb::BaseStatistics& stats) const {
  if (!duckdb::NumericStats::HasMinMax(stats)) return FilterPropagateResult::NO_PRUNING_POSSIBLE;
  const auto least = duckdb::NumericStats::GetMin<int64_t>(stats);
  const auto most = duckdb::NumericStats::GetMax<int64_t>(stats);
  if (most < first_ || least >= end_) return FilterPropagateResult::FILTER_ALWAYS_FALSE;
  if (least >= first_ && most < end_) return FilterPropagateResult::FILTER_ALWAYS_TRUE;
  return FilterPropagateResult::NO_PRUNING_POSSIBLE;
}

idx_t RowRangeFilter::FilterSelection(duckdb::SelectionVector& selection, duckdb::Vector&,
                                      duckdb::UnifiedVectorFormat& format,
                                      duckdb::TableFilterState&, idx_t, idx_t& passed) const {
  if (passed == 0) return passed;
  const auto* rows = duckdb::UnifiedVectorFormat::GetData<int64_t>(format);
  // What other filters left out may not have been read.
  auto row = [&](idx_t i) { return rows[format.sel->get_index(selection.get_index(i))]; };
  const int64_t least = row(0);
  const int64_t most = row(passed - 1);
  if (least >= first_ && most < end_) return passed;
  idx_t kept = 0;
  if (most >= first_ && least < end_) {
    duckdb::SelectionVector within(passed);
    for (idx_t i = 0; i < passed; ++i) {
      if (row(i) >= first_ && row(i) < end_) within.set_index(kept++, selection.get_index(i));
    }
    selection.Initialize(within);
  }
  return passed = kept;
}

}  // namespace skein::distributed
