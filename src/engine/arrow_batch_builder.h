#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "duckdb/common/arrow/arrow_appender.hpp"
#include "duckdb/common/arrow/arrow_type_extension.hpp"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/main/client_properties.hpp"

#include "common/cancellation.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace skein::engine {

/// What turns DuckDB's chunks into batches of one schema; made once for a prepared statement.
struct ArrowShape {
  std::shared_ptr<arrow::Schema> schema;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<duckdb::LogicalType> transport;
  /// Some column's transport type differs from its type.
  bool casts = false;
  /// The zone that the fields of TIMESTAMPTZ name; empty if there are none.
  std::string time_zone;
  duckdb::ClientProperties properties;
  duckdb::unordered_map<duckdb::idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>
      extensions;
};

/// Gathers chunks into record batches of about kBatchBytes or kBatchRows; a batch is ended early
/// once its first rows have waited kBatchWait for the rest. Rows with huge values get a batch for
/// themselves when they must. One thread at a time. Throws DuckDB's exceptions.
class ArrowBatchBuilder {
 public:
  static constexpr size_t kBatchBytes = size_t{2} << 20;
  static constexpr size_t kBatchRows = 65536;
  static constexpr std::chrono::milliseconds kBatchWait{20};

  explicit ArrowBatchBuilder(std::shared_ptr<const ArrowShape> shape);

  using Emit = std::function<void(std::shared_ptr<arrow::RecordBatch>)>;
  /// Adds the chunk's rows and gives `emit` the batches that they fill.
  void Append(duckdb::ClientContext& context, duckdb::DataChunk& chunk, const Emit& emit);
  /// Gives `emit` what is left, if anything.
  void Flush(const Emit& emit);

 private:
  void AppendRows(duckdb::DataChunk& chunk, duckdb::idx_t begin, duckdb::idx_t end, size_t bytes);

  std::shared_ptr<const ArrowShape> shape_;
  size_t row_bytes_;
  bool variable_;  ///< some values have a size of their own
  std::optional<duckdb::ArrowAppender> appender_;
  size_t rows_ = 0;
  size_t bytes_ = 0;
  Clock::time_point started_;
};

}  // namespace skein::engine
