#include "distributed/fragment/parquet_leaf.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/multi_file/multi_file_function.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/storage/statistics/node_statistics.hpp"

#include "distributed/fragment/aggregate_state.h"
#include "distributed/fragment/exchange_scan.h"
#include "distributed/fragment/format_file.h"
#include "distributed/fragment/key_filter.h"
#include "distributed/fragment/merge_scan.h"
#include "distributed/fragment/row_range_filter.h"
#include "distributed/fragment/split_file.h"
#include "distributed/fragment/task_context.h"
#include "distributed/fragment/task_number.h"
#include "distributed/fragment/text_leaf.h"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::ColumnIndex;
using duckdb::Deserializer;
using duckdb::FunctionData;
using duckdb::LogicalType;
using duckdb::MultiFileColumnDefinition;
using duckdb::MultiFileReader;
using duckdb::optional_ptr;
using duckdb::Serializer;
using duckdb::TableFunction;
using duckdb::unique_ptr;
using duckdb::Value;
using duckdb::vector;

constexpr std::array kTableFormats = {"ducklake_scan", "iceberg_scan", "delta_scan"};

/// Options of read_parquet that the schema already answers, or that only change how bytes become
/// values; with any other a scan stays where it is.
constexpr std::array kKnownOptions = {"filename",      "hive_partitioning",
                                      "hive_types",    "hive_types_autocast",
                                      "union_by_name", "binary_as_string"};

void WriteColumn(Serializer& serializer, const MultiFileColumnDefinition& column) {
  serializer.WriteProperty(1, "name", column.name);
  serializer.WriteProperty(2, "type", column.type);
  serializer.WriteProperty(3, "identifier", column.identifier);
  serializer.WritePropertyWithDefault(4, "default", column.default_expression);
  serializer.WriteList(
      5, "children", column.children.size(), [&](Serializer::List& list, duckdb::idx_t i) {
        list.WriteObject([&](Serializer& child) { WriteColumn(child, column.children[i]); });
      });
}

MultiFileColumnDefinition ReadColumn(Deserializer& deserializer) {
  auto name = deserializer.ReadProperty<std::string>(1, "name");
  auto type = deserializer.ReadProperty<LogicalType>(2, "type");
  MultiFileColumnDefinition column(name, type);
  column.identifier = deserializer.ReadProperty<Value>(3, "identifier");
  column.default_expression =
      deserializer.ReadPropertyWithDefault<unique_ptr<duckdb::ParsedExpression>>(4, "default");
  deserializer.ReadList(5, "children", [&](Deserializer::List& list, duckdb::idx_t) {
    list.ReadObject([&](Deserializer& child) { column.children.push_back(ReadColumn(child)); });
  });
  return column;
}

class LeafReader : public MultiFileReader {
 public:
  explicit LeafReader(duckdb::shared_ptr<duckdb::TableFunctionInfo> leaf)
      : leaf_(std::move(leaf)) {}

  static unique_ptr<MultiFileReader> Create(const TableFunction& function) {
    if (!function.function_info)
      throw duckdb::BinderException("%s is read within a plan only", kParquetLeafName);
    return duckdb::make_uniq<LeafReader>(function.function_info);
  }

  unique_ptr<MultiFileReader> Copy() const override { return duckdb::make_uniq<LeafReader>(leaf_); }

  const ParquetLeaf& leaf() const { return leaf_->Cast<ParquetLeaf>(); }

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(ClientContext&,
                                                           const vector<std::string>&,
                                                           const duckdb::FileGlobInput&) override {
    if (!leaf().shared) return MakeFileList(leaf().splits);
    return MakeFileList([leaf = leaf_](size_t file) -> const TakenSplit* {
      const auto& of = leaf->Cast<ParquetLeaf>();
      return of.shared->TakeSplit(of.scan, file);
    });
  }

  bool Bind(duckdb::MultiFileOptions&, duckdb::MultiFileList&, vector<LogicalType>& types,
            vector<std::string>& names, duckdb::MultiFileReaderBindData& bind) override {
    types = leaf().types;
    names = leaf().names;
    bind = leaf().bind;
    return true;
  }

  void BindOptions(duckdb::MultiFileOptions& options, duckdb::MultiFileList&, vector<LogicalType>&,
                   vector<std::string>&, duckdb::MultiFileReaderBindData&) override {
    // Found out on the coordinator, over all files.
    const auto& hive = leaf().bind.hive_partitioning_indexes;
    options.auto_detect_hive_partitioning = false;
    options.hive_partitioning = !hive.empty();
    for (const auto& column : hive) {
      options.hive_types_schema[column.value] = leaf().types[column.index];
    }
  }

