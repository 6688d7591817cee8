// Division as PostgreSQL has it: integers divide to integers, and nothing is divided by zero.

#include <algorithm>
#include <cmath>
#include <limits>

#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/uhugeint.hpp"

#include "engine/postgres_functions/numeric.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::LogicalType;

template <class T>
const char* TypeWord() {
  if constexpr (sizeof(T) == 1) return "tinyint";
  if constexpr (sizeof(T) == 2) return "smallint";
  if constexpr (sizeof(T) == 4) return "integer";
  if constexpr (sizeof(T) == 8) return "bigint";
  return "numeric";
}

[[noreturn]] void ThrowZero() { ThrowSql("22012", "division by zero"); }

struct Divide {
  template <class A, class B, class R>
  static R Operation(A left, B right) {
    if (right == B(0)) ThrowZero();
    if constexpr (std::is_floating_point_v<A>) {
      R result = left / right;
      if (std::isinf(result) && std::isfinite(left))
        ThrowSql("22003", "value out of range: overflow");
      return result;
    } else {
      if constexpr (std::numeric_limits<A>::is_signed) {
        if (right == B(-1) && left == std::numeric_limits<A>::min())
          ThrowSql("22003", std::string(TypeWord<A>()) + " out of range");
      }
      return static_cast<R>(left / right);
    }
  }
};

struct Remainder {
  template <class A, class B, class R>
  static R Operation(A left, B right) {
    if (right == B(0)) ThrowZero();
    if constexpr (std::is_floating_point_v<A>) {
      return std::fmod(left, right);
    } else {
      if constexpr (std::numeric_limits<A>::is_signed) {
        if (right == B(-1)) return R(0);
      }
      return static_cast<R>(left % right);
    }
  }
};

template <class T, class Op>
duckdb::ScalarFunction Binary(const LogicalType& type) {
  return Fallible({type, type}, type, duckdb::ScalarFunction::BinaryFunction<T, T, T, Op>);
}

/// Two reals divide to a real; beside any other number a real is a double precision.
duckdb::unique_ptr<duckdb::FunctionData> BindDivideReal(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  bool other = std::any_of(arguments.begin(), arguments.end(), [](const auto& argument) {
    const LogicalType& type = argument->return_type;
    return type.id() == duckdb::LogicalTypeId::INTEGER_LITERAL ||
           (type.IsNumeric() && type.id() != duckdb::LogicalTypeId::FLOAT);
  });
  if (other) {
    function.arguments = {LogicalType::DOUBLE, LogicalType::DOUBLE};
    function.return_type = LogicalType::DOUBLE;
    function.SetFunctionCallback(
        duckdb::ScalarFunction::BinaryFunction<double, double, double, Divide>);
  }
  return nullptr;
}

duckdb::ScalarFunction DivideReals() {
  auto divide = Binary<float, Divide>(LogicalType::FLOAT);
  divide.SetBindCallback(BindDivideReal);
  return divide;
}

/// DuckDB's own, which is NULL where the divisor is 0.
duckdb::scalar_function_t divide_interval = nullptr;

void DivideInterval(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
  duckdb::UnifiedVectorFormat divisors;
  duckdb::UnifiedVectorFormat intervals;
  arguments.data[0].ToUnifiedFormat(arguments.size(), intervals);
  arguments.data[1].ToUnifiedFormat(arguments.size(), divisors);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<double>(divisors);
  for (duckdb::idx_t row = 0; row < arguments.size(); ++row) {
    const auto at = divisors.sel->get_index(row);
    if (divisors.validity.RowIsValid(at) && values[at] == 0 &&
        intervals.validity.RowIsValid(intervals.sel->get_index(row))) {
      ThrowZero();
    }
  }
  divide_interval(arguments, state, result);
}

duckdb::ScalarFunction IntervalDivision(FunctionRegistrar& registrar) {
  auto divide = registrar.Existing("/", {LogicalType::INTERVAL, LogicalType::DOUBLE});
  divide_interval = divide.GetFunctionCallback();
  divide.SetFunctionCallback(DivideInterval);
  divide.SetFallible();
  return divide;
}

