#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "results/copy_decoder.h"

namespace skein::engine {

/// A table as the catalogue has it. Columns that are computed from others are marked.
struct TableDescription {
  struct Column {
    std::string name;
    std::string type;  ///< as DuckDB prints it
    bool has_default = false;
    bool generated = false;
  };
  std::string catalog;
  std::string schema;
  std::string name;
  std::vector<Column> columns;
};

/// What rows are written to.
struct WriteTarget {
  /// [catalog,] [schema,] name.
  std::vector<std::string> table;
  /// Empty means all that are not computed.
  std::vector<std::string> columns;
  /// A condition that rows must meet to be inserted, as the client wrote it; may be empty.
  std::string where;
};

/// Puts rows into a table, in the transaction that is open (there must be one: rows are inserted in
/// several statements).
///
/// Lifecycle: Append any number of times, Finish once. It gathers rows up to a bound and inserts
/// them when that is reached; Append then blocks for it. What the target's columns cannot take
/// (an enum's wrong label, text that is no JSON) is an error of the row, with its CONTEXT; a
/// constraint that does not hold is one of the insert. Not thread-safe; must be gone before its
/// connection.
class TableWriter {
 public:
  virtual ~TableWriter() = default;

  /// The table's name without its schema, for messages.
  virtual const std::string& table() const = 0;
  /// The columns that are filled, in the order in which rows have them.
  virtual const std::vector<results::CopyTarget>& columns() const = 0;

  /// `skip_wrong_rows`: rows with a value that its column does not take are left out.
  virtual Status Append(const results::CopyRows& rows, bool skip_wrong_rows) = 0;
  /// Inserts what is left; how many rows were inserted in all.
  virtual Result<int64_t> Finish() = 0;
  /// Rows left out so far, those that came marked as such too.
  virtual int64_t skipped() const = 0;
};

}  // namespace skein::engine
