#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace skein::sql {

/// The options of COPY as they were written. Only the syntax was checked: which of them go together
/// and what values are allowed (one byte, not a letter, ...) is for whoever runs it to say.
struct CopyOptions {
  enum class Format { kText, kCsv, kBinary };
  enum class Header { kOff, kOn, kMatch };
  /// FORCE_QUOTE and the like: `*`, or names.
  struct Columns {
    bool all = false;
    std::vector<std::string> names;
    bool empty() const { return !all && names.empty(); }
  };

  Format format = Format::kText;
  bool freeze = false;
  Header header = Header::kOff;
  std::optional<std::string> delimiter;
  std::optional<std::string> null;
  std::optional<std::string> quote;
  std::optional<std::string> escape;
  std::optional<std::string> encoding;
  std::optional<std::string> default_value;  ///< DEFAULT 'text'
  Columns force_quote;
  Columns force_not_null;
  Columns force_null;
  bool ignore_errors = false;           ///< ON_ERROR ignore
  std::optional<int64_t> reject_limit;  ///< REJECT_LIMIT n
};

/// COPY between the client and a table or a query: `COPY ... TO STDOUT`, `COPY ... FROM STDIN`, in
/// the syntax with a list of options and in the one before PostgreSQL 9.0. COPY to and from files
/// is DuckDB's, and is not recognised.
struct CopyStatement {
  enum class Direction { kToStdout, kFromStdin };

  Direction direction = Direction::kToStdout;
  /// [catalog,] [schema,] name; empty when a query is copied.
  std::vector<std::string> table;
  /// As written; empty means all.
  std::vector<std::string> columns;
  /// The text between the parentheses of `COPY (query) TO STDOUT`, as the client wrote it.
  std::string query;
  /// Where `query` begins in the statement's text, in bytes.
  size_t query_offset = 0;
  /// The condition of COPY FROM ... WHERE, as the client wrote it; empty when there is none.
  std::string where;
  size_t where_offset = 0;
  CopyOptions options;
};

}  // namespace skein::sql
