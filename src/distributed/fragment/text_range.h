#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "duckdb/main/database.hpp"

namespace skein::distributed {

/// What says where the records of a CSV or JSON file end: its lines do, at line feeds.
struct LineDialect {
  enum class Kind : uint8_t {
    kCsv,
    kCsvReturns,  ///< a carriage return is before each line feed
    kJson,        ///< a record is an object; the rest says nothing
  };
  Kind kind = Kind::kCsv;
  char delimiter = ',';
  char quote = '"';   ///< 0: none
  char escape = '"';  ///< within quotes; 0: none
};

/// The lines of a file that begin in [first_byte, end_byte), as a file of their own. The file
/// is what it was when it was planned, or it cannot be opened.
struct TextRange {
  std::string file;
  uint64_t file_bytes = 0;
  int64_t modified = 0;     ///< microseconds
  uint64_t data_start = 0;  ///< a line begins here, the first that is read at all
  uint64_t first_byte = 0;
  uint64_t end_byte = 0;
  LineDialect dialect;
};

/// A name by which the file system below opens the range.
std::string PathOf(const TextRange& range);

/// Whether each line of `lines`, the first of which begins where a record does, is a record: of
/// CSV, that no line break is within quotes; of JSON, that a line is one object, or blank. Says no,
/// too, where it takes more than this to know: a quote within a value that has none around it, a
/// carriage return that does not end a line where all do.
bool LinesAreRecords(std::string_view lines, const LineDialect& dialect);

/// Makes an instance open such names. Each range is held in memory as long as it is open, and is
/// not opened when its lines are not records: since a range takes for granted that its first line
/// is one, all ranges of a file together prove it.
void RegisterTextRanges(duckdb::DatabaseInstance& instance);

/// What the names begin with, where instances that have RegisterTextRanges must be allowed to read.
/// Like an absolute path: DuckDB takes other names for relative ones when it allows them.
inline constexpr const char* kTextRanges = "/.skein-ranges/";

}  // namespace skein::distributed
