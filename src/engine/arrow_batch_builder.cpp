#include "engine/arrow_batch_builder.h"

#include <algorithm>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/main/client_context.hpp"
#include <arrow/c/bridge.h>
#include <arrow/record_batch.h>

namespace skein::engine {
namespace {

using duckdb::idx_t;
using duckdb::PhysicalType;

/// Calls `add(row, value)` for every value of the column, NULLs left out.
template <typename T, typename Add>
void EachValue(duckdb::Vector& vector, idx_t count, Add add) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  for (idx_t row = 0; row < count; ++row) {
    idx_t index = format.sel->get_index(row);
    if (format.validity.RowIsValid(index)) add(row, values[index]);
  }
}

/// Calls `add(row, bytes)` for every string of the column.
template <typename Add>
void EachString(duckdb::Vector& vector, idx_t count, Add add) {
  EachValue<duckdb::string_t>(
      vector, count, [&](idx_t row, const duckdb::string_t& text) { add(row, text.GetSize()); });
}

/// Calls `add(row, elements)` for every list of the column.
template <typename Add>
void EachList(duckdb::Vector& vector, idx_t count, Add add) {
  EachValue<duckdb::list_entry_t>(vector, count, [&](idx_t row, const duckdb::list_entry_t& list) {
    add(row, static_cast<double>(list.length));
  });
}

/// The bytes of one of the values.
double AverageBytes(duckdb::Vector& vector, idx_t count) {
  if (count == 0) return 0;
  const auto values = static_cast<double>(count);
  double bytes = 0;
  switch (vector.GetType().InternalType()) {
    case PhysicalType::VARCHAR:
      EachString(vector, count, [&](idx_t, size_t size) { bytes += static_cast<double>(size); });
      return sizeof(uint32_t) + bytes / values;
    case PhysicalType::LIST: {
      double elements = 0;
      EachList(vector, count, [&](idx_t, double length) { elements += length; });
      return sizeof(uint32_t) + elements / values *
                                    AverageBytes(duckdb::ListVector::GetEntry(vector),
                                                 duckdb::ListVector::GetListSize(vector));
    }
    case PhysicalType::STRUCT:
    case PhysicalType::ARRAY: {
      // Others have not a part for each row.
      duckdb::Vector flat(vector.GetType());
      flat.Reference(vector);
      if (flat.GetVectorType() != duckdb::VectorType::FLAT_VECTOR) flat.Flatten(count);
      if (vector.GetType().InternalType() == PhysicalType::ARRAY) {
        const idx_t size = duckdb::ArrayType::GetSize(vector.GetType());
        return static_cast<double>(size) *
               AverageBytes(duckdb::ArrayVector::GetEntry(flat), count * size);
      }
      for (auto& part : duckdb::StructVector::GetEntries(flat)) bytes += AverageBytes(*part, count);
      return bytes;
    }
    default:
      return static_cast<double>(duckdb::GetTypeIdSize(vector.GetType().InternalType()));
  }
}

bool HasVariableSize(const duckdb::LogicalType& type) {
  return !duckdb::TypeIsConstantSize(type.InternalType());
}

/// Calls `add(row, bytes)` for what FixedRowBytes does not count: strings and lists one by one, the
/// rest as if it were alike in all rows.
template <typename Add>
void EachVariable(duckdb::DataChunk& chunk, Add add) {
  for (auto& vector : chunk.data) {
    if (!HasVariableSize(vector.GetType())) continue;
    if (vector.GetType().InternalType() == PhysicalType::VARCHAR) {
      EachString(vector, chunk.size(), add);
    } else if (vector.GetType().InternalType() == PhysicalType::LIST) {
      const double element = AverageBytes(duckdb::ListVector::GetEntry(vector),
                                          duckdb::ListVector::GetListSize(vector));
      EachList(vector, chunk.size(),
               [&](idx_t row, double length) { add(row, static_cast<size_t>(length * element)); });
    } else {
      const auto each = static_cast<size_t>(AverageBytes(vector, chunk.size()));
      for (idx_t row = 0; row < chunk.size(); ++row) add(row, each);
    }
  }
}

/// Width of a row without what is of a size of its own in each.
size_t FixedRowBytes(const duckdb::vector<duckdb::LogicalType>& types) {
  size_t bytes = 1;
  for (const auto& type : types)
    bytes += type.IsNested() ? sizeof(uint64_t) : duckdb::GetTypeIdSize(type.InternalType());
  return bytes;
}

}  // namespace

ArrowBatchBuilder::ArrowBatchBuilder(std::shared_ptr<const ArrowShape> shape)
    : shape_(std::move(shape)),
      row_bytes_(FixedRowBytes(shape_->transport)),
      variable_(std::any_of(shape_->transport.begin(), shape_->transport.end(), HasVariableSize)) {}

void ArrowBatchBuilder::AppendRows(duckdb::DataChunk& chunk, idx_t begin, idx_t end, size_t bytes) {
  if (!appender_) {
    // A short first chunk is nearly always the only one.
    idx_t capacity = chunk.size() < STANDARD_VECTOR_SIZE ? end - begin : kBatchRows / 4;
    appender_.emplace(shape_->transport, capacity, shape_->properties, shape_->extensions);
    started_ = Clock::now();
  }
  appender_->Append(chunk, begin, end, chunk.size());
  rows_ += end - begin;
  bytes_ += bytes;
}

void ArrowBatchBuilder::Append(duckdb::ClientContext& context, duckdb::DataChunk& chunk,
                               const Emit& emit) {
  duckdb::DataChunk cast;
  duckdb::DataChunk* rows = &chunk;
  if (shape_->casts) {
    cast.Initialize(context, shape_->transport, chunk.size());
    for (idx_t i = 0; i < chunk.ColumnCount(); ++i) {
      if (shape_->types[i] == shape_->transport[i]) {
        cast.data[i].Reference(chunk.data[i]);
      } else {
        duckdb::VectorOperations::Cast(context, chunk.data[i], cast.data[i], chunk.size());
      }
    }
    cast.SetCardinality(chunk.size());
    rows = &cast;
  }
  size_t added = rows->size() * row_bytes_;
  if (variable_) EachVariable(*rows, [&](idx_t, size_t size) { added += size; });
  if (bytes_ + added <= 2 * kBatchBytes) {
    AppendRows(*rows, 0, rows->size(), added);
  } else {
    // Huge values: as many rows to a batch as fit, at least one.
    Flush(emit);
    std::vector<size_t> per_row(rows->size(), row_bytes_);
    EachVariable(*rows, [&](idx_t row, size_t size) { per_row[row] += size; });
    for (idx_t begin = 0; begin < rows->size();) {
      idx_t end = begin;
      size_t bytes = 0;
      while (end < rows->size() && (end == begin || bytes + per_row[end] <= 2 * kBatchBytes))
        bytes += per_row[end++];
      AppendRows(*rows, begin, end, bytes);
      begin = end;
      if (begin < rows->size()) Flush(emit);
    }
  }
  if (rows_ >= kBatchRows || bytes_ >= kBatchBytes || Clock::now() - started_ > kBatchWait)
    Flush(emit);
}

void ArrowBatchBuilder::Flush(const Emit& emit) {
  if (!appender_) return;
  ArrowArray array = appender_->Finalize();
  appender_.reset();
  rows_ = 0;
  bytes_ = 0;
  auto batch = arrow::ImportRecordBatch(&array, shape_->schema);
  if (!batch.ok()) {
    throw duckdb::InternalException("Arrow refused a batch of the engine: " +
                                    batch.status().message());
  }
  emit(*std::move(batch));
}

}  // namespace skein::engine
