#include "engine/file_sets.h"

#include <array>
#include <optional>
#include <string_view>

#include "duckdb/common/file_system.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/function/replacement_scan.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

namespace skein::engine {
namespace {

struct Format {
  const char* function;
  std::vector<const char*> extensions;
};

/// In the order of preference when a name fits files of several formats.
const std::array<Format, 3>& Formats() {
  static const std::array<Format, 3> formats = {
      Format{"read_parquet", {"parquet"}},
      Format{"read_csv_auto", {"csv", "tsv", "csv.gz", "csv.zst", "tsv.gz", "tsv.zst"}},
      Format{"read_json_auto",
             {"json", "jsonl", "ndjson", "json.gz", "jsonl.gz", "ndjson.gz", "json.zst",
              "jsonl.zst", "ndjson.zst"}}};
  return formats;
}

struct DataDirs : duckdb::ReplacementScanData {
  std::vector<std::string> dirs;
};

struct FileSet {
  std::string pattern;
  const char* function;
};

const char* ReaderByExtension(const std::string& name) {
  std::string lower = duckdb::StringUtil::Lower(name);
  for (const Format& format : Formats()) {
    for (const char* extension : format.extensions) {
      if (duckdb::StringUtil::EndsWith(lower, std::string(".") + extension)) return format.function;
    }
  }
  return nullptr;
}

/// A name that could leave the data directory, or that is none of ours.
bool NotAFileSet(const std::string& name) {
  if (name.empty() || name[0] == '/' || name.find("://") != std::string::npos ||
      name.find('\0') != std::string::npos) {
    return true;
  }
  for (const std::string& part : duckdb::StringUtil::Split(name, "/")) {
    if (part == "..") return true;
  }
  return false;
}

std::optional<FileSet> FindIn(duckdb::FileSystem& files, const std::string& dir,
                              const std::string& name) {
  auto any = [&](const std::string& pattern) {
    return !files.GlobFiles(pattern, duckdb::FileGlobOptions::ALLOW_EMPTY).empty();
  };
  std::string base = dir + "/" + name;
  if (const char* reader = ReaderByExtension(name)) {
    if (any(base)) return FileSet{base, reader};
    return std::nullopt;
  }
  for (const Format& format : Formats()) {
    for (const char* shape : {".*.", ".", "/**/*."}) {
      for (const char* extension : format.extensions) {
        std::string pattern = base + shape + extension;
        if (any(pattern)) return FileSet{pattern, format.function};
      }
    }
  }
  return std::nullopt;
}

duckdb::unique_ptr<duckdb::TableRef> Replace(
    duckdb::ClientContext& context, duckdb::ReplacementScanInput& input,
    duckdb::optional_ptr<duckdb::ReplacementScanData> data) {
  std::string name =
      duckdb::ReplacementScan::GetFullPath(input.catalog_name, input.schema_name, input.table_name);
  if (NotAFileSet(name)) return nullptr;
  auto& files = duckdb::FileSystem::GetFileSystem(context);
  for (const std::string& dir : data->Cast<DataDirs>().dirs) {
    std::optional<FileSet> found = FindIn(files, dir, name);
    if (!found) continue;
    auto ref = duckdb::make_uniq<duckdb::TableFunctionRef>();
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
    arguments.push_back(
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(found->pattern)));
    ref->function =
        duckdb::make_uniq<duckdb::FunctionExpression>(found->function, std::move(arguments));
    // "sub/orders.parquet" is then orders in the rest of the query, as DuckDB names its own file
    // scans.
    ref->alias = ReaderByExtension(name) ? files.ExtractBaseName(name) : files.ExtractName(name);
    return ref;
  }
  return nullptr;
}

}  // namespace

void RegisterFileSets(duckdb::DBConfig& config, std::vector<std::string> data_dirs) {
  if (data_dirs.empty()) return;
  auto data = duckdb::make_uniq<DataDirs>();
  data->dirs = std::move(data_dirs);
  // Before DuckDB's own scans, which would take "orders.parquet" as a path from the working
  // directory.
  config.replacement_scans.insert(config.replacement_scans.begin(),
                                  duckdb::ReplacementScan(Replace, std::move(data)));
}

}  // namespace skein::engine
