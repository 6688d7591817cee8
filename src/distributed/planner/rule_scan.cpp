#include <algorithm>
#include <array>
#include <functional>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"

#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/format_file.h"
#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/split_file.h"
#include "distributed/fragment/text_leaf.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/format_scan.h"

namespace skein::distributed {
namespace {

/// Table functions whose bound state is theirs alone, so that the coordinator can run them as a
/// stage of its own. Others may hold what belongs to a transaction.
constexpr std::array kSelfContained = {"range",        "generate_series", "repeat", "repeat_row",
                                       "parquet_scan", "read_parquet",    "unnest"};

/// Files by their bytes, and, with `ranges`, ranges of rows within large ones.
CutScan SplitFiles(duckdb::ClientContext& context, duckdb::LogicalGet& get,
                   const CutOptions& options, bool ranges) {
  CutScan scan;
  auto& bind = get.bind_data->Cast<duckdb::MultiFileBindData>();
  std::vector<Split> files;
  std::vector<uint64_t> sizes;
  uint64_t known = 0;
  uint64_t known_count = 0;
  for (const auto& file : bind.file_list->GetAllFiles()) {
    files.push_back(SplitOfFile(context, file));
    sizes.push_back(files.back().bytes);
    known += sizes.back();
    known_count += sizes.back() > 0;
  }
  // Where nothing is known, files count alike, at a guess that lets them be spread.
  const uint64_t usual = known_count > 0 ? known / known_count : uint64_t{64} << 20;
  for (uint64_t& size : sizes) {
    if (size == 0) size = std::max<uint64_t>(usual, 1);
    scan.bytes += size;
  }
  if (get.function.cardinality) {
    if (auto estimate = get.function.cardinality(context, get.bind_data.get());
        estimate && estimate->has_estimated_cardinality) {
      scan.rows = estimate->estimated_cardinality;
    }
  }
  // Several units for each task even out what is read at different speeds.
  const uint64_t split_rows = std::max<uint64_t>(options.split_rows, 1);
  uint64_t unit = scan.rows / (uint64_t{options.tasks} * 2) + 1;
  unit = (unit + split_rows - 1) / split_rows * split_rows;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto rows =
        static_cast<uint64_t>(static_cast<double>(scan.rows) * static_cast<double>(sizes[i]) /
                              static_cast<double>(scan.bytes));
    const uint64_t pieces = ranges ? std::max<uint64_t>(1, (rows + unit - 1) / unit) : 1;
    if (pieces > 1) scan.ranges = true;
    for (uint64_t piece = 0; piece < pieces; ++piece) {
      Split range = files[i];
      range.bytes = std::max<uint64_t>(1, sizes[i] / pieces);
      range.first_row = piece * unit;
      // The rows are an estimate: the last range has what is more, or nothing.
      range.end_row = piece + 1 == pieces ? Split::kToTheEnd : (piece + 1) * unit;
      scan.splits.push_back(std::move(range));
    }
  }
  return scan;
}

/// Files of a table format and ranges of their rows, each with the rows that are deleted there.
CutScan SplitFormatFiles(duckdb::ClientContext& context, const std::vector<FormatFile>& files,
                         const CutOptions& options) {
  CutScan scan;
  for (const FormatFile& file : files) scan.rows += file.rows;
  const uint64_t split_rows = std::max<uint64_t>(options.split_rows, 1);
  uint64_t unit = scan.rows / (uint64_t{options.tasks} * 2) + 1;
  unit = (unit + split_rows - 1) / split_rows * split_rows;
  for (const FormatFile& file : files) {
    const Split whole = SplitOfFile(context, file.file);
    const uint64_t pieces = std::max<uint64_t>(1, (file.rows + unit - 1) / unit);
    if (pieces > 1) scan.ranges = true;
    auto deleted = file.deleted.begin();
    for (uint64_t piece = 0; piece < pieces; ++piece) {
      Split range = whole;
      range.bytes = std::max<uint64_t>(1, whole.bytes / pieces);
      range.first_row = piece * unit;
      range.end_row = piece + 1 == pieces ? Split::kToTheEnd : (piece + 1) * unit;
      auto end = std::lower_bound(deleted, file.deleted.end(), range.end_row);
      if (deleted != end) {
        auto with_deleted = FileOfSplit(whole);
        SetDeletedRows(with_deleted, {deleted, end});
        range.properties = PropertiesOf(with_deleted);
      }
      deleted = end;
      scan.bytes += range.bytes;
      scan.splits.push_back(std::move(range));
    }
  }
  return scan;
}

/// Whether the plan uses the column at `place` of a scan.
bool Uses(duckdb::LogicalOperator& plan, const duckdb::LogicalGet& get, duckdb::idx_t place) {
  bool used = false;
  std::function<void(const duckdb::Expression&)> look = [&](const duckdb::Expression& expression) {
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
      const auto& binding = expression.Cast<duckdb::BoundColumnRefExpression>().binding;
      used = used || (binding.table_index == get.table_index && binding.column_index == place);
    }
    duckdb::ExpressionIterator::EnumerateChildren(expression, look);
  };
  duckdb::LogicalOperatorVisitor::EnumerateExpressions(
      plan, [&](duckdb::unique_ptr<duckdb::Expression>* expression) { look(**expression); });
  for (auto& child : plan.children) used = used || Uses(*child, get, place);
  return used;
}

