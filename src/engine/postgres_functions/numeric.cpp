#include "engine/postgres_functions/numeric.h"

#include <algorithm>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/common/types/decimal.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include <boost/multiprecision/cpp_int.hpp>

#include "engine/postgres_functions/numeric_division.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Wide = boost::multiprecision::uint256_t;

/// How many digits a product or a quotient has behind the point at most, unless a factor has more:
/// so many that what is computed further from it still has 18 before the point.
constexpr int kMostScale = 20;
constexpr int kLeastQuotientScale = 16;

int Scale(const LogicalType& type) { return duckdb::DecimalType::GetScale(type); }

/// The DECIMAL that holds every value of a whole number's or a decimal's type.
LogicalType AsDecimal(const LogicalType& type) {
  uint8_t width = kMostDigits;
  uint8_t scale = 0;
  if (type.GetDecimalProperties(width, scale) && width <= kMostDigits)
    return LogicalType::DECIMAL(width, scale);
  return LogicalType::DECIMAL(kMostDigits, 0);
}

hugeint_t Signed(Unsigned128 value, bool negative) {
  if (value >= PowerOfTen(kMostDigits)) ThrowNumericTooLarge();
  return ToHuge(negative ? -static_cast<Int128>(value) : static_cast<Int128>(value));
}

int ResultScale(duckdb::ExpressionState& state) { return Scale(state.expr.return_type); }

template <class Left, class Right>
void Divide(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  duckdb::Vector& left = arguments.data[0];
  duckdb::Vector& right = arguments.data[1];
  NumericDivisor::Scales scales{Scale(left.GetType()), Scale(right.GetType()), ResultScale(state)};
  bool same = right.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR &&
              !duckdb::ConstantVector::IsNull(right);
  if (same) {
    NumericDivisor divisor(Native(*duckdb::ConstantVector::GetData<Right>(right)), scales);
    duckdb::UnaryExecutor::Execute<Left, hugeint_t>(
        left, result, arguments.size(),
        [&](Left dividend) { return divisor.Divide(Native(dividend)); });
    return;
  }
  duckdb::BinaryExecutor::Execute<Left, Right, hugeint_t>(
      left, right, result, arguments.size(), [&](Left dividend, Right divisor) {
        return NumericDivisor(Native(divisor), scales).Divide(Native(dividend));
      });
}

/// 18 digits are held by 64 bits.
bool IsLong(const LogicalType& type) { return type.InternalType() == duckdb::PhysicalType::INT64; }

duckdb::scalar_function_t DivideOf(const LogicalType& left, const LogicalType& right) {
  if (IsLong(left)) return IsLong(right) ? Divide<int64_t, int64_t> : Divide<int64_t, hugeint_t>;
  return IsLong(right) ? Divide<hugeint_t, int64_t> : Divide<hugeint_t, hugeint_t>;
}

/// Numbers of 64 bits stay as they are, and shorter ones become some.
LogicalType Operand(const LogicalType& type) {
  constexpr uint8_t kMostLongDigits = 18;
  bool narrow = duckdb::DecimalType::GetWidth(type) <= kMostLongDigits;
  if (narrow && IsLong(type)) return type;
  return LogicalType::DECIMAL(narrow ? kMostLongDigits : static_cast<uint8_t>(kMostDigits),
                              static_cast<uint8_t>(Scale(type)));
}

void TakeOperands(duckdb::ScalarFunction& function, const LogicalType& left,
                  const LogicalType& right) {
  function.arguments[0] = Operand(left);
  function.arguments[1] = Operand(right);
  function.SetFunctionCallback(DivideOf(function.arguments[0], function.arguments[1]));
}

/// The product rounded to fewer digits than the factors have together.
void MultiplyRounded(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                     duckdb::Vector& result) {
  int dropped =
      Scale(arguments.data[0].GetType()) + Scale(arguments.data[1].GetType()) - ResultScale(state);
  const Wide divisor = boost::multiprecision::pow(Wide(10), static_cast<unsigned>(dropped));
  const Unsigned128 small_divisor = dropped <= kMostDigits ? PowerOfTen(dropped) : 0;
  duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](hugeint_t left, hugeint_t right) {
        Int128 a = Native(left);
        Int128 b = Native(right);
        bool negative = (a < 0) != (b < 0);
        Unsigned128 exact;
        if (small_divisor != 0 && !__builtin_mul_overflow(Magnitude(a), Magnitude(b), &exact) &&
            !__builtin_add_overflow(exact, small_divisor / 2, &exact)) {
          return Signed(exact / small_divisor, negative);
        }
        Wide product = (Wide(Magnitude(a)) * Wide(Magnitude(b)) + divisor / 2) / divisor;
        if (product >= Wide(PowerOfTen(kMostDigits))) ThrowNumericTooLarge();
        return Signed(static_cast<Unsigned128>(product), negative);
      });
}

