// to_char() and to_number() for numbers: NumberPicture with DuckDB's values.

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "duckdb/common/operator/cast_operators.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include <fmt/format.h>

#include "engine/postgres_functions/number_picture.h"
#include "engine/postgres_functions/registrar.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::StringVector;
using duckdb::Value;
using duckdb::Vector;

/// A template that is kept from row to row.
class KeptPicture {
 public:
  const NumberPicture& Get(const string_t& text) {
    std::string_view view(text.GetData(), text.GetSize());
    if (!picture_ || view != text_) {
      text_ = view;
      picture_ = std::make_unique<NumberPicture>(text_);
    }
    return *picture_;
  }

 private:
  std::string text_;
  std::unique_ptr<NumberPicture> picture_;
};

/// Decimal text `number` with its point moved and rounded, half away from zero.
std::string Rounded(std::string number, int shift, int digits) {
  bool negative = number[0] == '-';
  if (negative) number.erase(0, 1);
  size_t dot = number.find('.');
  std::string fraction = dot == number.npos ? std::string() : number.substr(dot + 1);
  number.resize(std::min(dot, number.size()));
  for (int i = 0; i < shift; ++i) {
    number += fraction.empty() ? '0' : fraction[0];
    if (!fraction.empty()) fraction.erase(0, 1);
  }
  auto kept = static_cast<size_t>(digits);
  bool up = fraction.size() > kept && fraction[kept] >= '5';
  fraction.resize(kept, '0');
  std::string all = number + fraction;
  for (size_t i = all.size(); up && i-- > 0;) {
    up = all[i] == '9';
    all[i] = up ? '0' : static_cast<char>(all[i] + 1);
  }
  if (up) all.insert(0, "1");
  size_t whole = all.size() - kept;
  size_t first = std::min(all.find_first_not_of('0'), whole == 0 ? 0 : whole - 1);
  negative = negative && all.find_first_not_of('0') != all.npos;
  return (negative ? "-" : "") + all.substr(first, whole - first) +
         (kept == 0 ? std::string() : "." + all.substr(whole));
}

std::string FormatDecimal(const NumberPicture& picture, const std::string& number) {
  if (picture.exponent())
    return picture.Format(
        fmt::format("{:.{}e}", std::strtold(number.c_str(), nullptr), picture.exponent_digits()));
  return picture.Format(Rounded(number, picture.shift(), picture.fraction_digits()));
}

std::string FormatDouble(const NumberPicture& picture, double value, int exact_digits) {
  if (picture.exponent())
    return picture.Format(fmt::format("{:.{}e}", value, picture.exponent_digits()));
  if (!std::isfinite(value)) {
    // PostgreSQL fills what cannot be written with marks.
    return picture.Format(value < 0 ? "-" + std::string(400, '9') : std::string(400, '9'));
  }
  value *= std::pow(10.0, picture.shift());
  // Digits a double does not hold are not shown.
  int whole = static_cast<int>(fmt::format("{:.0f}", std::fabs(value)).size());
  int digits = std::clamp(exact_digits - whole, 0, picture.fraction_digits());
  return picture.Format(
      Rounded(fmt::format("{:.{}f}", value, digits), 0, picture.fraction_digits()));
}

template <class T, class Op>
duckdb::scalar_function_t ToChar(Op op) {
  return [op](DataChunk& arguments, ExpressionState&, Vector& result) {
    KeptPicture kept;
    duckdb::BinaryExecutor::Execute<T, string_t, string_t>(
        arguments.data[0], arguments.data[1], result, arguments.size(),
        [&](T value, const string_t& picture) {
          return StringVector::AddString(result, op(kept.Get(picture), value));
        });
  };
}

/// Decimals and huge integers, by their text.
void DecimalToChar(DataChunk& arguments, ExpressionState&, Vector& result) {
  KeptPicture kept;
  Vector texts(LogicalType::VARCHAR);
  duckdb::VectorOperations::DefaultCast(arguments.data[0], texts, arguments.size());
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
      texts, arguments.data[1], result, arguments.size(),
      [&](const string_t& value, const string_t& picture) {
        return StringVector::AddString(result, FormatDecimal(kept.Get(picture), value.GetString()));
      });
}

duckdb::unique_ptr<duckdb::FunctionData> BindDecimal(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  function.arguments[0] = arguments[0]->return_type;
  return nullptr;
}

/// The scale of to_number() is the template's, so that the template must be known when the
/// statement is bound; else the result is a double.
duckdb::unique_ptr<duckdb::FunctionData> BindToNumber(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  if (arguments[1]->HasParameter()) throw duckdb::ParameterNotResolvedException();
  int scale = -1;
  if (arguments[1]->IsFoldable()) {
    Value picture = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
    if (!picture.IsNull()) scale = NumberPicture(duckdb::StringValue::Get(picture)).parsed_scale();
  }
  function.SetReturnType(scale < 0 || scale > 30
                             ? LogicalType::DOUBLE
                             : LogicalType::DECIMAL(38, static_cast<uint8_t>(scale)));
  return nullptr;
}

void ToNumber(DataChunk& arguments, ExpressionState& state, Vector& result) {
  KeptPicture kept;
  Vector texts(LogicalType::VARCHAR);
  duckdb::BinaryExecutor::Execute<string_t, string_t, string_t>(
      arguments.data[0], arguments.data[1], texts, arguments.size(),
      [&](const string_t& text, const string_t& picture) {
        return StringVector::AddString(texts,
                                       kept.Get(picture).Parse({text.GetData(), text.GetSize()}));
      });
  duckdb::VectorOperations::Cast(state.GetContext(), texts, result, arguments.size(), true);
}

}  // namespace

void RegisterNumberPictures(FunctionRegistrar& registrar) {
  const LogicalType text = LogicalType::VARCHAR;
  auto integer = [](const NumberPicture& picture, int64_t value) {
    return FormatDecimal(picture, std::to_string(value));
  };
  auto real = [](const NumberPicture& picture, float value) {
    return FormatDouble(picture, static_cast<double>(value), 6);
  };
  auto precise = [](const NumberPicture& picture, double value) {
    return FormatDouble(picture, value, 15);
  };
  duckdb::ScalarFunction decimal =
      Fallible({LogicalType(duckdb::LogicalTypeId::DECIMAL), text}, text, DecimalToChar);
  decimal.SetBindCallback(BindDecimal);
  registrar.AddScalar(
      "to_char", {Fallible({LogicalType::BIGINT, text}, text, ToChar<int64_t>(integer)),
                  Fallible({LogicalType::HUGEINT, text}, text, DecimalToChar),
                  Fallible({LogicalType::FLOAT, text}, text, ToChar<float>(real)),
                  Fallible({LogicalType::DOUBLE, text}, text, ToChar<double>(precise)), decimal});
  duckdb::ScalarFunction to_number = Fallible({text, text}, LogicalType::DOUBLE, ToNumber);
  to_number.SetBindCallback(BindToNumber);
  registrar.AddScalar("to_number", {to_number});
}

}  // namespace skein::engine
