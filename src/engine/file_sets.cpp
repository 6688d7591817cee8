#include "engine/file_sets.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/function/replacement_scan.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database_manager.hpp"
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
  // File sets are tables of the main schema: a name may say so.
  bool in_main = duckdb::StringUtil::CIEquals(input.schema_name, DEFAULT_SCHEMA) &&
                 (input.catalog_name.empty() ||
                  duckdb::StringUtil::CIEquals(
                      input.catalog_name, duckdb::DatabaseManager::GetDefaultDatabase(context)));
  std::string name = in_main ? input.table_name
                             : duckdb::ReplacementScan::GetFullPath(
                                   input.catalog_name, input.schema_name, input.table_name);
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

/// Whether a folder holds a file that can be read, looking at a bounded number of names.
bool HoldsReadableFile(duckdb::FileSystem& files, const std::string& dir, int depth, int& budget) {
  constexpr int kMaxDepth = 8;
  std::vector<std::string> folders;
  bool found = false;
  files.ListFiles(dir, [&](const std::string& name, bool is_folder) {
    if (found || --budget < 0 || name.empty() || name[0] == '.' || name[0] == '_') return;
    if (is_folder) {
      folders.push_back(dir + "/" + name);
    } else {
      found = ReaderByExtension(name) != nullptr;
    }
  });
  for (size_t i = 0; !found && i < folders.size() && depth < kMaxDepth && budget > 0; ++i) {
    found = HoldsReadableFile(files, folders[i], depth + 1, budget);
  }
  return found;
}

}  // namespace

std::vector<FileSetName> ListFileSets(duckdb::ClientContext& context) {
  constexpr int kNamesPerFolder = 10000;
  const DataDirs* data = nullptr;
  for (const auto& scan : duckdb::DBConfig::GetConfig(context).replacement_scans) {
    if (scan.function == Replace) data = &scan.data->Cast<DataDirs>();
  }
  std::map<std::string, FileSetName> sets;
  if (!data) return {};
  auto& files = duckdb::FileSystem::GetFileSystem(context);
  for (const std::string& dir : data->dirs) {
    std::set<std::string> names;
    std::vector<std::string> folders;
    try {
      files.ListFiles(dir, [&](const std::string& name, bool is_folder) {
        if (name.empty() || name[0] == '.' || name[0] == '_') return;
        if (is_folder) {
          folders.push_back(name);
        } else if (ReaderByExtension(name)) {
          names.insert(name.substr(0, name.find('.')));
        }
      });
      for (const std::string& folder : folders) {
        int budget = kNamesPerFolder;
        if (HoldsReadableFile(files, dir + "/" + folder, 1, budget)) names.insert(folder);
      }
      for (const std::string& name : names) {
        if (sets.contains(name) || NotAFileSet(name)) continue;
        if (auto found = FindIn(files, dir, name))
          sets[name] = FileSetName{name, found->pattern, found->function};
      }
    } catch (const duckdb::IOException&) {
      // A directory that is not there (any more) offers nothing.
    }
  }
  std::vector<FileSetName> sorted;
  for (auto& [name, set] : sets) sorted.push_back(std::move(set));
  return sorted;
}

Status ExplainMissingTable(duckdb::ClientContext& context, Status error) {
  constexpr size_t kMostNames = 10;
  if (error.sqlstate() != "42P01" || error.subject().empty()) return error;
  std::vector<FileSetName> sets;
  try {
    sets = ListFileSets(context);
  } catch (...) {
    return error;  // what is wrong with the folder is not what was asked
  }
  duckdb::vector<std::string> names;
  for (const FileSetName& set : sets) names.push_back(set.name);
  for (const std::string& name : names) {
    if (!duckdb::StringUtil::CIEquals(name, error.subject())) continue;
    return Status(StatusCode::kInvalidArgument, "42809",
                  "\"" + name + "\" is files in a data directory: it can be read, not changed")
        .WithHint("COPY (SELECT ...) TO 'name.parquet' writes files, CREATE TABLE t AS FROM " +
                  name + " makes a table of them.");
  }
  const std::string asked = duckdb::StringUtil::Lower(error.subject());
  for (const std::string& name : names) {
    // A third of the letters wrong is still the same word.
    if (duckdb::StringUtil::LevenshteinDistance(duckdb::StringUtil::Lower(name), asked) <=
        asked.size() / 3) {
      return std::move(error).WithHint("Did you mean \"" + name + "\"?");
    }
  }
  // DuckDB's own suggestion is one of the catalog's views when nobody has made a table yet.
  bool of_the_catalog = false;
  for (const char* own : {"\"pg_", "\"duckdb_", "\"information_schema", "\"sqlite_", "\"pragma_"})
    of_the_catalog |= duckdb::StringUtil::Contains(error.hint(), own) &&
                      !duckdb::StringUtil::StartsWith(error.subject(), own + 1);
  if (!error.hint().empty() && !of_the_catalog) return error;
  if (names.empty()) {
    return std::move(error).WithHint(
        "The data directories hold no Parquet, CSV or JSON files; SHOW TABLES lists the tables.");
  }
  bool all = names.size() <= kMostNames;
  if (!all) names.resize(kMostNames);
  return std::move(error).WithHint("The data directories hold " +
                                   duckdb::StringUtil::Join(names, ", ") +
                                   (all ? "." : " and others."));
}

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
