#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/types/value.hpp"

#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {

/// Writes one row of a relation, column after column in the order of its definition. Columns that
/// the query does not need are passed over.
class RowWriter {
 public:
  RowWriter(duckdb::DataChunk& out, const std::vector<int>& slots) : out_(out), slots_(slots) {}
  void Start(duckdb::idx_t row) {
    row_ = row;
    column_ = 0;
  }
  /// Whether the next column is asked for: look before computing what is dear.
  bool Wanted() const { return column_ < slots_.size() && slots_[column_] >= 0; }

  /// Any number or boolean, as the column's own type.
  RowWriter& Number(double value);
  RowWriter& Number(int64_t value);
  RowWriter& Number(uint32_t value) { return Number(static_cast<int64_t>(value)); }
  RowWriter& Number(int value) { return Number(static_cast<int64_t>(value)); }
  RowWriter& Bool(bool value) { return Number(static_cast<int64_t>(value)); }
  RowWriter& Text(std::string_view value);
  RowWriter& Char(char value) { return Text(std::string_view(&value, 1)); }
  /// Empty is NULL.
  RowWriter& TextOrNull(std::string_view value) { return value.empty() ? Null() : Text(value); }
  RowWriter& Null();
  RowWriter& Nulls(int count);
  RowWriter& Value(const duckdb::Value& value);
  RowWriter& Smallints(const std::vector<int16_t>& values);
  RowWriter& Oids(const std::vector<uint32_t>& values);

 private:
  duckdb::Vector* Next();
  duckdb::DataChunk& out_;
  const std::vector<int>& slots_;
  duckdb::idx_t row_ = 0;
  size_t column_ = 0;
};

/// What the query asks of a column by `=` or IN: a hint, rows that do not fit may be given all the
/// same.
class Restriction {
 public:
  void Add(const std::string& column, std::vector<duckdb::Value> values);
  /// Whether a row with this value may be wanted.
  bool Admits(const char* column, uint32_t value) const;
  bool Admits(const char* column, const std::string& value) const;
  bool Has(const char* column) const {
    return numbers_.contains(column) || texts_.contains(column);
  }

 private:
  std::map<std::string, std::unordered_set<uint32_t>, std::less<>> numbers_;
  std::map<std::string, std::unordered_set<std::string>, std::less<>> texts_;
};

/// The rows of one relation for one scan. Used by one thread.
class CatalogRows {
 public:
  virtual ~CatalogRows() = default;
  virtual size_t Count() const = 0;
  virtual void Write(size_t index, RowWriter& row) = 0;
};

using OpenRows = std::unique_ptr<CatalogRows> (*)(duckdb::ClientContext& context,
                                                  const std::shared_ptr<Snapshot>& snapshot,
                                                  const Restriction& restriction);

/// How a relation's rows are made; null: it has none, or they are in data/<name>.tsv.
OpenRows FindRows(std::string_view schema, std::string_view name);

/// Each of these files gives its relations' rows.
struct NamedRows {
  std::string_view name;
  OpenRows open;
};
const std::vector<NamedRows>& RelationRows();
const std::vector<NamedRows>& ConstraintRows();
const std::vector<NamedRows>& TypeRows();
const std::vector<NamedRows>& ServerRows();

/// Rows over `indexes`, written by a function: enough for nearly all relations.
template <typename WriteFunction>
class RowsOf : public CatalogRows {
 public:
  RowsOf(size_t count, WriteFunction write) : count_(count), write_(std::move(write)) {}
  size_t Count() const override { return count_; }
  void Write(size_t index, RowWriter& row) override { write_(index, row); }

 private:
  size_t count_;
  WriteFunction write_;
};
template <typename WriteFunction>
std::unique_ptr<CatalogRows> MakeRows(size_t count, WriteFunction write) {
  return std::make_unique<RowsOf<WriteFunction>>(count, std::move(write));
}

}  // namespace skein::engine::postgres_catalog