void AddDivision(FunctionRegistrar& registrar) {
  registrar.AddPgScalar(
      "/",
      {Binary<int8_t, Divide>(LogicalType::TINYINT), Binary<int16_t, Divide>(LogicalType::SMALLINT),
       Binary<int32_t, Divide>(LogicalType::INTEGER), Binary<int64_t, Divide>(LogicalType::BIGINT),
       Binary<duckdb::hugeint_t, Divide>(LogicalType::HUGEINT),
       Binary<uint8_t, Divide>(LogicalType::UTINYINT),
       Binary<uint16_t, Divide>(LogicalType::USMALLINT),
       Binary<uint32_t, Divide>(LogicalType::UINTEGER),
       Binary<uint64_t, Divide>(LogicalType::UBIGINT),
       Binary<duckdb::uhugeint_t, Divide>(LogicalType::UHUGEINT), DivideReals(),
       Binary<double, Divide>(LogicalType::DOUBLE), IntervalDivision(registrar),
       NumericDivision()});
}

/// DuckDB's own binding, which makes both operands decimals of one scale.
duckdb::bind_scalar_function_t bind_remainder = nullptr;

template <class T>
duckdb::scalar_function_t RemainderOf() {
  return duckdb::ScalarFunction::BinaryFunction<T, T, T, Remainder>;
}

duckdb::unique_ptr<duckdb::FunctionData> BindRemainder(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto data = bind_remainder(context, function, arguments);
  switch (function.return_type.InternalType()) {
    case duckdb::PhysicalType::INT16:
      function.SetFunctionCallback(RemainderOf<int16_t>());
      break;
    case duckdb::PhysicalType::INT32:
      function.SetFunctionCallback(RemainderOf<int32_t>());
      break;
    case duckdb::PhysicalType::INT64:
      function.SetFunctionCallback(RemainderOf<int64_t>());
      break;
    default:
      function.SetFunctionCallback(RemainderOf<duckdb::hugeint_t>());
      break;
  }
  return data;
}

duckdb::ScalarFunction NumericRemainder(FunctionRegistrar& registrar) {
  const LogicalType decimal(duckdb::LogicalTypeId::DECIMAL);
  auto remainder = registrar.Existing("%", {decimal, decimal});
  bind_remainder = remainder.GetBindCallback();
  remainder.SetBindCallback(BindRemainder);
  remainder.SetFallible();
  return remainder;
}

void AddRemainder(FunctionRegistrar& registrar, const std::string& name) {
  registrar.AddPgScalar(
      name, {Binary<int8_t, Remainder>(LogicalType::TINYINT),
             Binary<int16_t, Remainder>(LogicalType::SMALLINT),
             Binary<int32_t, Remainder>(LogicalType::INTEGER),
             Binary<int64_t, Remainder>(LogicalType::BIGINT),
             Binary<duckdb::hugeint_t, Remainder>(LogicalType::HUGEINT),
             Binary<uint8_t, Remainder>(LogicalType::UTINYINT),
             Binary<uint16_t, Remainder>(LogicalType::USMALLINT),
             Binary<uint32_t, Remainder>(LogicalType::UINTEGER),
             Binary<uint64_t, Remainder>(LogicalType::UBIGINT),
             Binary<float, Remainder>(LogicalType::FLOAT),
             Binary<double, Remainder>(LogicalType::DOUBLE), NumericRemainder(registrar)});
}

/// Halves go to the even neighbour, as the processor rounds; DuckDB's go away from zero.
void RoundDouble(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<double, double>(arguments.data[0], result, arguments.size(),
                                                 [](double value) { return std::rint(value); });
}

}  // namespace

void RegisterArithmetic(FunctionRegistrar& registrar) {
  registrar.AddPgScalar(
      "round", {duckdb::ScalarFunction({LogicalType::DOUBLE}, LogicalType::DOUBLE, RoundDouble)});
  AddDivision(registrar);
  AddRemainder(registrar, "%");
  AddRemainder(registrar, "mod");
}

}  // namespace skein::engine
