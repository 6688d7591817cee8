#include "distributed/planner/text_split.h"

#include <algorithm>
#include <array>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/function/table/read_csv.hpp"

#include "distributed/fragment/text_range.h"

namespace skein::distributed {
namespace {

using duckdb::MultiFileBindData;
using duckdb::Value;

/// They mean the same for a part of the file.
constexpr std::array kKept = {"nullstr",
                              "null",
                              "ignore_errors",
                              "null_padding",
                              "max_line_size",
                              "thousands",
                              "maximum_line_size",
                              "decimal_separator",
                              "dateformat",
                              "date_format",
                              "timestampformat",
                              "timestamp_format",
                              "allow_quoted_nulls",
                              "force_not_null"};
/// What they brought about is said in other options.
constexpr std::array kFoundOut = {
    "delim",           "sep",         "delimiter",    "quote",
    "escape",          "new_line",    "header",       "skip",
    "auto_detect",     "columns",     "types",        "dtypes",
    "column_types",    "names",       "column_names", "all_varchar",
    "normalize_names", "sample_size", "parallel",     "auto_type_candidates",
    "buffer_size",     "strict_mode", "rfc_4180"};

/// Of JSON; whoever reads a part takes them as they are.
constexpr std::array kJsonOptions = {"auto_detect",
                                     "columns",
                                     "convert_strings_to_integers",
                                     "date_format",
                                     "dateformat",
                                     "field_appearance_threshold",
                                     "ignore_errors",
                                     "map_inference_threshold",
                                     "maximum_depth",
                                     "maximum_object_size",
                                     "maximum_sample_files",
                                     "records",
                                     "sample_size",
                                     "timestamp_format",
                                     "timestampformat"};

/// A range is held in memory while it is read.
constexpr uint64_t kMostRangeBytes = uint64_t{32} << 20;
constexpr uint64_t kLeastRangeBytes = uint64_t{256} << 10;
/// Where the first line has to end.
constexpr uint64_t kLongestHeader = uint64_t{1} << 20;

template <typename Names>
bool Contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Why a scan cannot be of a part of its file, whatever the file holds.
std::string WhyNot(const duckdb::LogicalGet& get) {
  const auto& bind = get.bind_data->Cast<MultiFileBindData>();
  for (const auto& column : get.GetColumnIds()) {
    if (column.IsVirtualColumn() && column.GetPrimaryIndex() != duckdb::COLUMN_IDENTIFIER_EMPTY)
      return "the name of the file or the numbers of rows are asked for";
  }
  if (bind.file_options.filename || !bind.reader_bind.hive_partitioning_indexes.empty())
    return "columns are made of the file's name";
  return {};
}

std::string WhyNotCsv(const duckdb::LogicalGet& get, const duckdb::CSVReaderOptions& csv) {
  for (const auto& [given, value] : get.named_parameters) {
    const std::string name = duckdb::StringUtil::Lower(given);
    if (!Contains(kKept, name) && !Contains(kFoundOut, name))
      return "with the option " + name + " a CSV file is not split";
  }
  const auto& dialect = csv.dialect_options;
  const auto& machine = dialect.state_machine_options;
  if (machine.delimiter.GetValue().size() != 1) return "its delimiter has several characters";
  if (machine.comment.GetValue() != '\0') return "it may have comments";
  if (dialect.skip_rows.GetValue() != 0 || dialect.rows_until_header != 0)
    return "lines before its header are skipped";
  const auto end = machine.new_line.GetValue();
  if (end != duckdb::NewLineIdentifier::SINGLE_N && end != duckdb::NewLineIdentifier::CARRY_ON)
    return "its lines do not all end with a line feed";
  if (end == duckdb::NewLineIdentifier::CARRY_ON && get.named_parameters.contains("new_line"))
    return "with the option new_line such a CSV file is not split";
  if (csv.encoding != "utf-8") return "it is not in UTF-8";
  return {};
}

std::string WhyNotJson(const duckdb::LogicalGet& get) {
  for (const auto& [given, value] : get.named_parameters) {
    const std::string name = duckdb::StringUtil::Lower(given);
    if (name == "format") {
      const std::string format = duckdb::StringUtil::Lower(value.ToString());
      if (format != "auto" && format != "nd" && format != "newline_delimited")
        return "its records are not said to be lines";
    } else if (!Contains(kJsonOptions, name)) {
      return "with the option " + name + " a JSON file is not split";
    }
  }
  return {};
}

bool NameTellsCompression(const std::string& path) {
  const std::string name = duckdb::StringUtil::Lower(path.substr(0, path.find('?')));
  return name.ends_with(".gz") || name.ends_with(".zst") || name.ends_with(".bz2");
}

LineDialect DialectOf(const duckdb::CSVReaderOptions& csv) {
  const auto& machine = csv.dialect_options.state_machine_options;
  LineDialect dialect;
  if (machine.new_line.GetValue() == duckdb::NewLineIdentifier::CARRY_ON)
    dialect.kind = LineDialect::Kind::kCsvReturns;
  dialect.delimiter = machine.delimiter.GetValue()[0];
  dialect.quote = machine.quote.GetValue();
  dialect.escape = machine.escape.GetValue();
  return dialect;
}

duckdb::named_parameter_map_t OptionsFor(const duckdb::LogicalGet& get,
                                         const duckdb::CSVReaderOptions& csv) {
  duckdb::named_parameter_map_t options;
  for (const auto& [given, value] : get.named_parameters) {
    const std::string name = duckdb::StringUtil::Lower(given);
    if (Contains(kKept, name)) options[name] = value;
  }
  const auto& bind = get.bind_data->Cast<MultiFileBindData>();
  duckdb::child_list_t<Value> columns;
  for (duckdb::idx_t i = 0; i < bind.names.size(); ++i)
    columns.emplace_back(bind.names[i], Value(bind.types[i].ToString()));
  const auto& dialect = csv.dialect_options;
  options["auto_detect"] = Value::BOOLEAN(false);
  options["columns"] = Value::STRUCT(std::move(columns));
  options["delim"] = Value(csv.GetDelimiter());
  options["quote"] = Value(csv.GetQuote());
  options["escape"] = Value(csv.GetEscape());
  // Told of both characters, DuckDB reads behind the end of some files; it finds that out itself.
  if (dialect.state_machine_options.new_line.GetValue() == duckdb::NewLineIdentifier::SINGLE_N)
    options["new_line"] = Value("\\n");
  options["header"] = Value::BOOLEAN(false);
  options["strict_mode"] = Value::BOOLEAN(dialect.state_machine_options.strict_mode.GetValue());
  for (const auto& [type, name] :
       {std::pair(duckdb::LogicalTypeId::DATE, "dateformat"),
        std::pair(duckdb::LogicalTypeId::TIMESTAMP, "timestampformat")}) {
    auto format = dialect.date_format.find(type);
    if (format == dialect.date_format.end()) continue;
    const std::string& text = format->second.GetValue().format_specifier;
    if (!text.empty()) options[name] = Value(text);
  }
  return options;
}

}  // namespace

TextSplit SplitTextFile(duckdb::ClientContext& context, const duckdb::LogicalGet& get,
                        uint32_t tasks) {
  TextSplit split;
  auto& bind = get.bind_data->Cast<MultiFileBindData>();
  const auto* csv = dynamic_cast<duckdb::ReadCSVData*>(bind.bind_data.get());
  split.why_not = csv ? WhyNotCsv(get, csv->options) : WhyNotJson(get);
  if (split.why_not.empty()) split.why_not = WhyNot(get);
  if (!split.why_not.empty()) return split;

  TextRange range;
  range.file = bind.file_list->GetAllFiles().at(0).path;
  if (NameTellsCompression(range.file)) {
    split.why_not = "a compressed file is not split";
    return split;
  }
  auto& files = duckdb::FileSystem::GetFileSystem(context);
  auto file = files.OpenFile(range.file, duckdb::FileFlags::FILE_FLAGS_READ);
  range.file_bytes = file->GetFileSize();
  range.modified = files.GetLastModifiedTime(*file).value;
  range.dialect = csv ? DialectOf(csv->options) : LineDialect{LineDialect::Kind::kJson};

  std::string beginning(std::min(range.file_bytes, kLongestHeader), '\0');
  file->Read(beginning.data(), beginning.size(), 0);
  if (beginning.starts_with("\xEF\xBB\xBF")) {
    split.why_not = "it begins with a byte order mark";
    return split;
  }
  if (!csv) {
    // The first record has to be known; it is looked at whether what can be seen are lines at all.
    const size_t end = beginning.rfind('\n');
    if (end == std::string::npos ||
        !LinesAreRecords(std::string_view(beginning).substr(0, end + 1), range.dialect)) {
      split.why_not = "its lines are not objects";
      return split;
    }
  } else if (csv->options.dialect_options.header.GetValue()) {
    const size_t end = beginning.find('\n');
    if (end == std::string::npos || end < 2 ||
        !LinesAreRecords(std::string_view(beginning).substr(0, end + 1), range.dialect)) {
      split.why_not = "its header is not a line";
      return split;
    }
    range.data_start = end + 1;
  }
  const uint64_t bytes = range.file_bytes - range.data_start;
  if (beginning.size() > range.data_start) {
    const auto begin = beginning.begin() + static_cast<std::ptrdiff_t>(range.data_start);
    const auto lines = static_cast<uint64_t>(std::count(begin, beginning.end(), '\n'));
    split.rows = bytes * std::max<uint64_t>(lines, 1) / (beginning.size() - range.data_start);
  }
  split.bytes = bytes;
  if (bytes <= kLeastRangeBytes) {
    split.why_not = "small";
    return split;
  }
  // Several for each task even out what is read at different speeds.
  const uint64_t unit =
      std::clamp(bytes / (uint64_t{tasks} * 2) + 1, kLeastRangeBytes, kMostRangeBytes);
  for (uint64_t at = range.data_start; at < range.file_bytes; at += unit) {
    range.first_byte = at;
    range.end_byte = std::min(at + unit, range.file_bytes);
    Split one;
    one.path = PathOf(range);
    one.bytes = range.end_byte - at;
    split.splits.push_back(std::move(one));
  }
  if (csv) split.options = OptionsFor(get, csv->options);
  return split;
}

}  // namespace skein::distributed
