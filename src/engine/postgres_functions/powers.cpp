// Powers and their kin, which in PostgreSQL fail where DuckDB's give infinity, zero or NaN.

#include <algorithm>
#include <cmath>

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

double InRange(double result, bool may_be_zero) {
  if (std::isinf(result)) ThrowSql("22003", "value out of range: overflow");
  if (result == 0 && !may_be_zero) ThrowSql("22003", "value out of range: underflow");
  return result;
}

/// `numeric`: what is too small is 0.
template <bool numeric>
struct Power {
  template <class A, class B, class R>
  static R Operation(A base, B exponent) {
    if (base == 0 && exponent < 0)
      ThrowSql("2201F", "zero raised to a negative power is undefined");
    if (base < 0 && !std::isnan(exponent) && std::floor(exponent) != exponent) {
      ThrowSql("2201F", "a negative number raised to a non-integer power yields a complex result");
    }
    R result = std::pow(base, exponent);
    if (!std::isfinite(base) || !std::isfinite(exponent)) return result;
    return InRange(result, numeric || base == 0);
  }
};

template <bool numeric>
struct Exponential {
  template <class A, class R>
  static R Operation(A exponent) {
    R result = std::exp(exponent);
    return std::isfinite(exponent) ? InRange(result, numeric) : result;
  }
};

template <double (*function)(double)>
struct ArcOf {
  template <class A, class R>
  static R Operation(A value) {
    if (value < -1 || value > 1) ThrowSql("22003", "input is out of range");
    return function(value);
  }
};

/// Whether PostgreSQL computes in numeric: of a numeric, and nothing that is floating.
bool IsNumeric(const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto any = [&](auto fits) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [&](const auto& argument) { return fits(argument->return_type); });
  };
  return any([](const LogicalType& type) { return type.id() == LogicalTypeId::DECIMAL; }) &&
         !any([](const LogicalType& type) { return type.IsFloating(); });
}

duckdb::unique_ptr<duckdb::FunctionData> BindPower(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (IsNumeric(arguments)) {
    function.SetFunctionCallback(
        duckdb::ScalarFunction::BinaryFunction<double, double, double, Power<true>>);
  }
  return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindExponential(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (IsNumeric(arguments)) {
    function.SetFunctionCallback(
        duckdb::ScalarFunction::UnaryFunction<double, double, Exponential<true>>);
  }
  return nullptr;
}

}  // namespace

void RegisterPowers(FunctionRegistrar& registrar) {
  const LogicalType number = LogicalType::DOUBLE;
  auto power =
      Fallible({number, number}, number,
               duckdb::ScalarFunction::BinaryFunction<double, double, double, Power<false>>);
  power.SetBindCallback(BindPower);
  for (const char* name : {"^", "pow", "power"}) registrar.AddPgScalar(name, {power});
  auto exponential = Fallible(
      {number}, number, duckdb::ScalarFunction::UnaryFunction<double, double, Exponential<false>>);
  exponential.SetBindCallback(BindExponential);
  registrar.AddPgScalar("exp", {exponential});
  auto add_arc = [&](const char* name, duckdb::scalar_function_t function) {
    registrar.AddPgScalar(name, {Fallible({number}, number, std::move(function))});
  };
  add_arc("asin", duckdb::ScalarFunction::UnaryFunction<double, double, ArcOf<std::asin>>);
  add_arc("acos", duckdb::ScalarFunction::UnaryFunction<double, double, ArcOf<std::acos>>);
}

}  // namespace skein::engine
