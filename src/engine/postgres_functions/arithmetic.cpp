// Division as PostgreSQL has it: integers divide to integers, and nothing is divided by zero.

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

/// INTERVAL / DOUBLE is DuckDB's own.
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
       Binary<duckdb::uhugeint_t, Divide>(LogicalType::UHUGEINT),
       Binary<float, Divide>(LogicalType::FLOAT), Binary<double, Divide>(LogicalType::DOUBLE),
       NumericDivision()});
}

/// DuckDB's remainder of decimals has their scale; its bind function is kept, its divisor checked
/// by the macro that calls it.
void AddRemainder(FunctionRegistrar& registrar, const std::string& name) {
  registrar.AddPgScalar(name, {Binary<int8_t, Remainder>(LogicalType::TINYINT),
                               Binary<int16_t, Remainder>(LogicalType::SMALLINT),
                               Binary<int32_t, Remainder>(LogicalType::INTEGER),
                               Binary<int64_t, Remainder>(LogicalType::BIGINT),
                               Binary<duckdb::hugeint_t, Remainder>(LogicalType::HUGEINT),
                               Binary<uint8_t, Remainder>(LogicalType::UTINYINT),
                               Binary<uint16_t, Remainder>(LogicalType::USMALLINT),
                               Binary<uint32_t, Remainder>(LogicalType::UINTEGER),
                               Binary<uint64_t, Remainder>(LogicalType::UBIGINT),
                               Binary<float, Remainder>(LogicalType::FLOAT),
                               Binary<double, Remainder>(LogicalType::DOUBLE)});
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