/// DuckDB scans the row id of what is only counted: any column will do, and needs no extension.
void CountByColumn(duckdb::LogicalOperator& root, duckdb::LogicalGet& get) {
  auto& columns = get.GetMutableColumnIds();
  if (columns.size() != 1 || !columns[0].IsRowIdColumn() || !get.table_filters.filters.empty() ||
      Uses(root, get, 0))
    return;
  for (duckdb::idx_t i = 0; i < get.returned_types.size(); ++i) {
    if (!duckdb::TypeIsConstantSize(get.returned_types[i].InternalType())) continue;
    columns[0] = duckdb::ColumnIndex(i);
    get.ResolveOperatorTypes();
    return;
  }
}

std::string TableOf(const duckdb::LogicalGet& get) {
  auto table = get.GetTable();
  return table ? "the table " + table->name : get.GetName();
}

}  // namespace

Property Cutter::VisitFormatScan(duckdb::LogicalGet& get) {
  const std::string name = TableOf(get);
  CountByColumn(*root, get);
  FormatFiles files = ListFormatFiles(context_, get);
  if (!files.why_not.empty()) throw NotCut(name + " is read by its extension: " + files.why_not);
  CutScan scan = SplitFormatFiles(context_, files.files, options_);
  uint64_t deleted = 0;
  for (const FormatFile& file : files.files) deleted += file.deleted.size();
  const std::string without =
      deleted == 0 ? "" : ", without " + std::to_string(deleted) + " deleted rows";
  if (scan.bytes <= std::min(options_.broadcast_bytes, options_.replicate_bytes)) {
    Say(name + " is read whole by every task: small" + without);
    // Ranges of a file are the whole of it when each task has all of them.
    whole_scans.emplace(get.table_index, std::move(scan));
    return Property::Replicated();
  }
  Say(name + " is split in " + std::to_string(scan.splits.size()) + without);
  scans.emplace(get.table_index, std::move(scan));
  return Property::Partitioned();
}

Property Cutter::VisitGet(Operator& op) {
  auto& get = op->Cast<duckdb::LogicalGet>();
  if (auto kept = kept_scans_.find(get.table_index); kept != kept_scans_.end()) return kept->second;
  if (ReadsTableFormat(get)) return VisitFormatScan(get);
  if (get.GetTable())
    throw NotCut("the table " + get.GetTable()->name + " is in a database of this server only");
  const bool text = ReadsText(get);
  if (!text && std::find(kSelfContained.begin(), kSelfContained.end(), get.function.name) ==
                   kSelfContained.end()) {
    throw NotCut("the table function " + get.function.name + " is not understood");
  }
  if (!get.children.empty())
    throw NotCut("the table function " + get.function.name + " over rows is not understood");
  std::string why_not = text ? WhyNotTextLeaf(get) : WhyNotParquetLeaf(get);
  if (!why_not.empty()) {
    Say(get.function.name + " stays on the coordinator: " + why_not);
    return Property::Single();
  }
  CutScan scan = SplitFiles(context_, get, options_, !text);
  if (scan.splits.empty()) return Property::Single();
  const bool small = scan.bytes <= std::min(options_.broadcast_bytes, options_.replicate_bytes);
  if (small && text) {
    Say(get.function.name + " stays on the coordinator: small");
    return Property::Single();
  }
  if (small) {
    Say(get.GetName() + " is read whole by every task: small");
    return Property::Replicated();
  }
  Say(get.GetName() + " is split in " + std::to_string(scan.splits.size()));
  scans.emplace(get.table_index, std::move(scan));
  return Property::Partitioned();
}

}  // namespace skein::distributed
