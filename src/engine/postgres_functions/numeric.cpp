#include "engine/postgres_functions/numeric.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/common/types/decimal.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include <boost/multiprecision/cpp_int.hpp>

#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Wide = boost::multiprecision::uint256_t;
__extension__ using Int128 = __int128;
__extension__ using Unsigned128 = unsigned __int128;

constexpr int kMostDigits = 38;
/// How many digits a product or a quotient has behind the point at most, unless a factor has more:
/// so many that what is computed further from it still has 18 before the point.
constexpr int kMostScale = 20;
constexpr int kLeastQuotientScale = 16;

constexpr std::array<Unsigned128, kMostDigits + 1> MakePowers() {
  std::array<Unsigned128, kMostDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowers = MakePowers();

Unsigned128 Power(int exponent) { return kPowers.at(static_cast<size_t>(exponent)); }

int Digits(Unsigned128 value) {
  return static_cast<int>(std::upper_bound(kPowers.begin(), kPowers.end(), value) -
                          kPowers.begin());
}

Int128 FromHuge(hugeint_t value) {
  return static_cast<Int128>(static_cast<Unsigned128>(static_cast<uint64_t>(value.upper)) << 64 |
                             value.lower);
}

hugeint_t ToHuge(Int128 value) {
  return {static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value)};
}

Unsigned128 Absolute(Int128 value) {
  return value < 0 ? -static_cast<Unsigned128>(value) : static_cast<Unsigned128>(value);
}

[[noreturn]] void ThrowTooLarge() {
  ThrowSql("22003", "numeric value out of range: it has more than 38 digits",
           "Cast an operand to double precision, or to a numeric with fewer digits behind the "
           "point.");
}

hugeint_t Signed(Unsigned128 value, bool negative) {
  if (value >= Power(kMostDigits)) ThrowTooLarge();
  return ToHuge(negative ? -static_cast<Int128>(value) : static_cast<Int128>(value));
}

/// value * 10^exponent / divisor, halves away from zero.
Unsigned128 Ratio(Unsigned128 value, int exponent, Unsigned128 divisor) {
  if (exponent <= kMostDigits && Digits(value) + exponent <= kMostDigits) {
    Unsigned128 scaled = value * Power(exponent);
    Unsigned128 quotient = scaled / divisor;
    Unsigned128 rest = scaled % divisor;
    return quotient + (rest >= divisor - rest);
  }
  // 38 digits and an exponent of up to 38 + 20 fit into 256 bits but for the largest.
  if (Digits(value) + exponent > 76) ThrowTooLarge();
  Wide scaled = Wide(value) * boost::multiprecision::pow(Wide(10), static_cast<unsigned>(exponent));
  Wide quotient = (scaled + Wide(divisor) / 2) / Wide(divisor);
  if (quotient >= Wide(Power(kMostDigits))) ThrowTooLarge();
  return static_cast<Unsigned128>(quotient);
}

/// PostgreSQL counts in digits of base 10000: where the first one stands (0 for what is before the
/// point and less than 10000), and which it is.
struct FirstDigit {
  int weight;
  Unsigned128 digit;
};

FirstDigit FirstDigitOf(Unsigned128 value, int scale) {
  if (value == 0) return {0, 0};
  int exponent = Digits(value) - 1 - scale;
  int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  int shift = scale + 4 * weight;
  return {weight, shift >= 0 ? value / Power(shift) : value * Power(-shift)};
}

/// How many digits PostgreSQL gives this quotient behind the point.
int QuotientScale(Unsigned128 dividend, int dividend_scale, Unsigned128 divisor,
                  int divisor_scale) {
  FirstDigit first = FirstDigitOf(dividend, dividend_scale);
  FirstDigit second = FirstDigitOf(divisor, divisor_scale);
  int weight = first.weight - second.weight - (first.digit <= second.digit);
  return std::max({kLeastQuotientScale - 4 * weight, dividend_scale, divisor_scale});
}

int Scale(const LogicalType& type) { return duckdb::DecimalType::GetScale(type); }

/// The DECIMAL that holds every value of a whole number's or a decimal's type.
LogicalType AsDecimal(const LogicalType& type) {
  uint8_t width = kMostDigits;
  uint8_t scale = 0;
  if (type.GetDecimalProperties(width, scale) && width <= kMostDigits)
    return LogicalType::DECIMAL(width, scale);
  return LogicalType::DECIMAL(kMostDigits, 0);
}

int ResultScale(duckdb::ExpressionState& state) { return Scale(state.expr.return_type); }

void Divide(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  int left_scale = Scale(arguments.data[0].GetType());
  int right_scale = Scale(arguments.data[1].GetType());
  int scale = ResultScale(state);
  duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](hugeint_t left, hugeint_t right) {
        return DivideNumeric(left, left_scale, right, right_scale, scale);
      });
}

/// The product rounded to fewer digits than the factors have together.
void MultiplyRounded(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                     duckdb::Vector& result) {
  int dropped =
      Scale(arguments.data[0].GetType()) + Scale(arguments.data[1].GetType()) - ResultScale(state);
  const Wide divisor = boost::multiprecision::pow(Wide(10), static_cast<unsigned>(dropped));
  duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
      arguments.data[0], arguments.data[1], result, arguments.size(),
      [&](hugeint_t left, hugeint_t right) {
        Int128 a = FromHuge(left);
        Int128 b = FromHuge(right);
        Wide product = (Wide(Absolute(a)) * Wide(Absolute(b)) + divisor / 2) / divisor;
        if (product >= Wide(Power(kMostDigits))) ThrowTooLarge();
        return Signed(static_cast<Unsigned128>(product), (a < 0) != (b < 0));
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
  TakeWholeWidth(function, left, right);
  function.return_type = QuotientType(whole, std::max(Scale(left), Scale(right)));
  return nullptr;
}

/// A quotient of the scale that the third argument says.
duckdb::unique_ptr<duckdb::FunctionData> BindQuotient(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  TakeWholeWidth(function, AsDecimal(arguments[0]->return_type),
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
  Int128 left = FromHuge(dividend);
  Int128 right = FromHuge(divisor);
  if (right == 0) ThrowSql("22012", "division by zero");
  Unsigned128 a = Absolute(left);
  Unsigned128 b = Absolute(right);
  int scale = std::min(QuotientScale(a, dividend_scale, b, divisor_scale), result_scale);
  Unsigned128 quotient = Ratio(a, scale - dividend_scale + divisor_scale, b);
  if (Digits(quotient) + result_scale - scale > kMostDigits) ThrowTooLarge();
  return Signed(quotient * Power(result_scale - scale), (left < 0) != (right < 0));
}

duckdb::ScalarFunction NumericDivision() {
  const LogicalType decimal(LogicalTypeId::DECIMAL);
  auto divide = Fallible({decimal, decimal}, decimal, Divide);
  divide.SetBindCallback(BindDivide);
  return divide;
}

void RegisterNumeric(FunctionRegistrar& registrar) {
  const LogicalType decimal(LogicalTypeId::DECIMAL);
  auto quotient = Fallible({decimal, decimal, LogicalType::INTEGER}, decimal, Divide);
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
