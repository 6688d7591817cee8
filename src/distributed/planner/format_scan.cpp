#include "distributed/planner/format_scan.h"

#include <algorithm>
#include <array>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/multi_file/multi_file_function.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

#include "distributed/fragment/format_file.h"
#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/split_file.h"

namespace skein::distributed {
namespace {

using duckdb::idx_t;
using duckdb::MultiFileReader;
using duckdb::unique_ptr;

/// They say which files are read, which is known when these are listed, or name a column.
constexpr std::array kKnownOptions = {"filename",
                                      "version",
                                      "snapshot_from_id",
                                      "snapshot_from_timestamp",
                                      "allow_moved_paths",
                                      "metadata_compression_codec",
                                      "version_name_format",
                                      "pushdown_partition_info",
                                      "pushdown_filters"};

/// Deleted rows travel with every task: beyond this the extension reads the table.
constexpr size_t kMostDeletedRows = 16'000'000;

/// Rows in a catalogue travel with the plan, so do these.
constexpr idx_t kMostInlinedRows = 100'000;

/// How a reader's columns become the scan's.
struct Mapping {
  std::vector<idx_t> column_ids;
  duckdb::vector<duckdb::ColumnIndex> column_indexes;
  duckdb::vector<unique_ptr<duckdb::Expression>> expressions;
  std::map<idx_t, duckdb::Value> constants;
  bool plain = true;  ///< no filters and no conversions before them
};

Mapping TakeMapping(duckdb::MultiFileReaderData& data) {
  auto& reader = *data.reader;
  Mapping mapping;
  for (idx_t i = 0; i < reader.column_ids.size(); ++i)
    mapping.column_ids.push_back(reader.column_ids[duckdb::MultiFileLocalIndex(i)].GetId());
  mapping.column_indexes = std::move(reader.column_indexes);
  mapping.expressions = std::move(data.expressions);
  for (const auto& constant : data.constant_map)
    mapping.constants[constant.column_idx.GetIndex()] = constant.value;
  mapping.plain = (!reader.filters || reader.filters->filters.empty()) &&
                  reader.expression_map.empty() && reader.cast_map.empty();
  reader.column_ids = {};
  reader.column_indexes.clear();
  reader.filters.reset();
  reader.expression_map.clear();
  reader.cast_map.clear();
  data.expressions.clear();
  data.constant_map = {};
  return mapping;
}

/// Expression::Equals also compares what functions were bound with, which few can.
bool Same(const duckdb::Expression& one, const duckdb::Expression& other) {
  if (one.type != other.type || one.return_type != other.return_type) return false;
  switch (one.GetExpressionClass()) {
    case duckdb::ExpressionClass::BOUND_FUNCTION: {
      const auto& a = one.Cast<duckdb::BoundFunctionExpression>();
      const auto& b = other.Cast<duckdb::BoundFunctionExpression>();
      return a.function.name == b.function.name &&
             std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                        [](const auto& x, const auto& y) { return Same(*x, *y); });
    }
    case duckdb::ExpressionClass::BOUND_CAST: {
      const auto& a = one.Cast<duckdb::BoundCastExpression>();
      const auto& b = other.Cast<duckdb::BoundCastExpression>();
      return a.try_cast == b.try_cast && Same(*a.child, *b.child);
    }
    default:
      return one.Equals(other);
  }
}

bool Same(const Mapping& one, const Mapping& other) {
  if (one.column_ids != other.column_ids || one.column_indexes != other.column_indexes ||
      one.expressions.size() != other.expressions.size() ||
      one.constants.size() != other.constants.size())
    return false;
  for (size_t i = 0; i < one.expressions.size(); ++i) {
    if (!Same(*one.expressions[i], *other.expressions[i])) return false;
  }
  return std::equal(one.constants.begin(), one.constants.end(), other.constants.begin(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.type() == b.second.type() &&
                             duckdb::Value::NotDistinctFrom(a.second, b.second);
                    });
}

std::vector<uint64_t> DeletedBy(duckdb::DeleteFilter& filter, uint64_t rows) {
  std::vector<uint64_t> deleted;
  for (uint64_t first = 0; first < rows; first += STANDARD_VECTOR_SIZE) {
    const uint64_t count = std::min<uint64_t>(STANDARD_VECTOR_SIZE, rows - first);
    duckdb::SelectionVector kept;
    const idx_t size = filter.Filter(static_cast<duckdb::row_t>(first), count, kept);
    if (size == count) continue;
    uint64_t row = 0;
    for (idx_t i = 0; i < size; ++i) {
      for (const uint64_t next = kept.get_index(i); row < next; ++row)
        deleted.push_back(first + row);
      ++row;
    }
    for (; row < count; ++row) deleted.push_back(first + row);
  }
  return deleted;
}

/// Why nothing of this scan can be read by tasks, before a file is looked at.
std::string WhyNot(const duckdb::LogicalGet& get) {
  if (get.ordinality_idx.IsValid()) return "WITH ORDINALITY numbers the rows of all files";
  if (get.extra_info.sample_options) return "it is sampled";
  for (const auto& [name, value] : get.named_parameters) {
    if (std::find(kKnownOptions.begin(), kKnownOptions.end(), duckdb::StringUtil::Lower(name)) ==
        kKnownOptions.end())
      return "the option " + name + " is not understood";
  }
  for (const auto& column : get.GetColumnIds()) {
    const auto id = column.GetPrimaryIndex();
    if (column.IsVirtualColumn() && id != duckdb::COLUMN_IDENTIFIER_EMPTY &&
        id != MultiFileReader::COLUMN_IDENTIFIER_FILENAME &&
        id != MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER)
      return "it asks for row ids or the like, which the extension makes";
  }
  return {};
}

/// Not a file, but a place for rows in the catalogue's database; often there are none.
bool IsInlined(const duckdb::OpenFileInfo& file) {
  return file.extended_info && file.extended_info->options.contains("inlined_data");
}

/// The extension's scan of the files, which is not run.
class Prober {
 public:
  Prober(duckdb::ClientContext& context, const duckdb::LogicalGet& get)
      : context_(context),
        get_(get),
        bind_(get.bind_data->Cast<duckdb::MultiFileBindData>()),
        columns_(bind_.reader_bind.schema.empty() ? bind_.columns : bind_.reader_bind.schema),
        state_(*bind_.file_list) {
    state_.multi_file_reader_state = bind_.multi_file_reader->InitializeGlobalState(
        context_, bind_.file_options, bind_.reader_bind, *bind_.file_list, columns_,
        get.GetColumnIds());
    state_.global_state = bind_.interface->InitializeGlobalState(context_, bind_, state_);
  }