void TakeWholeWidth(duckdb::ScalarFunction& function, const LogicalType& left,
                    const LogicalType& right) {
  function.arguments[0] = LogicalType::DECIMAL(kMostDigits, static_cast<uint8_t>(Scale(left)));
  function.arguments[1] = LogicalType::DECIMAL(kMostDigits, static_cast<uint8_t>(Scale(right)));
}

duckdb::unique_ptr<duckdb::FunctionData> BindDivide(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  LogicalType left = AsDecimal(arguments[0]->return_type);
  LogicalType right = AsDecimal(arguments[1]->return_type);
  int whole = duckdb::DecimalType::GetWidth(left) - Scale(left) + Scale(right);
  TakeOperands(function, left, right);
  function.return_type = QuotientType(whole, std::max(Scale(left), Scale(right)));
  return nullptr;
}

/// A quotient of the scale that the third argument says.
duckdb::unique_ptr<duckdb::FunctionData> BindQuotient(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  TakeOperands(function, AsDecimal(arguments[0]->return_type),
               AsDecimal(arguments[1]->return_type));
  auto scale = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[2]);
  function.return_type =
      LogicalType::DECIMAL(kMostDigits, static_cast<uint8_t>(scale.GetValue<int32_t>()));
  return nullptr;
}

/// DuckDB's own binding, which keeps every digit.
duckdb::bind_scalar_function_t exact_multiply = nullptr;

duckdb::unique_ptr<duckdb::FunctionData> BindMultiply(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  LogicalType left = AsDecimal(arguments[0]->return_type);
  LogicalType right = AsDecimal(arguments[1]->return_type);
  int scale = std::max({kMostScale, Scale(left), Scale(right)});
  if (Scale(left) + Scale(right) <= scale) return exact_multiply(context, function, arguments);
  TakeWholeWidth(function, left, right);
  function.return_type = LogicalType::DECIMAL(kMostDigits, static_cast<uint8_t>(scale));
  function.SetFunctionCallback(MultiplyRounded);
  function.SetStatisticsCallback(nullptr);
  // DuckDB's write down what its own binding found out; this one is bound anew where a plan is
  // read.
  function.SetSerializeCallback(nullptr);
  function.SetDeserializeCallback(nullptr);
  return nullptr;
}

/// x::numeric without a scale. A double's digits are those that it is written with, as in
/// PostgreSQL: times 10^10 it would have others.
duckdb::unique_ptr<duckdb::Expression> BindAsNumeric(duckdb::FunctionBindExpressionInput& input) {
  auto& child = input.children[0];
  const LogicalType type = child->return_type;
  uint8_t width = 0;
  uint8_t scale = 0;
  bool has_digits = type.id() == LogicalTypeId::DECIMAL || type.IsIntegral();
  if (has_digits && type.GetDecimalProperties(width, scale))
    return duckdb::BoundCastExpression::AddCastToType(input.context, std::move(child),
                                                      AsDecimal(type));
  if (type.IsFloating()) {
    child = duckdb::BoundCastExpression::AddCastToType(input.context, std::move(child),
                                                       LogicalType::VARCHAR);
  }
  return duckdb::BoundCastExpression::AddCastToType(input.context, std::move(child),
                                                    LogicalType::DECIMAL(kMostDigits, kOpenScale));
}

}  // namespace

LogicalType QuotientType(int whole_digits, int scale) {
  int wanted = std::clamp(kMostDigits - whole_digits, kLeastQuotientScale, kMostScale);
  return LogicalType::DECIMAL(kMostDigits, static_cast<uint8_t>(std::max(wanted, scale)));
}

hugeint_t DivideNumeric(hugeint_t dividend, int dividend_scale, hugeint_t divisor,
                        int divisor_scale, int result_scale) {
  return NumericDivisor(Native(divisor), {dividend_scale, divisor_scale, result_scale})
      .Divide(Native(dividend));
}

duckdb::ScalarFunction NumericDivision() {
  const LogicalType decimal(LogicalTypeId::DECIMAL);
  auto divide = Fallible({decimal, decimal}, decimal, nullptr);
  divide.SetBindCallback(BindDivide);
  return divide;
}

void RegisterNumeric(FunctionRegistrar& registrar) {
  const LogicalType decimal(LogicalTypeId::DECIMAL);
  auto quotient = Fallible({decimal, decimal, LogicalType::INTEGER}, decimal, nullptr);
  quotient.SetBindCallback(BindQuotient);
  registrar.AddPgScalar(kNumericQuotient, {quotient});
  auto as_numeric = Fallible({LogicalType::ANY}, decimal, nullptr);
  as_numeric.SetBindExpressionCallback(BindAsNumeric);
  registrar.AddPgScalar("as_numeric", {as_numeric});
  auto multiply = registrar.Existing("*", {decimal, decimal});
  exact_multiply = multiply.GetBindCallback();
  multiply.SetBindCallback(BindMultiply);
  registrar.AddPgScalar("*", {multiply});
}

}  // namespace skein::engine
