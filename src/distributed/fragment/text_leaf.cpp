#include "distributed/fragment/text_leaf.h"

#include <algorithm>
#include <array>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/case_insensitive_map.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/common/serializer/deserializer.hpp"
#include "duckdb/common/serializer/serializer.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

#include "distributed/fragment/split_file.h"
#include "distributed/fragment/task_context.h"
#include "distributed/fragment/text_range.h"

namespace skein::distributed {
namespace {

using duckdb::ClientContext;
using duckdb::Deserializer;
using duckdb::FunctionData;
using duckdb::LogicalType;
using duckdb::MultiFileBindData;
using duckdb::MultiFileReader;
using duckdb::optional_ptr;
using duckdb::Serializer;
using duckdb::TableFunction;
using duckdb::unique_ptr;
using duckdb::Value;
using duckdb::vector;

constexpr std::array kTextScans = {
    "read_csv",           "read_csv_auto",    "read_json",         "read_json_auto",
    "read_ndjson",        "read_ndjson_auto", "read_json_objects", "read_json_objects_auto",
    "read_ndjson_objects"};

/// They write to tables of the session.
constexpr std::array kSessionOptions = {"store_rejects", "rejects_table", "rejects_scan",
                                        "rejects_limit"};

/// What they bring about in a CSV file does not depend on the files it is read with, nor has it to
/// be about a column that each of them has.
constexpr std::array kOfEachFile = {"union_by_name", "delim",
                                    "sep",           "delimiter",
                                    "quote",         "escape",
                                    "header",        "skip",
                                    "nullstr",       "null",
                                    "sample_size",   "all_varchar",
                                    "null_padding",  "ignore_errors",
                                    "dateformat",    "date_format",
                                    "strict_mode",   "timestampformat",
                                    "comment",       "timestamp_format",
                                    "parallel",      "decimal_separator",
                                    "thousands",     "allow_quoted_nulls",
                                    "compression",   "maximum_line_size",
                                    "new_line",      "max_line_size"};

struct TextLeaf : public duckdb::TableFunctionInfo {
  uint32_t scan = 0;
  std::string function;
  vector<std::string> paths;  ///< of all tasks
  duckdb::named_parameter_map_t options;
  vector<std::string> names;
  vector<LogicalType> types;
  /// What is in each file is found out from it alone; a task has to look at its own only.
  bool file_by_file = false;
};

/// Looks at each file after it was opened.
class CheckingReader : public MultiFileReader {
 public:
  explicit CheckingReader(std::shared_ptr<const vector<Split>> splits)
      : splits_(std::move(splits)) {}
  unique_ptr<MultiFileReader> Copy() const override {
    return duckdb::make_uniq<CheckingReader>(splits_);
  }
  duckdb::ReaderInitializeType InitializeReader(
      duckdb::MultiFileReaderData& reader, const MultiFileBindData& bind,
      const vector<duckdb::MultiFileColumnDefinition>& columns,
      const vector<duckdb::ColumnIndex>& column_ids, optional_ptr<duckdb::TableFilterSet> filters,
      ClientContext& context, duckdb::MultiFileGlobalState& state) override {
    CheckUnchanged(context, splits_->at(reader.reader->file_list_idx.GetIndex()));
    return MultiFileReader::InitializeReader(reader, bind, columns, column_ids, filters, context,
                                             state);
  }

