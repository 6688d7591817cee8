#include <algorithm>
#include <functional>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/logical_column_data_get.hpp"
#include "duckdb/planner/operator/logical_filter.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_set_operation.hpp"
#include "duckdb/planner/table_filter.hpp"

#include "distributed/fragment/format_file.h"
#include "distributed/fragment/split_file.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/format_scan.h"

namespace skein::distributed {
namespace {

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
      range.rows = std::min(range.end_row, file.rows) - std::min(range.first_row, file.rows);
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
  scan.ranges = scan.ranges || MayDivide(options, scan.rows);
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

/// The rows of a table that lie in its catalogue, as the scan `get` would give them.
duckdb::unique_ptr<duckdb::LogicalOperator> InlinedRows(
    duckdb::Binder& binder, duckdb::LogicalGet& get,
    duckdb::unique_ptr<duckdb::ColumnDataCollection> collection) {
  const auto types = collection->Types();
  duckdb::unique_ptr<duckdb::LogicalOperator> rows =
      duckdb::make_uniq<duckdb::LogicalColumnDataGet>(binder.GenerateTableIndex(), types,
                                                      std::move(collection));
  const auto bindings = rows->GetColumnBindings();
  auto column = [&](duckdb::idx_t place) {
    return duckdb::make_uniq<duckdb::BoundColumnRefExpression>(types.at(place), bindings.at(place));
  };
  // What the scan filters by itself.
  auto filter = duckdb::make_uniq<duckdb::LogicalFilter>();
  const auto& ids = get.GetColumnIds();
  for (const auto& [id, condition] : get.table_filters.filters) {
    for (duckdb::idx_t place = 0; place < ids.size(); ++place) {
      if (ids[place].GetPrimaryIndex() != id) continue;
      filter->expressions.push_back(condition->ToExpression(*column(place)));
      break;
    }
  }
  if (filter->expressions.size() != get.table_filters.filters.size())
    throw NotCut("a filter of a scan is of a column that it does not read");
  if (!filter->expressions.empty()) {
    filter->children.push_back(std::move(rows));
    rows = std::move(filter);
  }
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> columns;
  if (get.projection_ids.empty()) {
    for (duckdb::idx_t place = 0; place < types.size(); ++place) columns.push_back(column(place));
  } else {
    for (const auto place : get.projection_ids) columns.push_back(column(place));
  }
  auto projection =
      duckdb::make_uniq<duckdb::LogicalProjection>(binder.GenerateTableIndex(), std::move(columns));
  projection->children.push_back(std::move(rows));
  projection->ResolveOperatorTypes();
  return projection;
}

}  // namespace

Property Cutter::VisitFormatScan(Operator& op) {
  auto& get = op->Cast<duckdb::LogicalGet>();
  const std::string name = TableOf(get);
  CountByColumn(*root, get);
  FormatFiles files = ListFormatFiles(context_, get);
  if (!files.why_not.empty()) throw NotCut(name + " is read by its extension: " + files.why_not);
  CutScan scan = SplitFormatFiles(context_, files.files, options_);
  const uint64_t inlined = files.inlined ? files.inlined->Count() : 0;
  uint64_t deleted = 0;
  for (const FormatFile& file : files.files) deleted += file.deleted.size();
  const std::string without =
      deleted == 0 ? "" : ", without " + std::to_string(deleted) + " deleted rows";
  if (scan.bytes <= std::min(options_.broadcast_bytes, options_.replicate_bytes)) {
    SayOfScan(get, name + " is read whole by every task: small" + without);
    // Ranges of a file are the whole of it when each task has all of them.
    whole_scans.emplace(get.table_index, std::move(scan));
    if (inlined > 0) AddInlinedRows(op, std::move(files.inlined));
    return Property::Replicated();
  }
  SayOfScan(get, name + " is split in " + std::to_string(scan.splits.size()) + without);
  scans.emplace(get.table_index, std::move(scan));
  if (inlined > 0) {
    Say(std::to_string(inlined) + " rows of " + name + " that lie in its catalogue go to one task");
    AddInlinedRows(op, std::move(files.inlined));
    // In every task they would count as often as there are tasks.
    CutOff(op->children[1], Property::Single(), Exchange::kToOne);
  }
  return Property::Partitioned();
}

void Cutter::AddInlinedRows(Operator& op,
                            duckdb::unique_ptr<duckdb::ColumnDataCollection> inlined) {
  op->ResolveOperatorTypes();
  const auto bindings = op->GetColumnBindings();
  auto rows = InlinedRows(binder_, op->Cast<duckdb::LogicalGet>(), std::move(inlined));
  if (rows->types != op->types) throw NotCut("rows in the catalogue are of other types");
  op = duckdb::make_uniq<duckdb::LogicalSetOperation>(
      NewIndex(), bindings.size(), std::move(op), std::move(rows),
      duckdb::LogicalOperatorType::LOGICAL_UNION, true);
  op->ResolveOperatorTypes();
  Rebind(bindings, op->GetColumnBindings(), *op);
}

}  // namespace skein::distributed