  bool NeedsMoreColumns() const {
    return state_.multi_file_reader_state && state_.multi_file_reader_state->RequiresExtraColumns();
  }

  /// Adds the rows of a file for which IsInlined holds; gives the reason when they are too many.
  std::string ReadInlined(const duckdb::OpenFileInfo& file, idx_t number,
                          unique_ptr<duckdb::ColumnDataCollection>* rows) {
    duckdb::MultiFileReaderData data(file);
    data.reader =
        bind_.multi_file_reader->CreateReader(context_, *state_.global_state, file, number, bind_);
    data.reader->file_list_idx = number;
    bind_.multi_file_reader->InitializeReader(data, bind_, columns_, get_.GetColumnIds(), nullptr,
                                              context_, state_);
    return ReadRows(data, rows);
  }

  /// Fills `result` but for the file itself; gives the reason when the file is not to be had.
  std::string Probe(idx_t number, FormatFile* result) {
    const duckdb::OpenFileInfo& file = result->file;
    duckdb::MultiFileReaderData data(file);
    data.reader =
        bind_.multi_file_reader->CreateReader(context_, *state_.global_state, file, number, bind_);
    auto& reader = *data.reader;
    if (reader.GetReaderType() != "Parquet") return "not all of its files are Parquet";
    const auto rows = reader.GetUnionData(0)->TryGetCardinalityEstimate();
    if (!rows.IsValid()) return "the rows of \"" + file.path + "\" are not counted";
    result->rows = rows.GetIndex();
    const auto own_columns = reader.columns;

    reader.file_list_idx = number;
    bind_.multi_file_reader->InitializeReader(data, bind_, columns_, get_.GetColumnIds(), nullptr,
                                              context_, state_);
    if (reader.deletion_filter) result->deleted = DeletedBy(*reader.deletion_filter, result->rows);
    reader.deletion_filter.reset();
    const Mapping wanted = TakeMapping(data);
    if (!wanted.plain) return "rows of several snapshots lie in \"" + file.path + "\"";
    SetConstants(result->file, ConstantsOfColumns(wanted));

    // The extension may have changed what the reader says of the file.
    reader.columns = own_columns;
    Split split;
    split.path = file.path;
    split.properties = PropertiesOf(result->file);
    MapAsLeaf(context_, get_, split, data);
    if (!Same(wanted, TakeMapping(data)))
      return "the extension maps the columns of \"" + file.path + "\" in its own way";
    return {};
  }

