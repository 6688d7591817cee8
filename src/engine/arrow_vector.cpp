#include "engine/arrow_vector.h"

#include <cstring>

#include "duckdb/common/exception.hpp"
#include <arrow/array/data.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

namespace skein::engine {
namespace {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::ListVector;
using duckdb::LogicalType;
using duckdb::Vector;

void FillValidity(const arrow::ArrayData& array, int64_t begin, idx_t count, Vector& vector) {
  if (!array.MayHaveNulls() || array.GetNullCount() == 0) return;
  const uint8_t* bits = array.buffers[0]->data();
  auto& validity = FlatVector::Validity(vector);
  for (idx_t i = 0; i < count; ++i) {
    if (!arrow::bit_util::GetBit(bits, array.offset + begin + static_cast<int64_t>(i)))
      validity.SetInvalid(i);
  }
}

void FillFixed(const arrow::ArrayData& array, int64_t begin, idx_t count, size_t width,
               Vector& vector) {
  const uint8_t* values = array.buffers[1]->data();
  std::memcpy(FlatVector::GetData(vector),
              values + static_cast<size_t>(array.offset + begin) * width, count * width);
}

template <typename Narrow>
void FillDecimal(const arrow::ArrayData& array, int64_t begin, idx_t count, Vector& vector) {
  // A decimal that fits is in the low bytes, whatever its sign.
  constexpr size_t kStored = 16;
  const uint8_t* values =
      array.buffers[1]->data() + static_cast<size_t>(array.offset + begin) * kStored;
  auto* out = FlatVector::GetData<Narrow>(vector);
  for (idx_t i = 0; i < count; ++i) std::memcpy(&out[i], values + i * kStored, sizeof(Narrow));
}

void FillDecimals(const arrow::ArrayData& array, int64_t begin, idx_t count, Vector& vector) {
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return FillDecimal<int16_t>(array, begin, count, vector);
    case duckdb::PhysicalType::INT32:
      return FillDecimal<int32_t>(array, begin, count, vector);
    case duckdb::PhysicalType::INT64:
      return FillDecimal<int64_t>(array, begin, count, vector);
    default:
      return FillFixed(array, begin, count, sizeof(duckdb::hugeint_t), vector);
  }
}

void FillStrings(const arrow::ArrayData& array, int64_t begin, idx_t count, Vector& vector) {
  const auto* ends = array.GetValues<int32_t>(1) + begin;
  const char* characters =
      array.buffers[2] == nullptr ? "" : reinterpret_cast<const char*>(array.buffers[2]->data());
  auto* out = FlatVector::GetData<duckdb::string_t>(vector);
  for (idx_t i = 0; i < count; ++i) {
    out[i] = duckdb::string_t(characters + ends[i], static_cast<uint32_t>(ends[i + 1] - ends[i]));
  }
}

void FillLists(const arrow::ArrayData& array, int64_t begin, idx_t count, Vector& vector) {
  const auto* ends = array.GetValues<int32_t>(1) + begin;
  auto* out = FlatVector::GetData<duckdb::list_entry_t>(vector);
  for (idx_t i = 0; i < count; ++i) {
    out[i].offset = static_cast<idx_t>(ends[i] - ends[0]);
    out[i].length = static_cast<idx_t>(ends[i + 1] - ends[i]);
  }
  auto elements = static_cast<idx_t>(ends[count] - ends[0]);
  ListVector::Reserve(vector, elements);
  ListVector::SetListSize(vector, elements);
  FillVector(*array.child_data[0], ends[0], elements, ListVector::GetEntry(vector));
}

}  // namespace

LogicalType TypeOfArrow(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL:
      return LogicalType::BOOLEAN;
    case arrow::Type::INT8:
      return LogicalType::TINYINT;
    case arrow::Type::INT16:
      return LogicalType::SMALLINT;
    case arrow::Type::INT32:
      return LogicalType::INTEGER;
    case arrow::Type::INT64:
      return LogicalType::BIGINT;
    case arrow::Type::UINT8:
      return LogicalType::UTINYINT;
    case arrow::Type::UINT16:
      return LogicalType::USMALLINT;
    case arrow::Type::UINT32:
      return LogicalType::UINTEGER;
    case arrow::Type::UINT64:
      return LogicalType::UBIGINT;
    case arrow::Type::FLOAT:
      return LogicalType::FLOAT;
    case arrow::Type::DOUBLE:
      return LogicalType::DOUBLE;
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(type);
      return LogicalType::DECIMAL(static_cast<uint8_t>(decimal.precision()),
                                  static_cast<uint8_t>(decimal.scale()));
    }
    case arrow::Type::STRING:
      return LogicalType::VARCHAR;
    case arrow::Type::BINARY:
      return LogicalType::BLOB;
    case arrow::Type::DATE32:
      return LogicalType::DATE;
    case arrow::Type::TIME64:
      return LogicalType::TIME;
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty()
                 ? LogicalType::TIMESTAMP
                 : LogicalType::TIMESTAMP_TZ;
    case arrow::Type::LIST:
      return LogicalType::LIST(TypeOfArrow(*type.field(0)->type()));
    default:
      throw duckdb::InternalException("Arrow's type %s is not taken into a table", type.ToString());
  }
}

void FillVector(const arrow::ArrayData& array, int64_t begin, idx_t count, Vector& vector) {
  if (count == 0) return;
  FillValidity(array, begin, count, vector);
  switch (array.type->id()) {
    case arrow::Type::BOOL: {
      auto* out = FlatVector::GetData<bool>(vector);
      const uint8_t* bits = array.buffers[1]->data();
      for (idx_t i = 0; i < count; ++i)
        out[i] = arrow::bit_util::GetBit(bits, array.offset + begin + static_cast<int64_t>(i));
      return;
    }
    case arrow::Type::DECIMAL128:
      return FillDecimals(array, begin, count, vector);
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return FillStrings(array, begin, count, vector);
    case arrow::Type::LIST:
      return FillLists(array, begin, count, vector);
    default:
      return FillFixed(array, begin, count, static_cast<size_t>(array.type->byte_width()), vector);
  }
}

}  // namespace skein::engine
