#include <algorithm>
#include <array>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"

#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/split_file.h"
#include "distributed/fragment/text_leaf.h"
#include "distributed/planner/cutter.h"
#include "distributed/planner/text_split.h"

namespace skein::distributed {
namespace {

/// Table functions whose bound state is theirs alone, so that the coordinator can run them as a
/// stage of its own. Others may hold what belongs to a transaction.
constexpr std::array kSelfContained = {"range",        "generate_series", "repeat", "repeat_row",
                                       "parquet_scan", "read_parquet",    "unnest"};

/// What reads no columns is over at once.
bool ReadsColumns(const duckdb::LogicalGet& get) {
  const auto& columns = get.GetColumnIds();
  return std::any_of(columns.begin(), columns.end(),
                     [](const auto& column) { return !column.IsVirtualColumn(); });
}

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
    const uint64_t last = (pieces - 1) * unit;
    for (uint64_t piece = 0; piece < pieces; ++piece) {
      Split range = files[i];
      range.bytes = std::max<uint64_t>(1, sizes[i] / pieces);
      range.first_row = piece * unit;
      // The rows are an estimate: the last range has what is more, or nothing.
      range.end_row = piece + 1 == pieces ? Split::kToTheEnd : (piece + 1) * unit;
      range.rows = piece + 1 == pieces ? std::max<uint64_t>(1, rows - std::min(rows, last)) : unit;
      scan.splits.push_back(std::move(range));
    }
  }
  scan.ranges = scan.ranges || (ranges && ReadsColumns(get) && MayDivide(options, scan.rows));
  return scan;
}

}  // namespace

bool MayDivide(const CutOptions& options, uint64_t rows) {
  return options.divisible && options.tasks > 1 && rows >= 2 * RowRange::kUsualGroup;
}

std::string ScanName(const duckdb::LogicalGet& get) {
  auto* bind = dynamic_cast<duckdb::MultiFileBindData*>(get.bind_data.get());
  if (!bind) return get.function.name + "()";
  const auto files = bind->file_list->GetAllFiles();
  if (files.empty()) return get.function.name + " of no files";
  // The folder is what tells one table's files from those of another.
  const std::string& path = files[0].path;
  size_t from = path.rfind('/');
  if (from != std::string::npos && from > 0) from = path.rfind('/', from - 1);
  std::string name = from == std::string::npos ? path : path.substr(from + 1);
  if (files.size() > 1)
    name +=
        " and " + std::to_string(files.size() - 1) + " more file" + (files.size() > 2 ? "s" : "");
  return name;
}

Property Cutter::VisitTextFile(duckdb::LogicalGet& get) {
  TextSplit split;
  split.why_not = options_.text_whole;
  if (split.why_not.empty()) split = SplitTextFile(context_, get, options_.tasks);
  if (split.why_not.empty() &&
      split.bytes <= std::min(options_.broadcast_bytes, options_.replicate_bytes))
    split.why_not = "small";
  if (!split.why_not.empty()) {
    not_split.push_back(ScanName(get) + " is read by the session's engine: " + split.why_not);
    SayOfScan(get, not_split.back());
    return Property::Single();
  }
  SayOfScan(get, ScanName(get) + " is split in " + std::to_string(split.splits.size()) +
                     " ranges of bytes; read again whole when a line is not a record");
  CutScan scan;
  scan.splits = std::move(split.splits);
  scan.rows = split.rows;
  scan.bytes = split.bytes;
  scan.ranges = true;
  scan.text_options = std::move(split.options);
  scans.emplace(get.table_index, std::move(scan));
  return Property::Partitioned();
}

Property Cutter::VisitGet(Operator& op) {
  auto& get = op->Cast<duckdb::LogicalGet>();
  if (auto kept = kept_scans_.find(get.table_index); kept != kept_scans_.end()) return kept->second;
  if (ReadsTableFormat(get)) return VisitFormatScan(op);
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
    not_split.push_back(ScanName(get) + " is read by the session's engine: " + why_not);
    SayOfScan(get, not_split.back());
    return Property::Single();
  }
  if (text && get.bind_data->Cast<duckdb::MultiFileBindData>().file_list->GetAllFiles().size() == 1)
    return VisitTextFile(get);
  CutScan scan = SplitFiles(context_, get, options_, !text);
  if (scan.splits.empty()) return Property::Single();
  const bool small = scan.bytes <= std::min(options_.broadcast_bytes, options_.replicate_bytes);
  if (small && text) {
    SayOfScan(get, ScanName(get) + " is read by the session's engine: small");
    return Property::Single();
  }
  if (small) {
    SayOfScan(get, ScanName(get) + " is read whole by every task: small");
    return Property::Replicated();
  }
  SayOfScan(get, ScanName(get) + " is split in " + std::to_string(scan.splits.size()));
  scans.emplace(get.table_index, std::move(scan));
  return Property::Partitioned();
}

}  // namespace skein::distributed
