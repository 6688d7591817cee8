#pragma once

#include <map>
#include <vector>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "duckdb/common/open_file_info.hpp"

namespace skein::distributed {

// What a table format (DuckLake, Iceberg, Delta) says of one of its data files. It lies among the
// options of the file's OpenFileInfo, so it travels with the splits of the file.

/// By the number of a table's column: its value in all rows of the file, whatever the file has.
using FileConstants = std::map<duckdb::idx_t, duckdb::Value>;

void SetConstants(duckdb::OpenFileInfo& file, const FileConstants& constants);
FileConstants ConstantsOf(const duckdb::OpenFileInfo& file);

/// `rows`: the numbers of rows that are deleted, ascending, counted from 0 in the file.
void SetDeletedRows(duckdb::OpenFileInfo& file, const std::vector<uint64_t>& rows);
/// Throws DuckDB's exceptions when they are not what SetDeletedRows wrote.
std::vector<uint64_t> DeletedRowsOf(const duckdb::OpenFileInfo& file);

/// Leaves out rows by their numbers, which ascend.
duckdb::unique_ptr<duckdb::DeleteFilter> MakeDeleteFilter(std::vector<uint64_t> rows);

}  // namespace skein::distributed
