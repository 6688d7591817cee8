#include "engine/postgres_catalog/rows.h"

#include "duckdb/common/types/vector.hpp"

namespace skein::engine::postgres_catalog {

duckdb::Vector* RowWriter::Next() {
  size_t column = column_++;
  if (column >= slots_.size() || slots_[column] < 0) return nullptr;
  return &out_.data[static_cast<size_t>(slots_[column])];
}

namespace {

/// PostgreSQL writes arrays {1,2} and vectors 1 2; DuckDB reads [1,2].
std::string AsDuckdbText(std::string_view value, const duckdb::LogicalType& type) {
  std::string text(value);
  if (type.id() != duckdb::LogicalTypeId::LIST) return text;
  if (text.starts_with('{')) return "[" + text.substr(1, text.size() - 2) + "]";
  for (char& c : text) c = c == ' ' ? ',' : c;
  return "[" + text + "]";
}

template <typename From>
void PutNumber(duckdb::Vector& vector, duckdb::idx_t row, From value) {
  using duckdb::FlatVector;
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::BOOL:
      FlatVector::GetData<bool>(vector)[row] = value != 0;
      return;
    case duckdb::PhysicalType::INT16:
      FlatVector::GetData<int16_t>(vector)[row] = static_cast<int16_t>(value);
      return;
    case duckdb::PhysicalType::INT32:
      FlatVector::GetData<int32_t>(vector)[row] = static_cast<int32_t>(value);
      return;
    case duckdb::PhysicalType::UINT32:
      FlatVector::GetData<uint32_t>(vector)[row] = static_cast<uint32_t>(value);
      return;
    case duckdb::PhysicalType::INT64:
      FlatVector::GetData<int64_t>(vector)[row] = static_cast<int64_t>(value);
      return;
    case duckdb::PhysicalType::FLOAT:
      FlatVector::GetData<float>(vector)[row] = static_cast<float>(value);
      return;
    case duckdb::PhysicalType::DOUBLE:
      FlatVector::GetData<double>(vector)[row] = static_cast<double>(value);
      return;
    default:
      vector.SetValue(row, duckdb::Value::DOUBLE(static_cast<double>(value)));
  }
}
}  // namespace

RowWriter& RowWriter::Number(int64_t value) {
  if (duckdb::Vector* vector = Next()) PutNumber(*vector, row_, value);
  return *this;
}

RowWriter& RowWriter::Number(double value) {
  if (duckdb::Vector* vector = Next()) PutNumber(*vector, row_, value);
  return *this;
}

RowWriter& RowWriter::Text(std::string_view value) {
  if (duckdb::Vector* vector = Next()) {
    if (vector->GetType().InternalType() == duckdb::PhysicalType::VARCHAR) {
      duckdb::FlatVector::GetData<duckdb::string_t>(*vector)[row_] =
          duckdb::StringVector::AddString(*vector, value.data(), value.size());
    } else {
      vector->SetValue(
          row_,
          duckdb::Value(AsDuckdbText(value, vector->GetType())).DefaultCastAs(vector->GetType()));
    }
  }
  return *this;
}

RowWriter& RowWriter::Null() {
  if (duckdb::Vector* vector = Next()) duckdb::FlatVector::SetNull(*vector, row_, true);
  return *this;
}

RowWriter& RowWriter::Nulls(int count) {
  for (int i = 0; i < count; ++i) Null();
  return *this;
}

RowWriter& RowWriter::Value(const duckdb::Value& value) {
  if (duckdb::Vector* vector = Next()) vector->SetValue(row_, value);
  return *this;
}

RowWriter& RowWriter::Smallints(const std::vector<int16_t>& values) {
  if (!Wanted()) return Null();
  duckdb::vector<duckdb::Value> list;
  for (int16_t value : values) list.push_back(duckdb::Value::SMALLINT(value));
  return Value(duckdb::Value::LIST(duckdb::LogicalType::SMALLINT, std::move(list)));
}

RowWriter& RowWriter::Oids(const std::vector<uint32_t>& values) {
  if (!Wanted()) return Null();
  duckdb::vector<duckdb::Value> list;
  for (uint32_t value : values) list.push_back(duckdb::Value::UINTEGER(value));
  return Value(duckdb::Value::LIST(duckdb::LogicalType::UINTEGER, std::move(list)));
}

void Restriction::Add(const std::string& column, std::vector<duckdb::Value> values) {
  std::unordered_set<uint32_t> numbers;
  std::unordered_set<std::string> texts;
  bool text = false;
  for (const duckdb::Value& value : values) {
    if (value.IsNull()) continue;
    if (value.type().InternalType() == duckdb::PhysicalType::VARCHAR) {
      text = true;
      texts.insert(duckdb::StringValue::Get(value));
    } else {
      duckdb::Value number;
      std::string error;
      if (value.DefaultTryCastAs(duckdb::LogicalType::UINTEGER, number, &error))
        numbers.insert(number.GetValue<uint32_t>());
    }
  }
  // Two conditions on one column: either is right as a hint, the one of fewer values is better.
  auto keep = [&](auto& known, auto& values_of_column) {
    auto [found, added] = known.try_emplace(column);
    if (added || values_of_column.size() < found->second.size())
      found->second = std::move(values_of_column);
  };
  if (text) {
    keep(texts_, texts);
  } else {
    keep(numbers_, numbers);
  }
}

bool Restriction::Admits(const char* column, uint32_t value) const {
  auto found = numbers_.find(column);
  return found == numbers_.end() || found->second.contains(value);
}

bool Restriction::Admits(const char* column, const std::string& value) const {
  auto found = texts_.find(column);
  return found == texts_.end() || found->second.contains(value);
}

OpenRows FindRows(std::string_view schema, std::string_view name) {
  std::string qualified =
      schema == "pg_catalog" ? std::string(name) : std::string(schema) + "." + std::string(name);
  for (const auto* group : {&RelationRows(), &ConstraintRows(), &TypeRows(), &ServerRows()}) {
    for (const NamedRows& rows : *group) {
      if (rows.name == qualified) return rows.open;
    }
  }
  return nullptr;
}

}  // namespace skein::engine::postgres_catalog