  duckdb::ReaderInitializeType InitializeReader(duckdb::MultiFileReaderData& reader,
                                                const duckdb::MultiFileBindData& bind,
                                                const vector<MultiFileColumnDefinition>& columns,
                                                const vector<ColumnIndex>& column_ids,
                                                optional_ptr<duckdb::TableFilterSet> filters,
                                                ClientContext& context,
                                                duckdb::MultiFileGlobalState& state) override {
    const Split& split = leaf().SplitOf(FileNumber(reader));
    CheckUnchanged(context, split);  // after the reader has opened it
    if (leaf().ranges && leaf().shared) {
      auto rows = leaf().shared->TakeSplit(leaf().scan, FileNumber(reader))->rows;
      rows->Open();
      filters = WithRange(std::move(rows), column_ids, filters);
    } else if (split.first_row > 0 || split.end_row != Split::kToTheEnd) {
      filters = WithRange(std::make_shared<RowRange>(split.first_row, split.end_row, split.rows),
                          column_ids, filters);
    }
    if (leaf().of_format) {
      auto deleted = DeletedRowsOf(FileOfSplit(split));
      if (!deleted.empty()) reader.reader->deletion_filter = MakeDeleteFilter(std::move(deleted));
    }
    return MultiFileReader::InitializeReader(reader, bind, columns, column_ids, filters, context,
                                             state);
  }

  void FinalizeBind(duckdb::MultiFileReaderData& reader, const duckdb::MultiFileOptions& options,
                    const duckdb::MultiFileReaderBindData& bind,
                    const vector<MultiFileColumnDefinition>& columns,
                    const vector<ColumnIndex>& column_ids, ClientContext& context,
                    optional_ptr<duckdb::MultiFileReaderGlobalState> state) override {
    MultiFileReader::FinalizeBind(reader, options, bind, columns, column_ids, context, state);
    if (!leaf().of_format) return;
    const Split& split = leaf().SplitOf(FileNumber(reader));
    const FileConstants constants = ConstantsOf(FileOfSplit(split));
    for (duckdb::idx_t i = 0; i < column_ids.size(); ++i) {
      auto found = constants.find(column_ids[i].GetPrimaryIndex());
      if (found != constants.end())
        reader.constant_map.Add(duckdb::MultiFileGlobalIndex(i), found->second);
    }
  }

 private:
  static size_t FileNumber(const duckdb::MultiFileReaderData& reader) {
    return reader.reader->file_list_idx.GetIndex();
  }

  /// Row groups outside of the range are skipped by their row numbers, as by any statistics.
  optional_ptr<duckdb::TableFilterSet> WithRange(std::shared_ptr<RowRange> rows,
                                                 const vector<ColumnIndex>& column_ids,
                                                 optional_ptr<duckdb::TableFilterSet> filters) {
    auto with = duckdb::make_uniq<duckdb::TableFilterSet>();
    if (filters) {
      for (auto& [column, filter] : filters->filters) with->filters[column] = filter->Copy();
    }
    for (duckdb::idx_t i = 0; i < column_ids.size(); ++i) {
      if (column_ids[i].GetPrimaryIndex() != COLUMN_IDENTIFIER_FILE_ROW_NUMBER) continue;
      unique_ptr<duckdb::TableFilter> range = duckdb::make_uniq<RowRangeFilter>(std::move(rows));
      if (auto found = with->filters.find(i); found != with->filters.end()) {
        auto both = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
        both->child_filters.push_back(std::move(range));
        both->child_filters.push_back(std::move(found->second));
        range = std::move(both);
      }
      with->filters[i] = std::move(range);
      std::lock_guard lock(mu_);
      kept_.push_back(std::move(with));
      return kept_.back().get();
    }
    throw duckdb::InternalException("a range of rows is to be read, without their numbers");
  }

  static constexpr duckdb::column_t COLUMN_IDENTIFIER_FILE_ROW_NUMBER =
      MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER;

  duckdb::shared_ptr<duckdb::TableFunctionInfo> leaf_;
  std::mutex mu_;
  /// Readers point to their filters.
  std::vector<unique_ptr<duckdb::TableFilterSet>> kept_;  // guarded by mu_
};