 private:
  std::shared_ptr<const vector<Split>> splits_;
};

void Serialize(Serializer& serializer, const optional_ptr<FunctionData>,
               const TableFunction& function) {
  auto& leaf = function.function_info->Cast<TextLeaf>();
  serializer.WriteProperty(100, "scan", leaf.scan);
  serializer.WriteProperty(101, "function", leaf.function);
  serializer.WriteProperty(102, "paths", leaf.paths);
  serializer.WriteProperty(103, "options", leaf.options);
  serializer.WriteProperty(104, "names", leaf.names);
  serializer.WriteProperty(105, "types", leaf.types);
  serializer.WriteProperty(106, "file_by_file", leaf.file_by_file);
}

unique_ptr<FunctionData> Bind(ClientContext& context, vector<Value> paths,
                              duckdb::named_parameter_map_t options, TableFunction& function,
                              vector<LogicalType>& types, vector<std::string>& names) {
  vector<Value> inputs{Value::LIST(LogicalType::VARCHAR, std::move(paths))};
  vector<LogicalType> table_types;
  vector<std::string> table_names;
  duckdb::TableFunctionRef ref;
  duckdb::TableFunctionBindInput input(inputs, options, table_types, table_names,
                                       function.function_info.get(), nullptr, function, ref);
  return function.bind(context, input, types, names);
}

[[noreturn]] void OtherColumns(const TextLeaf& leaf) {
  throw duckdb::IOException(
      "the files of %s have other columns than when the query was planned. Run the query again",
      leaf.function);
}

unique_ptr<FunctionData> BindAll(ClientContext& context, const TextLeaf& leaf,
                                 TableFunction& function) {
  vector<Value> paths;
  for (const std::string& path : leaf.paths) paths.emplace_back(path);
  vector<LogicalType> types;
  vector<std::string> names;
  auto bound = Bind(context, std::move(paths), leaf.options, function, types, names);
  if (types != leaf.types || names != leaf.names) OtherColumns(leaf);
  return bound;
}

/// The columns of all files, which the coordinator has found, over what is in a task's own: each
/// file has its own columns, and they are brought to the others' by name and by a cast.
unique_ptr<FunctionData> BindOwn(ClientContext& context, const TextLeaf& leaf,
                                 const vector<Split>& splits, TableFunction& function) {
  vector<Value> paths;
  for (const Split& split : splits) paths.emplace_back(split.path);
  // A task without files needs what any of them gives.
  if (paths.empty()) paths.emplace_back(leaf.paths.at(0));
  auto options = leaf.options;
  // The names of some may look as if they told values of columns.
  options["hive_partitioning"] = Value::BOOLEAN(false);
  vector<LogicalType> types;
  vector<std::string> names;
  auto bound = Bind(context, std::move(paths), std::move(options), function, types, names);
  const duckdb::case_insensitive_set_t known(leaf.names.begin(), leaf.names.end());
  if (!std::all_of(names.begin(), names.end(),
                   [&](const std::string& name) { return known.count(name) > 0; })) {
    OtherColumns(leaf);
  }
  auto& bind = bound->Cast<MultiFileBindData>();
  bind.types = leaf.types;
  bind.names = leaf.names;
  bind.columns =
      duckdb::MultiFileColumnDefinition::ColumnsFromNamesAndTypes(leaf.names, leaf.types);
  return bound;
}

/// What binding found out file by file, of the files that stay: nothing, when they are ranges of
/// the one that was bound.
void KeepReaders(MultiFileBindData& bind, const vector<Split>& splits) {
  bind.initial_reader.reset();
  if (bind.union_readers.empty()) return;
  auto all = std::move(bind.union_readers);
  bind.union_readers.clear();
  for (const Split& split : splits) {
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& reader) {
      return reader && reader->GetFileName() == split.path;
    });
    if (found == all.end()) {
      if (split.path.starts_with(kTextRanges)) return;
      throw duckdb::InternalException("\"%s\" was not bound with the others", split.path);
    }
    bind.union_readers.push_back(std::move(*found));
  }
}

void NoRows(ClientContext&, duckdb::TableFunctionInput&, duckdb::DataChunk& out) {
  out.SetCardinality(0);
}

unique_ptr<FunctionData> DeserializeLeaf(Deserializer& deserializer, TableFunction& function) {
  TextLeaf leaf;
  leaf.scan = deserializer.ReadProperty<uint32_t>(100, "scan");
  leaf.function = deserializer.ReadProperty<std::string>(101, "function");
  leaf.paths = deserializer.ReadProperty<vector<std::string>>(102, "paths");
  leaf.options = deserializer.ReadProperty<duckdb::named_parameter_map_t>(103, "options");
  leaf.names = deserializer.ReadProperty<vector<std::string>>(104, "names");
  leaf.types = deserializer.ReadProperty<vector<LogicalType>>(105, "types");
  leaf.file_by_file = deserializer.ReadProperty<bool>(106, "file_by_file");

  auto& context = deserializer.Get<ClientContext&>();
  auto& spec = *TaskContext::Of(context).spec;
  if (leaf.scan >= spec.scans.size())
    throw duckdb::SerializationException("the plan reads files that the task does not name");
  auto& entry =
      duckdb::Catalog::GetSystemCatalog(context).GetEntry<duckdb::TableFunctionCatalogEntry>(
          context, DEFAULT_SCHEMA, leaf.function);
  function =
      entry.functions.GetFunctionByArguments(context, {LogicalType::LIST(LogicalType::VARCHAR)});
  auto splits = std::make_shared<vector<Split>>();
  for (const Split& split : spec.scans[leaf.scan]) splits->push_back(split);
  for (const Split& split : *splits) CheckUnchanged(context, split);
  auto bound = leaf.file_by_file ? BindOwn(context, leaf, *splits, function)
                                 : BindAll(context, leaf, function);
  if (splits->empty()) {
    TableFunction none(function.name, {}, NoRows, nullptr);
    none.projection_pushdown = function.projection_pushdown;
    none.filter_pushdown = function.filter_pushdown;
    none.filter_prune = function.filter_prune;
    none.get_virtual_columns = function.get_virtual_columns;
    function = std::move(none);
    return bound;
  }
  auto& bind = bound->Cast<MultiFileBindData>();
  bind.file_list = MakeFileList(*splits);
  KeepReaders(bind, *splits);
  bind.multi_file_reader = duckdb::make_uniq<CheckingReader>(std::move(splits));
  return bound;
}

