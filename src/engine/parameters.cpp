#include "engine/parameters.h"

#include <unordered_map>

#include "duckdb/common/exception.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/parameter_expression.hpp"
#include <arrow/array.h>
#include <arrow/array/array_nested.h>
#include <arrow/extension_type.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "engine/postgres_functions/numeric.h"
#include "engine/statement_expressions.h"

namespace skein::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

template <typename ScalarType>
auto Get(const arrow::Scalar& scalar) {
  return static_cast<const ScalarType&>(scalar).value;
}

int64_t ToMicroseconds(int64_t value, arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return value * 1000000;
    case arrow::TimeUnit::MILLI:
      return value * 1000;
    case arrow::TimeUnit::MICRO:
      return value;
    default:
      return value / 1000;
  }
}

std::string Text(const arrow::Scalar& scalar) {
  return static_cast<const arrow::BaseBinaryScalar&>(scalar).view().data() == nullptr
             ? std::string()
             : std::string(static_cast<const arrow::BaseBinaryScalar&>(scalar).view());
}

Value FromScalar(const arrow::Scalar& scalar);

Value FromArray(const arrow::Array& values) {
  duckdb::vector<Value> children;
  LogicalType child_type = LogicalType::SQLNULL;
  for (int64_t i = 0; i < values.length(); ++i) {
    auto element = values.GetScalar(i);
    if (!element.ok()) throw duckdb::InvalidInputException(element.status().message());
    children.push_back(FromScalar(**element));
    child_type = LogicalType::ForceMaxLogicalType(child_type, children.back().type());
  }
  return Value::LIST(child_type, std::move(children));
}

Value FromScalar(const arrow::Scalar& scalar) {
  if (!scalar.is_valid) return Value();
  switch (scalar.type->id()) {
    case arrow::Type::NA:
      return Value();
    case arrow::Type::BOOL:
      return Value::BOOLEAN(Get<arrow::BooleanScalar>(scalar));
    case arrow::Type::INT8:
      return Value::TINYINT(Get<arrow::Int8Scalar>(scalar));
    case arrow::Type::INT16:
      return Value::SMALLINT(Get<arrow::Int16Scalar>(scalar));
    case arrow::Type::INT32:
      return Value::INTEGER(Get<arrow::Int32Scalar>(scalar));
    case arrow::Type::INT64:
      return Value::BIGINT(Get<arrow::Int64Scalar>(scalar));
    case arrow::Type::UINT8:
      return Value::UTINYINT(Get<arrow::UInt8Scalar>(scalar));
    case arrow::Type::UINT16:
      return Value::USMALLINT(Get<arrow::UInt16Scalar>(scalar));
    case arrow::Type::UINT32:
      return Value::UINTEGER(Get<arrow::UInt32Scalar>(scalar));
    case arrow::Type::UINT64:
      return Value::UBIGINT(Get<arrow::UInt64Scalar>(scalar));
    case arrow::Type::FLOAT:
      return Value::FLOAT(Get<arrow::FloatScalar>(scalar));
    case arrow::Type::DOUBLE:
      return Value::DOUBLE(Get<arrow::DoubleScalar>(scalar));
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW:
      return Value(Text(scalar));
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW:
    case arrow::Type::FIXED_SIZE_BINARY: {
      std::string bytes = Text(scalar);
      return Value::BLOB(duckdb::const_data_ptr_cast(bytes.data()), bytes.size());
    }
    case arrow::Type::DATE32:
      return Value::DATE(duckdb::date_t(Get<arrow::Date32Scalar>(scalar)));
    case arrow::Type::DATE64:
      return Value::DATE(
          duckdb::date_t(static_cast<int32_t>(Get<arrow::Date64Scalar>(scalar) / 86400000)));
    case arrow::Type::TIME32:
      return Value::TIME(duckdb::dtime_t(
          ToMicroseconds(Get<arrow::Time32Scalar>(scalar),
                         static_cast<const arrow::TimeType&>(*scalar.type).unit())));
    case arrow::Type::TIME64:
      return Value::TIME(duckdb::dtime_t(
          ToMicroseconds(Get<arrow::Time64Scalar>(scalar),
                         static_cast<const arrow::TimeType&>(*scalar.type).unit())));
    case arrow::Type::TIMESTAMP: {
      const auto& type = static_cast<const arrow::TimestampType&>(*scalar.type);
      int64_t value = Get<arrow::TimestampScalar>(scalar);
      if (type.unit() == arrow::TimeUnit::NANO && type.timezone().empty()) {
        return Value::TIMESTAMPNS(duckdb::timestamp_ns_t(value));
      }
      int64_t micros = ToMicroseconds(value, type.unit());
      if (!type.timezone().empty()) return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros));
      return Value::TIMESTAMP(duckdb::timestamp_t(micros));
    }
    case arrow::Type::DURATION: {
      const auto& type = static_cast<const arrow::DurationType&>(*scalar.type);
      return Value::INTERVAL(0, 0, ToMicroseconds(Get<arrow::DurationScalar>(scalar), type.unit()));
    }
    case arrow::Type::INTERVAL_MONTH_DAY_NANO: {
      auto value = Get<arrow::MonthDayNanoIntervalScalar>(scalar);
      return Value::INTERVAL(value.months, value.days, value.nanoseconds / 1000);
    }
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256: {
      const auto& type = static_cast<const arrow::DecimalType&>(*scalar.type);
      if (type.precision() > 38) {
        throw duckdb::InvalidInputException("A decimal parameter has more than 38 digits");
      }
      return Value(scalar.ToString())
          .DefaultCastAs(LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()),
                                              static_cast<uint8_t>(type.scale())));
    }
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST:
      return FromArray(*static_cast<const arrow::BaseListScalar&>(scalar).value);
    case arrow::Type::MAP: {
      const auto& entries = static_cast<const arrow::StructArray&>(
          *static_cast<const arrow::MapScalar&>(scalar).value);
      const Value keys = FromArray(*entries.field(0));
      const Value items = FromArray(*entries.field(1));
      return Value::MAP(
          duckdb::ListType::GetChildType(keys.type()), duckdb::ListType::GetChildType(items.type()),
          duckdb::ListValue::GetChildren(keys), duckdb::ListValue::GetChildren(items));
    }
    case arrow::Type::STRUCT: {
      const auto& type = static_cast<const arrow::StructType&>(*scalar.type);
      const auto& fields = static_cast<const arrow::StructScalar&>(scalar).value;
      duckdb::child_list_t<Value> children;
      for (int i = 0; i < type.num_fields(); ++i) {
        children.emplace_back(type.field(i)->name(), FromScalar(*fields[static_cast<size_t>(i)]));
      }
      return Value::STRUCT(std::move(children));
    }
    case arrow::Type::DICTIONARY: {
      auto encoded = static_cast<const arrow::DictionaryScalar&>(scalar).GetEncodedValue();
      if (!encoded.ok()) throw duckdb::InvalidInputException(encoded.status().message());
      return FromScalar(**encoded);
    }
    case arrow::Type::EXTENSION:
      return FromScalar(*static_cast<const arrow::ExtensionScalar&>(scalar).value);
    default:
      throw duckdb::NotImplementedException("A parameter of Arrow type %s is not supported",
                                            scalar.type->ToString());
  }
}