TableFunction StockScan(ClientContext& context) {
  auto& entry =
      duckdb::Catalog::GetSystemCatalog(context).GetEntry<duckdb::TableFunctionCatalogEntry>(
          context, DEFAULT_SCHEMA, "parquet_scan");
  return entry.functions.GetFunctionByOffset(0);
}

void SerializeLeaf(Serializer& serializer, const optional_ptr<FunctionData>,
                   const TableFunction& function) {
  auto& leaf = function.function_info->Cast<ParquetLeaf>();
  serializer.WriteProperty(100, "scan", leaf.scan);
  serializer.WriteProperty(101, "names", leaf.names);
  serializer.WriteProperty(102, "types", leaf.types);
  serializer.WriteProperty(103, "filename", leaf.bind.filename_idx);
  serializer.WriteProperty(104, "hive", leaf.bind.hive_partitioning_indexes);
  serializer.WriteProperty(105, "mapping", static_cast<uint8_t>(leaf.bind.mapping));
  serializer.WriteList(
      106, "schema", leaf.bind.schema.size(), [&](Serializer::List& list, duckdb::idx_t i) {
        list.WriteObject([&](Serializer& object) { WriteColumn(object, leaf.bind.schema[i]); });
      });
  serializer.WriteProperty(107, "options", leaf.options);
  serializer.WriteProperty(108, "rows", leaf.rows);
  serializer.WriteProperty(109, "bytes", leaf.bytes);
  serializer.WriteProperty(110, "ranges", leaf.ranges);
  vector<uint64_t> columns;
  for (const auto& [column, statistics] : leaf.statistics) columns.push_back(column);
  serializer.WriteProperty(113, "of_format", leaf.of_format);
  serializer.WriteProperty(111, "statistics_columns", columns);
  serializer.WriteList(
      112, "statistics", columns.size(), [&](Serializer::List& list, duckdb::idx_t i) {
        list.WriteObject(
            [&](Serializer& object) { leaf.statistics.at(columns[i])->Serialize(object); });
      });
}

unique_ptr<FunctionData> BindLeaf(ClientContext& context, TableFunction& function) {
  auto& leaf = function.function_info->Cast<ParquetLeaf>();
  vector<Value> inputs{Value::LIST(LogicalType::VARCHAR, vector<Value>())};
  vector<LogicalType> table_types;
  vector<std::string> table_names;
  duckdb::TableFunctionRef ref;
  duckdb::TableFunctionBindInput input(inputs, leaf.options, table_types, table_names,
                                       function.function_info.get(), nullptr, function, ref);
  vector<LogicalType> types;
  vector<std::string> names;
  return StockScan(context).bind(context, input, types, names);
}

unique_ptr<FunctionData> DeserializeLeaf(Deserializer& deserializer, TableFunction& function) {
  auto leaf = duckdb::make_shared_ptr<ParquetLeaf>();
  leaf->scan = deserializer.ReadProperty<uint32_t>(100, "scan");
  leaf->names = deserializer.ReadProperty<vector<std::string>>(101, "names");
  leaf->types = deserializer.ReadProperty<vector<LogicalType>>(102, "types");
  leaf->bind.filename_idx = deserializer.ReadProperty<duckdb::optional_idx>(103, "filename");
  leaf->bind.hive_partitioning_indexes =
      deserializer.ReadProperty<vector<duckdb::HivePartitioningIndex>>(104, "hive");
  leaf->bind.mapping = static_cast<duckdb::MultiFileColumnMappingMode>(
      deserializer.ReadProperty<uint8_t>(105, "mapping"));
  deserializer.ReadList(106, "schema", [&](Deserializer::List& list, duckdb::idx_t) {
    list.ReadObject([&](Deserializer& object) { leaf->bind.schema.push_back(ReadColumn(object)); });
  });
  leaf->options = deserializer.ReadProperty<duckdb::named_parameter_map_t>(107, "options");
  leaf->rows = deserializer.ReadProperty<uint64_t>(108, "rows");
  leaf->bytes = deserializer.ReadProperty<uint64_t>(109, "bytes");
  leaf->ranges = deserializer.ReadProperty<bool>(110, "ranges");
  leaf->of_format = deserializer.ReadProperty<bool>(113, "of_format");
  auto columns = deserializer.ReadProperty<vector<uint64_t>>(111, "statistics_columns");
  deserializer.ReadList(112, "statistics", [&](Deserializer::List& list, duckdb::idx_t i) {
    list.ReadObject([&](Deserializer& object) {
      const LogicalType& type = leaf->types.at(columns.at(i));
      object.Set<const LogicalType&>(type);
      leaf->statistics.emplace(columns[i], duckdb::BaseStatistics::Deserialize(object).ToUnique());
      object.Unset<const LogicalType>();
    });
  });

  auto& context = deserializer.Get<ClientContext&>();
  auto& task = TaskContext::Of(context);
  auto& spec = *task.spec;
  if (leaf->scan >= spec.scans.size())
    throw duckdb::SerializationException("the plan reads files that the task does not name");
  uint64_t bytes = 0;
  for (const Split& split : spec.scans[leaf->scan]) {
    leaf->splits.push_back(split);
    bytes += split.bytes;
  }
  leaf->task_rows = leaf->bytes == 0 ? leaf->rows
                                     : static_cast<uint64_t>(static_cast<double>(leaf->rows) *
                                                             static_cast<double>(bytes) /
                                                             static_cast<double>(leaf->bytes));
  if (task.inputs->shares_splits(leaf->scan)) leaf->shared = task.inputs;
  function.function_info = leaf;
  return BindLeaf(context, function);
}