 private:
  std::string ReadRows(duckdb::MultiFileReaderData& data,
                       unique_ptr<duckdb::ColumnDataCollection>* rows) {
    auto& reader = *data.reader;
    duckdb::LocalTableFunctionState local;
    reader.PrepareReader(context_, *state_.global_state);
    if (!reader.TryInitializeScan(context_, *state_.global_state, local)) return {};
    reader.PrepareScan(context_, *state_.global_state, local);
    duckdb::vector<duckdb::LogicalType> read_types;
    for (idx_t i = 0; i < reader.column_ids.size(); ++i) {
      const idx_t id = reader.column_ids[duckdb::MultiFileLocalIndex(i)].GetId();
      auto cast = reader.cast_map.find(id);
      auto converted = reader.expression_map.find(id);
      if (cast != reader.cast_map.end()) {
        read_types.push_back(cast->second);
      } else if (converted != reader.expression_map.end()) {
        read_types.push_back(converted->second->return_type);
      } else {
        read_types.push_back(reader.columns[id].type);
      }
    }
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::ExpressionExecutor executor(context_);
    for (const auto& expression : data.expressions) {
      executor.AddExpression(*expression);
      types.push_back(expression->return_type);
    }
    duckdb::DataChunk read;
    duckdb::DataChunk chunk;
    read.Initialize(context_, read_types);
    chunk.Initialize(context_, types);
    while (true) {
      read.Reset();
      chunk.Reset();
      auto more = reader.Scan(context_, *state_.global_state, local, read);
      if (read.size() > 0) {
        if (!*rows) *rows = duckdb::make_uniq<duckdb::ColumnDataCollection>(context_, types);
        if ((*rows)->Types() != types) return "rows in the catalogue are of different types";
        chunk.SetCardinality(read.size());
        bind_.multi_file_reader->FinalizeChunk(context_, bind_, reader, data, read, chunk, executor,
                                               state_.multi_file_reader_state);
        (*rows)->Append(chunk);
        if ((*rows)->Count() > kMostInlinedRows)
          return "many of its rows lie in the catalogue (inlined data)";
      }
      if (more.GetResultType() != duckdb::AsyncResultType::HAVE_MORE_OUTPUT) return {};
    }
  }

  /// Names of files are known to whoever reads them.
  FileConstants ConstantsOfColumns(const Mapping& mapping) const {
    FileConstants constants;
    for (const auto& [position, value] : mapping.constants) {
      const auto& column = get_.GetColumnIds().at(position);
      const idx_t id = column.GetPrimaryIndex();
      if (!column.IsVirtualColumn() && !(bind_.reader_bind.filename_idx.IsValid() &&
                                         bind_.reader_bind.filename_idx.GetIndex() == id))
        constants[id] = value;
    }
    return constants;
  }

  duckdb::ClientContext& context_;
  const duckdb::LogicalGet& get_;
  duckdb::MultiFileBindData& bind_;
  const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns_;
  duckdb::MultiFileGlobalState state_;
};

}  // namespace

FormatFiles ListFormatFiles(duckdb::ClientContext& context, const duckdb::LogicalGet& get) {
  FormatFiles result;
  result.why_not = WhyNot(get);
  if (!result.why_not.empty()) return result;
  auto& bind = get.bind_data->Cast<duckdb::MultiFileBindData>();
  Prober prober(context, get);
  if (prober.NeedsMoreColumns()) {
    result.why_not = "the extension reads more columns than are asked for";
    return result;
  }
  size_t deleted = 0;
  idx_t number = 0;
  for (const auto& file : bind.file_list->GetAllFiles()) {
    if (context.IsInterrupted()) throw duckdb::InterruptException();
    if (IsInlined(file)) {
      result.why_not = prober.ReadInlined(file, number++, &result.inlined);
      if (!result.why_not.empty()) return result;
      continue;
    }
    FormatFile one;
    one.file = file;
    result.why_not = prober.Probe(number++, &one);
    deleted += one.deleted.size();
    if (result.why_not.empty() && deleted > kMostDeletedRows)
      result.why_not = "too many of its rows are deleted to tell each task";
    if (!result.why_not.empty()) return result;
    result.files.push_back(std::move(one));
  }
  return result;
}

}  // namespace skein::distributed