bool Known(const LogicalType& type) {
  return type.id() != duckdb::LogicalTypeId::UNKNOWN &&
         type.id() != duckdb::LogicalTypeId::INVALID && type.id() != duckdb::LogicalTypeId::ANY &&
         type.id() != duckdb::LogicalTypeId::SQLNULL;
}

}  // namespace

LogicalType TypeByName(duckdb::ClientContext& context, const std::string& name) {
  // Only what cannot depend on the catalogue is kept: names made of letters, digits and brackets of
  // built-in types.
  thread_local std::unordered_map<std::string, LogicalType> known;
  if (auto it = known.find(name); it != known.end()) return it->second;
  LogicalType type;
  auto look_up = [&] { type = duckdb::TransformStringToLogicalType(name, context); };
  if (context.transaction.HasActiveTransaction()) {
    look_up();
  } else {
    context.RunFunctionInTransaction(look_up);
  }
  bool built_in = !type.HasAlias() && type.id() != LogicalTypeId::ENUM && !type.IsNested();
  if (built_in && known.size() < 256) known.emplace(name, type);
  return type;
}

LogicalType DeclaredType(const duckdb::ParsedExpression& parameter,
                         const std::vector<LogicalType>& types) {
  const std::string& name = parameter.Cast<duckdb::ParameterExpression>().identifier;
  size_t index = name.find_first_not_of("0123456789") == std::string::npos && name.size() < 6
                     ? std::stoul(name)
                     : 0;
  return index < 1 || index > types.size() ? LogicalType(LogicalTypeId::INVALID) : types[index - 1];
}

void DeclareParameterTypes(duckdb::SQLStatement& statement, const std::vector<LogicalType>& types) {
  VisitExpressions(statement, [&](duckdb::unique_ptr<duckdb::ParsedExpression>& expression,
                                  ExpressionPlace place) {
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::PARAMETER) {
      LogicalType type = DeclaredType(*expression, types);
      // What a column is given is cast to its type in any case: a numeric without a scale of its
      // own would be rounded before.
      bool rounds =
          place == ExpressionPlace::kAssigned && type == LogicalType::DECIMAL(38, kOpenScale);
      if (type.id() != LogicalTypeId::INVALID && !rounds)
        expression = duckdb::make_uniq<duckdb::CastExpression>(type, std::move(expression));
      return false;
    }
    // `CAST($1 AS DATE)` says its type itself.
    return expression->GetExpressionClass() != duckdb::ExpressionClass::CAST ||
           expression->Cast<duckdb::CastExpression>().child->GetExpressionClass() !=
               duckdb::ExpressionClass::PARAMETER;
  });
}

Value ToDuckdbValue(duckdb::ClientContext& context, const BoundValue& bound,
                    const LogicalType& expected) {
  Value value = bound.value ? FromScalar(*bound.value) : Value();
  if (!bound.type.empty()) {
    LogicalType declared = TypeByName(context, bound.type);
    if (declared != value.type()) value = value.CastAs(context, declared);
  }
  if (Known(expected) && expected != value.type()) value = value.CastAs(context, expected);
  return value;
}

}  // namespace skein::engine