unique_ptr<duckdb::NodeStatistics> LeafCardinality(ClientContext&, const FunctionData* bind_data) {
  auto& bind = bind_data->Cast<duckdb::MultiFileBindData>();
  return duckdb::make_uniq<duckdb::NodeStatistics>(
      bind.multi_file_reader->Cast<LeafReader>().leaf().task_rows);
}

unique_ptr<duckdb::BaseStatistics> LeafStatistics(ClientContext&, const FunctionData* bind_data,
                                                  duckdb::column_t column) {
  auto& bind = bind_data->Cast<duckdb::MultiFileBindData>();
  const auto& known = bind.multi_file_reader->Cast<LeafReader>().leaf().statistics;
  auto found = known.find(column);
  return found == known.end() ? nullptr : found->second->ToUnique();
}

unique_ptr<FunctionData> RefuseBind(ClientContext&, duckdb::TableFunctionBindInput&,
                                    vector<LogicalType>&, vector<std::string>&) {
  throw duckdb::BinderException(
      "this function belongs to the distributed planner and cannot be called");
}

TableFunction LeafFunction(ClientContext& context) {
  TableFunction function = StockScan(context);
  function.name = kParquetLeafName;
  function.bind = RefuseBind;
  function.get_multi_file_reader = LeafReader::Create;
  function.serialize = SerializeLeaf;
  function.deserialize = DeserializeLeaf;
  function.cardinality = LeafCardinality;
  function.get_bind_info = nullptr;
  // The stock ones look at the first file only, which here is one of a few.
  function.statistics = LeafStatistics;
  function.statistics_extended = nullptr;
  function.get_partition_stats = nullptr;
  return function;
}

}  // namespace

void RegisterFragmentFunctions(duckdb::DatabaseInstance& instance) {
  duckdb::Connection connection(instance);
  auto& context = *connection.context;
  context.RunFunctionInTransaction([&] {
    duckdb::ExtensionLoader loader(instance, "skein");
    loader.RegisterFunction(ExchangeScanFunction());
    loader.RegisterFunction(MergeScanFunction());
    loader.RegisterFunction(MayContainFunction());
    loader.RegisterFunction(TaskNumberFunction());
    loader.RegisterFunction(LeafFunction(context));
    loader.RegisterFunction(TextLeafFunction());
    RegisterStateAggregates(context, loader);
  });
}

std::string WhyNotParquetLeaf(const duckdb::LogicalGet& get) {
  if (get.function.name != "parquet_scan" && get.function.name != "read_parquet")
    return "only Parquet files are split";
  if (!get.bind_data || get.function.get_multi_file_reader)
    return "its files are listed by an extension";
  if (get.ordinality_idx.IsValid()) return "WITH ORDINALITY numbers the rows of all files";
  if (get.extra_info.sample_options) return "it is sampled";
  for (const auto& [name, value] : get.named_parameters) {
    if (std::find(kKnownOptions.begin(), kKnownOptions.end(), duckdb::StringUtil::Lower(name)) ==
        kKnownOptions.end()) {
      return "read_parquet's option " + name + " is not understood";
    }
  }
  for (const auto& column : get.GetColumnIds()) {
    if (column.GetPrimaryIndex() == MultiFileReader::COLUMN_IDENTIFIER_FILE_INDEX)
      return "file_index numbers all files";
  }
  return {};
}

