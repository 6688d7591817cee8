#pragma once

#include <memory>
#include <string>

#include "duckdb/common/arrow/arrow_type_extension.hpp"
#include "duckdb/main/client_properties.hpp"
#include "duckdb/main/query_result.hpp"

#include "common/cancellation.h"
#include "results/batch_stream.h"

namespace skein::engine {

/// What turns DuckDB's chunks into batches of one schema; made once for a prepared statement.
struct ArrowShape {
  std::shared_ptr<arrow::Schema> schema;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<duckdb::LogicalType> transport;
  /// Some column's transport type differs from its type.
  bool casts = false;
  std::string time_zone;
  duckdb::ClientProperties properties;
  duckdb::unordered_map<duckdb::idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>
      extensions;
};

/// Record batches pulled from an open DuckDB result.
///
/// A batch ends at about kBatchBytes or kBatchRows, or early once its first rows have waited
/// kBatchWait for the rest, so that the first rows of a slow query are not held back. The result is
/// closed, and DuckDB's buffers and transaction are released, at the end, at an error and when the
/// stream is destroyed.
class ArrowStream : public results::BatchStream {
 public:
  static constexpr size_t kBatchBytes = size_t{2} << 20;
  static constexpr size_t kBatchRows = 65536;
  static constexpr std::chrono::milliseconds kBatchWait{20};

  ArrowStream(duckdb::shared_ptr<duckdb::ClientContext> context,
              duckdb::unique_ptr<duckdb::QueryResult> result,
              std::shared_ptr<const ArrowShape> shape, std::shared_ptr<CancelToken> cancel,
              CancelToken::Registration registration);
  ~ArrowStream() override;

  const std::shared_ptr<arrow::Schema>& schema() const override { return shape_->schema; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Pull();
  void Close(bool finished);

  duckdb::shared_ptr<duckdb::ClientContext> context_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  std::shared_ptr<const ArrowShape> shape_;
  std::shared_ptr<CancelToken> cancel_;
  CancelToken::Registration registration_;
  /// A chunk that did not fit the batch before.
  duckdb::unique_ptr<duckdb::DataChunk> pending_;
  duckdb::idx_t pending_offset_ = 0;
  bool drained_ = false;
  Status end_;
};

}  // namespace skein::engine
