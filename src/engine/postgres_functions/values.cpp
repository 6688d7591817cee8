// Questions about values, and what fits nowhere else.

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "duckdb/common/types/vector.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"

#include "engine/postgres_functions/expressions.h"
#include "engine/postgres_functions/names.h"
#include "engine/postgres_functions/registrar.h"
#include "engine/postgres_functions/type_names.h"

namespace skein::engine {
namespace {

using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using duckdb::Vector;

duckdb::unique_ptr<duckdb::Expression> BindTypeof(duckdb::FunctionBindExpressionInput& input) {
  return duckdb::make_uniq<duckdb::BoundConstantExpression>(
      Value(PgTypeofName(input.children[0]->return_type)));
}

/// num_nulls(...) and num_nonnulls(...).
duckdb::scalar_function_t CountNulls(bool nulls) {
  return [nulls](DataChunk& arguments, ExpressionState&, Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto counts = duckdb::FlatVector::GetData<int32_t>(result);
    std::fill(counts, counts + arguments.size(), 0);
    for (auto& column : arguments.data) {
      duckdb::UnifiedVectorFormat format;
      column.ToUnifiedFormat(arguments.size(), format);
      for (duckdb::idx_t i = 0; i < arguments.size(); ++i)
        counts[i] += format.validity.RowIsValid(format.sel->get_index(i)) != nulls;
    }
  };
}

/// Sleeps in the engine's thread, and looks between naps whether the query is to end: a cancel or a
/// timeout must not wait for the sleeper.
void Sleep(DataChunk& arguments, ExpressionState& state, Vector& result) {
  constexpr std::chrono::milliseconds kNap{5};
  auto& context = state.GetContext();
  duckdb::UnifiedVectorFormat input;
  arguments.data[0].ToUnifiedFormat(arguments.size(), input);
  auto seconds = duckdb::UnifiedVectorFormat::GetData<double>(input);
  bool constant = arguments.data[0].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  for (duckdb::idx_t i = 0; i < arguments.size(); ++i) {
    auto at = input.sel->get_index(i);
    bool null = !input.validity.RowIsValid(at);
    if (!null && seconds[at] > 0) {
      // More than the clock can count is for ever.
      auto length = std::chrono::duration<double>(std::min(seconds[at], 1e8));
      auto until = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::nanoseconds>(length);
      std::mutex mutex;
      std::condition_variable never;
      std::unique_lock lock(mutex);
      while (!context.IsInterrupted()) {
        auto now = std::chrono::steady_clock::now();
        if (now >= until) break;
        never.wait_until(lock, std::min(until, now + kNap));
      }
      if (context.IsInterrupted()) throw duckdb::InterruptException();
    }
    // PostgreSQL returns void, whose text is empty.
    result.SetValue(i, null ? Value(LogicalType::VARCHAR) : Value(""));
  }
  if (constant && arguments.size() == 1) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void WidthBucket(DataChunk& arguments, ExpressionState&, Vector& result) {
  for (duckdb::idx_t i = 0; i < arguments.size(); ++i) {
    Value values[4];
    bool null = false;
    for (size_t k = 0; k < 4; ++k) {
      values[k] = arguments.data[k].GetValue(i);
      null = null || values[k].IsNull();
    }
    if (null) {
      result.SetValue(i, Value(LogicalType::INTEGER));
      continue;
    }
    double operand = duckdb::DoubleValue::Get(values[0]);
    double low = duckdb::DoubleValue::Get(values[1]);
    double high = duckdb::DoubleValue::Get(values[2]);
    int32_t count = duckdb::IntegerValue::Get(values[3]);
    if (count <= 0) ThrowSql("2201G", "count must be greater than zero");
    if (std::isnan(operand) || std::isnan(low) || std::isnan(high))
      ThrowSql("2201G", "operand, lower bound, and upper bound cannot be NaN");
    if (std::isinf(low) || std::isinf(high))
      ThrowSql("2201G", "lower and upper bounds must be finite");
    if (low == high) ThrowSql("2201G", "lower bound cannot equal upper bound");
    bool up = low < high;
    int64_t bucket;
    if (up ? operand < low : operand > low) {
      bucket = 0;
    } else if (up ? operand >= high : operand <= high) {
      bucket = int64_t{count} + 1;
    } else {
      bucket = static_cast<int64_t>(std::floor(count * ((operand - low) / (high - low)))) + 1;
    }
    if (bucket > INT32_MAX) ThrowSql("22003", "integer out of range");
    result.SetValue(i, Value::INTEGER(static_cast<int32_t>(bucket)));
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void BooleanText(DataChunk& arguments, ExpressionState&, Vector& result) {
  duckdb::UnaryExecutor::Execute<bool, duckdb::string_t>(
      arguments.data[0], result, arguments.size(),
      [](bool value) { return duckdb::string_t(value ? "t" : "f", 1); });
}

/// What PostgreSQL sends for a value, where its cast to text, or DuckDB's, is another one.
duckdb::unique_ptr<duckdb::Expression> BindOutputText(duckdb::FunctionBindExpressionInput& input) {
  auto& value = input.children[0];
  const LogicalTypeId type = value->return_type.id();
  const char* name = type == LogicalTypeId::BOOLEAN ? "boolean_text"
                     : type == LogicalTypeId::LIST  ? kAsText
                                                    : nullptr;
  if (!name) return std::move(value);
  duckdb::ErrorData error;
  auto bound = duckdb::FunctionBinder(input.context)
                   .BindScalarFunction(kPgCatalog, name, std::move(input.children), error);
  if (!bound) error.Throw();
  return bound;
}

}  // namespace

std::string PgTypeofName(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
    case LogicalTypeId::STRING_LITERAL:
    case LogicalTypeId::UNKNOWN:
      return "unknown";
    case LogicalTypeId::INTEGER_LITERAL:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::USMALLINT:
      return "integer";
    case LogicalTypeId::BOOLEAN:
      return "boolean";
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::SMALLINT:
      return "smallint";
    case LogicalTypeId::UINTEGER:
    case LogicalTypeId::BIGINT:
      return "bigint";
    case LogicalTypeId::UBIGINT:
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT:
    case LogicalTypeId::BIGNUM:
    case LogicalTypeId::DECIMAL:
      return "numeric";
    case LogicalTypeId::FLOAT:
      return "real";
    case LogicalTypeId::DOUBLE:
      return "double precision";
    case LogicalTypeId::BLOB:
      return "bytea";
    case LogicalTypeId::BIT:
      return "bit varying";
    case LogicalTypeId::TIME:
      return "time without time zone";
    case LogicalTypeId::TIME_TZ:
      return "time with time zone";
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
      return "timestamp without time zone";
    case LogicalTypeId::TIMESTAMP_TZ:
      return "timestamp with time zone";
    case LogicalTypeId::DATE:
      return "date";
    case LogicalTypeId::INTERVAL:
      return "interval";
    case LogicalTypeId::UUID:
      return "uuid";
    case LogicalTypeId::LIST:
      return PgTypeofName(duckdb::ListType::GetChildType(type)) + "[]";
    case LogicalTypeId::ARRAY:
      return PgTypeofName(duckdb::ArrayType::GetChildType(type)) + "[]";
    case LogicalTypeId::STRUCT:
    case LogicalTypeId::MAP:
    case LogicalTypeId::UNION:
    case LogicalTypeId::VARIANT:
      return "json";
    case LogicalTypeId::VARCHAR:
      return type.IsJSONType() ? "json" : "text";
    default:
      return "text";
  }
}

void RegisterValues(FunctionRegistrar& registrar) {
  duckdb::ScalarFunction type_of({LogicalType::ANY}, LogicalType::VARCHAR, nullptr);
  type_of.SetBindExpressionCallback(BindTypeof);
  // DuckDB has pg_typeof in pg_catalog, with its own names; the dialect puts this in its place.
  registrar.AddPgScalar("type_name_of", {SeesNulls(type_of)});

  registrar.AddPgScalar(
      "boolean_text",
      {duckdb::ScalarFunction({LogicalType::BOOLEAN}, LogicalType::VARCHAR, BooleanText)});
  auto output = SeesNulls(Fallible({LogicalType::ANY}, LogicalType::ANY, nullptr));
  output.SetBindExpressionCallback(BindOutputText);
  registrar.AddPgScalar("output_text", {output});

  for (bool nulls : {true, false}) {
    duckdb::ScalarFunction count =
        SeesNulls(duckdb::ScalarFunction({}, LogicalType::INTEGER, CountNulls(nulls)));
    count.varargs = LogicalType::ANY;
    registrar.AddScalar(nulls ? "num_nulls" : "num_nonnulls", {count});
  }

  duckdb::ScalarFunction sleep =
      SeesNulls(Fallible({LogicalType::DOUBLE}, LogicalType::VARCHAR, Sleep));
  sleep.SetStability(duckdb::FunctionStability::VOLATILE);
  registrar.AddScalar("pg_sleep", {sleep});
  registrar.AddPgScalar("sleep_for", {sleep});

  registrar.AddPgScalar("width_bucket_of", {Fallible({LogicalType::DOUBLE, LogicalType::DOUBLE,
                                                      LogicalType::DOUBLE, LogicalType::INTEGER},
                                                     LogicalType::INTEGER, WidthBucket)});
}

}  // namespace skein::engine
