#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "results/field_type.h"

namespace skein::results {

/// One column for a test, with the DuckDB type the engine would name; an empty type leaves that
/// out.
struct TestColumn {
  std::string name;
  std::string type;
  std::shared_ptr<arrow::Array> array;
};

inline std::shared_ptr<arrow::RecordBatch> TestBatch(const std::vector<TestColumn>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const TestColumn& column : columns) {
    auto field = arrow::field(column.name, column.array->type());
    if (!column.type.empty())
      field = field->WithMetadata(arrow::key_value_metadata({kTypeMetadataKey}, {column.type}));
    fields.push_back(field);
    arrays.push_back(column.array);
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

/// An array from values; `valid` may be empty.
template <typename Builder, typename Value>
std::shared_ptr<arrow::Array> TestArray(Builder builder, const std::vector<Value>& values,
                                        const std::vector<bool>& valid = {}) {
  for (size_t i = 0; i < values.size(); ++i) {
    arrow::Status status =
        valid.empty() || valid[i] ? builder.Append(values[i]) : builder.AppendNull();
    if (!status.ok()) status.Abort();
  }
  return builder.Finish().ValueOrDie();
}

inline std::shared_ptr<arrow::Array> Strings(const std::vector<std::string>& values,
                                             const std::vector<bool>& valid = {}) {
  return TestArray(arrow::StringBuilder(), values, valid);
}
inline std::shared_ptr<arrow::Array> Int32s(const std::vector<int32_t>& values,
                                            const std::vector<bool>& valid = {}) {
  return TestArray(arrow::Int32Builder(), values, valid);
}
inline std::shared_ptr<arrow::Array> Doubles(const std::vector<double>& values) {
  return TestArray(arrow::DoubleBuilder(), values);
}
inline std::shared_ptr<arrow::Array> Timestamps(const std::vector<int64_t>& values,
                                                arrow::TimeUnit::type unit,
                                                const std::string& zone = "") {
  return TestArray(
      arrow::TimestampBuilder(arrow::timestamp(unit, zone), arrow::default_memory_pool()), values);
}
/// Lists over `values`, list i having the elements from bounds[i] to bounds[i + 1].
inline std::shared_ptr<arrow::Array> Lists(const std::vector<int32_t>& bounds,
                                           const std::shared_ptr<arrow::Array>& values,
                                           const std::string& element_type) {
  auto field = arrow::field("element", values->type());
  if (!element_type.empty()) {
    field = field->WithMetadata(arrow::key_value_metadata({kTypeMetadataKey}, {element_type}));
  }
  auto data =
      arrow::ArrayData::Make(arrow::list(field), static_cast<int64_t>(bounds.size()) - 1,
                             {nullptr, arrow::Buffer::FromVector(bounds)}, {values->data()}, 0);
  return arrow::MakeArray(data);
}

}  // namespace skein::results
