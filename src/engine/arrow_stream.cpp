#include "engine/arrow_stream.h"

#include <optional>

#include "duckdb/common/arrow/arrow_appender.hpp"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/main/client_context.hpp"
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>

#include "engine/duckdb_error.h"

namespace skein::engine {
namespace {

/// Bytes that rows [begin, end) of the chunk will take in Arrow, near enough to size a batch: long
/// strings count, the rest by width. Nested values count as their string heap would, which DuckDB
/// keeps per child; a flat guess serves.
size_t StringBytes(duckdb::Vector& vector, duckdb::idx_t count, std::vector<size_t>* per_row) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const auto* strings = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  size_t total = 0;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    duckdb::idx_t index = format.sel->get_index(row);
    if (!format.validity.RowIsValid(index)) continue;
    size_t size = strings[index].GetSize();
    total += size;
    (*per_row)[row] += size;
  }
  return total;
}

/// Per-row string bytes of a chunk, and their sum.
size_t MeasureStrings(duckdb::DataChunk& chunk, std::vector<size_t>* per_row) {
  per_row->assign(chunk.size(), 0);
  size_t total = 0;
  for (auto& vector : chunk.data) {
    if (vector.GetType().InternalType() == duckdb::PhysicalType::VARCHAR) {
      total += StringBytes(vector, chunk.size(), per_row);
    }
  }
  return total;
}

size_t FixedRowBytes(const duckdb::vector<duckdb::LogicalType>& types) {
  size_t bytes = 0;
  for (const auto& type : types) {
    bytes += type.IsNested() ? 64 : duckdb::GetTypeIdSize(type.InternalType());
  }
  return bytes;
}

}  // namespace

ArrowStream::ArrowStream(duckdb::shared_ptr<duckdb::ClientContext> context,
                         duckdb::unique_ptr<duckdb::QueryResult> result,
                         std::shared_ptr<const ArrowShape> shape,
                         std::shared_ptr<CancelToken> cancel,
                         CancelToken::Registration registration)
    : context_(std::move(context)),
      result_(std::move(result)),
      shape_(std::move(shape)),
      cancel_(std::move(cancel)),
      registration_(std::move(registration)) {}

ArrowStream::~ArrowStream() { Close(false); }

void ArrowStream::Close(bool finished) {
  registration_.Detach();
  pending_.reset();
  if (!result_) return;
  bool streaming = result_->type == duckdb::QueryResultType::STREAM_RESULT;
  result_.reset();
  if (finished || !streaming) return;
  try {
    // DuckDB keeps an abandoned query, its tasks and its transaction until the connection's next
    // statement; asking for none at all is the way to make it let go now.
    context_->Interrupt();
    (void)context_->PendingQuery(std::string(), duckdb::QueryParameters());
  } catch (...) {
    (void)FromCurrentException();
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> ArrowStream::Next() {
  if (!result_) {
    if (!end_.ok()) return end_;
    return std::shared_ptr<arrow::RecordBatch>();
  }
  auto batch = Pull();
  if (!batch.ok()) {
    end_ = batch.status();
    Close(false);
  } else if (!*batch) {
    Close(true);
  }
  return batch;
}

Result<std::shared_ptr<arrow::RecordBatch>> ArrowStream::Pull() {
  std::optional<duckdb::ArrowAppender> appender;
  duckdb::DataChunk cast;
  std::vector<size_t> string_bytes;
  const size_t row_bytes = FixedRowBytes(shape_->transport) + 1;
  size_t rows = 0;
  size_t bytes = 0;
  Clock::time_point started;
  try {
    while (rows < kBatchRows && bytes < kBatchBytes) {
      if (cancel_->cancelled()) return cancel_->status();
      if (!pending_) {
        // Asking DuckDB again after the last chunk is an error.
        if (drained_) break;
        pending_ = result_->Fetch();
        pending_offset_ = 0;
        if (result_->HasError()) {
          if (cancel_->cancelled()) return cancel_->status();
          return FromDuckdb(result_->GetErrorObject());
        }
        if (!pending_ || pending_->size() == 0) {
          pending_.reset();
          drained_ = true;
          break;
        }
        if (shape_->casts) {
          cast.Destroy();
          cast.Initialize(*context_, shape_->transport, pending_->size());
          for (duckdb::idx_t i = 0; i < pending_->ColumnCount(); ++i) {
            if (shape_->types[i] == shape_->transport[i]) {
              cast.data[i].Reference(pending_->data[i]);
            } else {
              duckdb::VectorOperations::Cast(*context_, pending_->data[i], cast.data[i],
                                             pending_->size());
            }
          }
          cast.SetCardinality(pending_->size());
          pending_->Move(cast);
        }
      }
      duckdb::idx_t begin = pending_offset_;
      duckdb::idx_t end = pending_->size();
      size_t added = (end - begin) * row_bytes + MeasureStrings(*pending_, &string_bytes);
      if (bytes + added > 2 * kBatchBytes) {
        // Huge strings: as many rows as fit, at least one.
        added = 0;
        duckdb::idx_t row = begin;
        while (row < end &&
               (row == begin || bytes + added + string_bytes[row] + row_bytes <= 2 * kBatchBytes)) {
          added += string_bytes[row] + row_bytes;
          ++row;
        }
        end = row;
      }
      if (rows > 0 && bytes + added > 2 * kBatchBytes) break;
      if (!appender) {
        // A short first chunk is nearly always the only one.
        duckdb::idx_t capacity =
            pending_->size() < STANDARD_VECTOR_SIZE ? end - begin : kBatchRows / 4;
        appender.emplace(shape_->transport, capacity, shape_->properties, shape_->extensions);
        started = Clock::now();
      }
      appender->Append(*pending_, begin, end, pending_->size());
      rows += end - begin;
      bytes += added;
      bool whole = end == pending_->size();
      pending_offset_ = end;
      if (whole) pending_.reset();
      if (Clock::now() - started > kBatchWait) break;
    }
    if (rows == 0) return std::shared_ptr<arrow::RecordBatch>();
    ArrowArray array = appender->Finalize();
    auto batch = arrow::ImportRecordBatch(&array, shape_->schema);
    if (!batch.ok())
      return errors::Internal("Arrow refused a batch of the engine: " + batch.status().message());
    return *std::move(batch);
  } catch (...) {
    if (cancel_->cancelled()) return cancel_->status();
    return FromCurrentException();
  }
}

}  // namespace skein::engine
