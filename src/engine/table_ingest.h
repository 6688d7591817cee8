#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <arrow/type_fwd.h>

#include "common/status.h"

namespace skein::engine {

/// The table that Arrow batches go to, and what is done when it is there or not.
struct IngestTarget {
  enum class IfMissing { kFail, kCreate };
  enum class IfExists { kFail, kAppend, kReplace };

  std::string catalog;  ///< empty: as a name without one is looked up
  std::string schema;   ///< the same
  std::string table;
  bool temporary = false;
  IfMissing if_missing = IfMissing::kFail;
  IfExists if_exists = IfExists::kAppend;
};

/// Puts Arrow batches into a table, in the transaction that is open (there must be one: the table
/// may be made, and rows are inserted in several statements).
///
/// Columns go by name; those of the table that the batches have not get their default. Values are
/// cast to the table's types as INSERT casts them. A table that is made has the types that Arrow's
/// become, or those that the fields' metadata names (results::kTypeMetadataKey, as results have it)
/// where their values travel like this; and it takes NULLs.
///
/// Lifecycle: Append any number of times, Finish once. Rows are gathered up to a bound and then
/// inserted; Append blocks for it. Batches may come from anybody: what does not hold together is an
/// error (22P03). After an error the transaction is to be rolled back. Not thread-safe; must be
/// gone before its connection.
class TableIngest {
 public:
  virtual ~TableIngest() = default;
  /// Precondition: the batch has the schema that the ingest was started with.
  virtual Status Append(const std::shared_ptr<arrow::RecordBatch>& batch) = 0;
  /// Inserts what is left; how many rows were inserted in all.
  virtual Result<int64_t> Finish() = 0;
};

}  // namespace skein::engine