bool ReadsTableFormat(const duckdb::LogicalGet& get) {
  return get.function.get_multi_file_reader && get.bind_data &&
         std::find(kTableFormats.begin(), kTableFormats.end(), get.function.name) !=
             kTableFormats.end();
}

namespace {

/// What the leaf of `get` says of its columns.
duckdb::shared_ptr<ParquetLeaf> DescribeLeaf(const duckdb::LogicalGet& get) {
  auto& bind = get.bind_data->Cast<duckdb::MultiFileBindData>();
  auto leaf = duckdb::make_shared_ptr<ParquetLeaf>();
  leaf->names = bind.names;
  leaf->types = bind.types;
  leaf->bind = bind.reader_bind;
  leaf->of_format = ReadsTableFormat(get);
  if (leaf->of_format) {
    // Values of partitions are constants of the files, not parts of their names.
    leaf->bind.hive_partitioning_indexes.clear();
    if (auto name = get.named_parameters.find("filename"); name != get.named_parameters.end())
      leaf->options.emplace(name->first, name->second);
  } else {
    for (const auto& [name, value] : get.named_parameters) leaf->options.emplace(name, value);
  }
  if (leaf->bind.schema.empty() && bind.file_options.union_by_name) {
    // A file without a column gives NULL there; elsewhere that is an error.
    leaf->bind.schema = MultiFileColumnDefinition::ColumnsFromNamesAndTypes(bind.names, bind.types);
    for (auto& column : leaf->bind.schema) {
      column.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(Value(column.type));
      column.identifier = Value(column.name);
    }
  }
  return leaf;
}

}  // namespace

void MapAsLeaf(ClientContext& context, const duckdb::LogicalGet& get, const Split& split,
               duckdb::MultiFileReaderData& reader) {
  auto& bind = get.bind_data->Cast<duckdb::MultiFileBindData>();
  auto leaf = DescribeLeaf(get);
  leaf->splits.push_back(split);
  LeafReader mapper(leaf);
  duckdb::MultiFileBindData leaf_bind;
  leaf_bind.types = leaf->types;
  leaf_bind.names = leaf->names;
  leaf_bind.reader_bind = leaf->bind;
  leaf_bind.file_list = MakeFileList(leaf->splits);
  mapper.BindOptions(leaf_bind.file_options, *leaf_bind.file_list, leaf_bind.types, leaf_bind.names,
                     leaf_bind.reader_bind);
  MultiFileReader::GetVirtualColumns(context, leaf_bind.reader_bind, leaf_bind.virtual_columns);
  bind.interface->GetVirtualColumns(context, leaf_bind, leaf_bind.virtual_columns);
  duckdb::MultiFileGlobalState state(*leaf_bind.file_list);
  reader.reader->file_list_idx = 0;
  const auto& columns = leaf->bind.schema.empty() ? bind.columns : leaf->bind.schema;
  mapper.InitializeReader(reader, leaf_bind, columns, get.GetColumnIds(), nullptr, context, state);
}

void MakeParquetLeaf(ClientContext& context, duckdb::LogicalGet& get, uint32_t scan, uint64_t rows,
                     uint64_t bytes, bool ranges) {
  auto leaf = DescribeLeaf(get);
  leaf->scan = scan;
  leaf->rows = rows;
  leaf->bytes = bytes;
  leaf->ranges = ranges;
  for (const ColumnIndex& column : get.GetColumnIds()) {
    if (column.IsVirtualColumn() || column.GetPrimaryIndex() >= leaf->types.size()) continue;
    unique_ptr<duckdb::BaseStatistics> known;
    if (get.function.statistics_extended) {
      duckdb::TableFunctionGetStatisticsInput input(get.bind_data.get(),
                                                    ColumnIndex(column.GetPrimaryIndex()));
      known = get.function.statistics_extended(context, input);
    } else if (get.function.statistics) {
      known = get.function.statistics(context, get.bind_data.get(), column.GetPrimaryIndex());
    }
    if (known) leaf->statistics[column.GetPrimaryIndex()] = std::move(known);
  }
  get.function = LeafFunction(context);
  get.function.function_info = leaf;
  if (ranges) {
    auto& columns = get.GetMutableColumnIds();
    if (get.projection_ids.empty()) {
      for (duckdb::idx_t i = 0; i < columns.size(); ++i) get.projection_ids.push_back(i);
    }
    columns.emplace_back(MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER);
  }
}

}  // namespace skein::distributed
