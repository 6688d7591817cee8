#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/execution/expression_executor_state.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/function/scalar_function.hpp"

#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {

/// The arguments of one row and the place of its result, for functions written row by row.
/// Arguments are BIGINT, BOOLEAN or VARCHAR.
class RowCall {
 public:
  RowCall(duckdb::DataChunk& arguments, duckdb::Vector& result) : result_(result) {
    formats_.resize(arguments.ColumnCount());
    for (size_t i = 0; i < formats_.size(); ++i)
      arguments.data[i].ToUnifiedFormat(arguments.size(), formats_[i]);
  }
  void Start(duckdb::idx_t row) { row_ = row; }
  size_t Count() const { return formats_.size(); }
  bool IsNull(size_t i) const { return !formats_[i].validity.RowIsValid(Index(i)); }
  int64_t Int(size_t i) const {
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(formats_[i])[Index(i)];
  }
  uint32_t Oid(size_t i) const { return static_cast<uint32_t>(Int(i)); }
  bool Bool(size_t i) const {
    return duckdb::UnifiedVectorFormat::GetData<bool>(formats_[i])[Index(i)];
  }
  std::string_view Text(size_t i) const {
    const auto& text =
        duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats_[i])[Index(i)];
    return {text.GetData(), text.GetSize()};
  }

  void Null() { duckdb::FlatVector::SetNull(result_, row_, true); }
  void Return(std::string_view text) {
    duckdb::FlatVector::GetData<duckdb::string_t>(result_)[row_] =
        duckdb::StringVector::AddString(result_, text.data(), text.size());
  }
  void Return(const std::string& text) { Return(std::string_view(text)); }
  void Return(bool value) { duckdb::FlatVector::GetData<bool>(result_)[row_] = value; }
  void Return(uint32_t value) { duckdb::FlatVector::GetData<uint32_t>(result_)[row_] = value; }
  void Return(int32_t value) { duckdb::FlatVector::GetData<int32_t>(result_)[row_] = value; }
  void Return(int64_t value) { duckdb::FlatVector::GetData<int64_t>(result_)[row_] = value; }
  void Return(const duckdb::Value& value) { result_.SetValue(row_, value); }

 private:
  duckdb::idx_t Index(size_t i) const { return formats_[i].sel->get_index(row_); }
  std::vector<duckdb::UnifiedVectorFormat> formats_;
  duckdb::Vector& result_;
  duckdb::idx_t row_ = 0;
};

/// DuckDB takes an internal error for its end and refuses every statement after it. An odd object
/// in the catalogue is no reason for that.
template <typename Work>
void WithoutInternalErrors(Work work) {
  try {
    work();
  } catch (const duckdb::InternalException& error) {
    throw duckdb::InvalidInputException("the catalogue cannot be read: %s",
                                        duckdb::ErrorData(error).RawMessage());
  }
}

enum class Nulls { kGiveNull, kAreSeen };

/// One overload. `body(RowCall&, ClientContext&)` returns its result through the call.
template <typename Body>
duckdb::ScalarFunction RowFunction(std::string name, duckdb::vector<duckdb::LogicalType> arguments,
                                   duckdb::LogicalType returns, Body body,
                                   Nulls nulls = Nulls::kGiveNull) {
  duckdb::ScalarFunction function(
      std::move(name), std::move(arguments), std::move(returns),
      [body, nulls](duckdb::DataChunk& input, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
        bool constant = input.ColumnCount() > 0 && input.AllConstant();
        duckdb::idx_t count = constant ? 1 : input.size();
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        RowCall call(input, result);
        duckdb::ClientContext& context = state.GetContext();
        for (duckdb::idx_t row = 0; row < count; ++row) {
          call.Start(row);
          bool null = false;
          for (size_t i = 0; nulls == Nulls::kGiveNull && i < call.Count(); ++i)
            null = null || call.IsNull(i);
          if (null) {
            call.Null();
          } else {
            WithoutInternalErrors([&] { body(call, context); });
          }
        }
        if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      });
  function.SetStability(duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
  if (nulls == Nulls::kAreSeen)
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetFallible();
  return function;
}

}  // namespace skein::engine::postgres_catalog