unique_ptr<FunctionData> RefuseBind(ClientContext&, duckdb::TableFunctionBindInput&,
                                    vector<LogicalType>&, vector<std::string>&) {
  throw duckdb::BinderException(
      "this function belongs to the distributed planner and cannot be called");
}

}  // namespace

TableFunction TextLeafFunction() {
  TableFunction function(kTextLeafName, {}, NoRows, RefuseBind);
  function.projection_pushdown = true;
  function.serialize = Serialize;
  function.deserialize = DeserializeLeaf;
  return function;
}

bool ReadsText(const duckdb::LogicalGet& get) {
  return std::find(kTextScans.begin(), kTextScans.end(), get.function.name) != kTextScans.end();
}

std::string WhyNotTextLeaf(const duckdb::LogicalGet& get) {
  if (!get.bind_data || get.function.get_multi_file_reader || get.parameters.size() != 1)
    return "its files are listed by an extension";
  if (get.ordinality_idx.IsValid()) return "WITH ORDINALITY numbers the rows of all files";
  if (get.extra_info.sample_options) return "it is sampled";
  const auto& before = get.extra_info.total_files;
  const auto& after = get.extra_info.filtered_files;
  const bool all = before.IsValid() && after.IsValid() ? before.GetIndex() == after.GetIndex()
                                                       : get.extra_info.file_filters.empty();
  if (!all) return "a filter took away some of the files that say what the columns are";
  for (const auto& [name, value] : get.named_parameters) {
    if (std::find(kSessionOptions.begin(), kSessionOptions.end(),
                  duckdb::StringUtil::Lower(name)) != kSessionOptions.end()) {
      return "the option " + name + " fills a table of the session";
    }
  }
  for (const auto& column : get.GetColumnIds()) {
    if (column.GetPrimaryIndex() == MultiFileReader::COLUMN_IDENTIFIER_FILE_INDEX)
      return "file_index numbers all files";
  }
  const auto files = get.bind_data->Cast<MultiFileBindData>().file_list->GetAllFiles();
  for (const auto& file : files) {
    if (duckdb::FileSystem::HasGlob(file.path))
      return "the name \"" + file.path + "\" looks like a pattern";
  }
  return {};
}

namespace {

/// With union_by_name each CSV file is found out by itself, where no option is about all of them.
bool FoundOutFileByFile(const duckdb::LogicalGet& get) {
  if (get.function.name != "read_csv" && get.function.name != "read_csv_auto") return false;
  for (const auto& column : get.GetColumnIds()) {
    if (column.IsVirtualColumn() && column.GetPrimaryIndex() != duckdb::COLUMN_IDENTIFIER_EMPTY)
      return false;
  }
  const auto& bind = get.bind_data->Cast<MultiFileBindData>();
  return bind.file_options.union_by_name && !bind.file_options.filename &&
         bind.reader_bind.hive_partitioning_indexes.empty() &&
         std::all_of(get.named_parameters.begin(), get.named_parameters.end(), [](const auto& one) {
           return std::find(kOfEachFile.begin(), kOfEachFile.end(),
                            duckdb::StringUtil::Lower(one.first)) != kOfEachFile.end();
         });
}

void BecomeLeaf(duckdb::LogicalGet& get, duckdb::shared_ptr<TextLeaf> leaf) {
  TableFunction function = TextLeafFunction();
  function.projection_pushdown = get.function.projection_pushdown;
  function.filter_pushdown = get.function.filter_pushdown;
  function.filter_prune = get.function.filter_prune;
  function.get_virtual_columns = get.function.get_virtual_columns;
  function.function_info = std::move(leaf);
  get.function = std::move(function);
}

duckdb::shared_ptr<TextLeaf> LeafOf(const duckdb::LogicalGet& get, uint32_t scan) {
  auto leaf = duckdb::make_shared_ptr<TextLeaf>();
  leaf->scan = scan;
  leaf->function = get.function.name;
  const auto& bind = get.bind_data->Cast<MultiFileBindData>();
  leaf->names = bind.names;
  leaf->types = bind.types;
  return leaf;
}

}  // namespace

void MakeTextLeaf(duckdb::LogicalGet& get, uint32_t scan) {
  auto leaf = LeafOf(get, scan);
  const auto& bind = get.bind_data->Cast<MultiFileBindData>();
  for (const auto& file : bind.file_list->GetAllFiles()) leaf->paths.push_back(file.path);
  for (const auto& [name, value] : get.named_parameters) leaf->options.emplace(name, value);
  leaf->file_by_file = FoundOutFileByFile(get);
  BecomeLeaf(get, std::move(leaf));
}

void MakeTextRangeLeaf(duckdb::LogicalGet& get, uint32_t scan, const std::string& any_range,
                       const duckdb::named_parameter_map_t& options) {
  auto leaf = LeafOf(get, scan);
  leaf->paths.push_back(any_range);
  leaf->options = options;
  BecomeLeaf(get, std::move(leaf));
}

}  // namespace skein::distributed
