#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duckdb/common/open_file_info.hpp"
#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/operator/logical_get.hpp"

namespace skein::distributed {

/// A data file of a table, with all that its format says of it (fragment/format_file.h) but the
/// rows that are deleted.
struct FormatFile {
  duckdb::OpenFileInfo file;
  uint64_t rows = 0;
  std::vector<uint64_t> deleted;  ///< ascending
};

/// The files of a scan for which ReadsTableFormat holds, as they are in the snapshot it is of.
struct FormatFiles {
  /// Why tasks cannot read them without the extension; then nothing else holds.
  std::string why_not;
  std::vector<FormatFile> files;
  /// The rows that lie in the catalogue's database, the scan's columns in the order of their ids;
  /// null when there are none.
  duckdb::unique_ptr<duckdb::ColumnDataCollection> inlined;
};

/// Asks the extension's own reader, file by file, which rows are deleted and which columns have
/// what the file does not say, and proves that a leaf finds each column where that reader does.
/// Reads the files' ends. Within a transaction; throws DuckDB's exceptions.
FormatFiles ListFormatFiles(duckdb::ClientContext& context, const duckdb::LogicalGet& get);

}  // namespace skein::distributed
