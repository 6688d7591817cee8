// How long arrays are in each dimension, and their text: DuckDB has lists of lists.

#include <optional>
#include <string>
#include <vector>

#include "duckdb/common/string_util.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"

#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using duckdb::Vector;

const duckdb::vector<Value>& Elements(const Value& list) {
  return list.type().id() == LogicalTypeId::ARRAY ? duckdb::ArrayValue::GetChildren(list)
                                                  : duckdb::ListValue::GetChildren(list);
}

bool IsList(const Value& value) {
  return !value.IsNull() &&
         (value.type().id() == LogicalTypeId::LIST || value.type().id() == LogicalTypeId::ARRAY);
}

/// The lengths, outermost first; an empty array has no dimension.
std::vector<int32_t> Dimensions(const Value& array) {
  std::vector<int32_t> lengths;
  const Value* current = &array;
  while (IsList(*current)) {
    const auto& elements = Elements(*current);
    if (elements.empty()) break;
    lengths.push_back(static_cast<int32_t>(elements.size()));
    current = &elements[0];
  }
  return lengths;
}

int64_t CountElements(const Value& value) {
  if (!IsList(value)) return 1;
  int64_t count = 0;
  for (const Value& element : Elements(value)) count += CountElements(element);
  return count;
}

/// Calls `row(values)` where no argument is NULL.
template <class Row>
duckdb::scalar_function_t Rows(Row row) {
  return [row](DataChunk& arguments, ExpressionState&, Vector& result) {
    for (duckdb::idx_t i = 0; i < arguments.size(); ++i) {
      std::vector<Value> values;
      bool null = false;
      for (auto& column : arguments.data) {
        values.push_back(column.GetValue(i));
        null = null || values.back().IsNull();
      }
      result.SetValue(i, null ? Value(result.GetType()) : row(values));
    }
    if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  };
}

/// The usual question, length of the first dimension, without making a Value of the array.
void LengthOf(DataChunk& arguments, ExpressionState& state, Vector& result) {
  auto& list = arguments.data[0];
  bool first = arguments.data[1].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR &&
               !duckdb::ConstantVector::IsNull(arguments.data[1]) &&
               duckdb::ConstantVector::GetData<int32_t>(arguments.data[1])[0] == 1;
  if (first && list.GetType().id() == LogicalTypeId::LIST) {
    duckdb::UnaryExecutor::ExecuteWithNulls<duckdb::list_entry_t, int32_t>(
        list, result, arguments.size(),
        [](duckdb::list_entry_t entry, duckdb::ValidityMask& mask, duckdb::idx_t row) {
          if (entry.length == 0) mask.SetInvalid(row);
          return static_cast<int32_t>(entry.length);
        });
    return;
  }
  Rows([](const std::vector<Value>& values) {
    std::vector<int32_t> lengths = Dimensions(values[0]);
    int32_t dimension = duckdb::IntegerValue::Get(values[1]);
    bool there = dimension >= 1 && static_cast<size_t>(dimension) <= lengths.size();
    return there ? Value::INTEGER(lengths[static_cast<size_t>(dimension) - 1])
                 : Value(LogicalType::INTEGER);
  })(arguments, state, result);
}

Value CardinalityOf(const std::vector<Value>& values) {
  return Value::INTEGER(static_cast<int32_t>(CountElements(values[0])));
}

Value DimensionCount(const std::vector<Value>& values) {
  std::vector<int32_t> lengths = Dimensions(values[0]);
  return lengths.empty() ? Value(LogicalType::INTEGER)
                         : Value::INTEGER(static_cast<int32_t>(lengths.size()));
}

Value DimensionText(const std::vector<Value>& values) {
  std::string text;
  for (int32_t length : Dimensions(values[0])) text += "[1:" + std::to_string(length) + "]";
  return text.empty() ? Value(LogicalType::VARCHAR) : Value(text);
}

/// An element as PostgreSQL writes it in an array; what could be taken for something else is in
/// quotes.
std::string ElementText(const Value& element) {
  std::string text = element.ToString();
  switch (element.type().id()) {
    case LogicalTypeId::BOOLEAN:
      return text.substr(0, 1);
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE:
      if (text.ends_with(".0")) text.resize(text.size() - 2);
      return text;
    default:
      break;
  }
  bool plain = !text.empty() && !duckdb::StringUtil::CIEquals(text, "null") &&
               text.find_first_of("{}\",\\ \t\n\r\v\f") == text.npos;
  if (plain) return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string ArrayText(const Value& array) {
  std::string text = "{";
  for (const Value& element : Elements(array)) {
    if (text.size() > 1) text += ",";
    text += element.IsNull() ? "NULL" : IsList(element) ? ArrayText(element) : ElementText(element);
  }
  return text + "}";
}

/// A cast to text: of an array it is PostgreSQL's notation, of anything else the engine's cast.
duckdb::unique_ptr<duckdb::Expression> BindAsText(duckdb::FunctionBindExpressionInput& input) {
  auto& child = input.children[0];
  // The catalogue's vectors have a notation of their own.
  if (child->return_type.id() != LogicalTypeId::LIST || child->return_type.HasAlias()) {
    return duckdb::BoundCastExpression::AddCastToType(input.context, std::move(child),
                                                      LogicalType::VARCHAR);
  }
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
  arguments.push_back(std::move(child));
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(input.context)
                   .BindScalarFunction(kPgCatalog, "array_text", std::move(arguments), error);
  if (!bound) error.Throw();
  return bound;
}

}  // namespace

void RegisterArrays(FunctionRegistrar& registrar) {
  const LogicalType list = LogicalType::LIST(LogicalType::ANY);
  const LogicalType number = LogicalType::INTEGER;
  registrar.AddPgScalar("array_length", {duckdb::ScalarFunction({list, number}, number, LengthOf)});
  registrar.AddPgScalar("cardinality",
                        {duckdb::ScalarFunction({list}, number, Rows(CardinalityOf))});
  registrar.AddScalar("array_ndims",
                      {duckdb::ScalarFunction({list}, number, Rows(DimensionCount))});
  registrar.AddScalar("array_dims",
                      {duckdb::ScalarFunction({list}, LogicalType::VARCHAR, Rows(DimensionText))});
  auto text = [](const std::vector<Value>& values) { return Value(ArrayText(values[0])); };
  registrar.AddPgScalar("array_text",
                        {duckdb::ScalarFunction({list}, LogicalType::VARCHAR, Rows(text))});
  duckdb::ScalarFunction as_text({LogicalType::ANY}, LogicalType::VARCHAR, nullptr);
  as_text.SetBindExpressionCallback(BindAsText);
  registrar.AddPgScalar("as_text", {as_text});
}

}  // namespace skein::engine
