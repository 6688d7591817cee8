#include "engine/binding.h"

#include <string>
#include <utility>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/planner/planner.hpp"

#include "engine/duckdb_error.h"
#include "engine/file_sets.h"
#include "engine/parameters.h"
#include "engine/postgres_catalog/direct_reads.h"
#include "engine/postgres_functions/operand_types.h"

namespace skein::engine {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

namespace {

/// What stands for parameters while their values are not known.
enum class StandIn {
  kNull,
  kZero,  ///< for functions that refuse NULL: quantile_cont(x, $1)
};

duckdb::Value StandInFor(const LogicalType& type, StandIn how) {
  // Whatever takes text would take its NULL for one of another type.
  if (type == LogicalType::VARCHAR) return duckdb::Value("");
  if (how == StandIn::kNull) return duckdb::Value();
  if (type.IsNumeric()) return duckdb::Value::Numeric(type, 0);
  if (type.id() == LogicalTypeId::LIST) {
    const auto& element = duckdb::ListType::GetChildType(type);
    return duckdb::Value::LIST(element, {StandInFor(element, how)});
  }
  return duckdb::Value();
}

bool ResolveWith(StandIn how, duckdb::ClientContext& context, duckdb::PreparedStatement& prepared,
                 const duckdb::SQLStatement& statement, const std::vector<LogicalType>& declared) {
  auto& data = *prepared.data;
  auto copy = statement.Copy();
  DeclareParameterTypes(*copy, declared);
  bool resolved = false;
  context.RunFunctionInTransaction([&] {
    try {
      duckdb::Planner planner(context);
      for (const auto& [name, index] : prepared.named_param_map) {
        LogicalType type =
            index <= declared.size() ? declared[index - 1] : LogicalType(LogicalTypeId::INVALID);
        // A cast says its type, too: $1::DOUBLE[].
        if (how == StandIn::kZero && type.id() == LogicalTypeId::INVALID)
          type = ParameterType(prepared, index);
        planner.parameter_data.emplace(name, duckdb::BoundParameterData(StandInFor(type, how)));
      }
      planner.CreatePlan(std::move(copy));
      data.names = planner.names;
      data.types = planner.types;
      data.properties = planner.properties;
      // With the values it is planned again.
      data.properties.bound_all_parameters = false;
      resolved = true;
    } catch (const duckdb::Exception&) {
      // The values are needed: read_csv($1).
    }
  });
  return resolved;
}

/// What DuckDB cannot bind before it has the values (a parameter of a table function,
/// generate_series(1, $1)) gets its columns from values that stand for them, of the parameters'
/// types. False when that cannot be bound either.
bool ResolveWithoutValues(duckdb::ClientContext& context, duckdb::PreparedStatement& prepared,
                          const duckdb::SQLStatement& statement,
                          const std::vector<LogicalType>& declared, StandIn last = StandIn::kZero) {
  if (prepared.data->properties.bound_all_parameters) return true;
  return ResolveWith(StandIn::kNull, context, prepared, statement, declared) ||
         (last == StandIn::kZero &&
          ResolveWith(StandIn::kZero, context, prepared, statement, declared));
}

/// A parameter that is compared with a numeric has more digits than that may have.
bool OpenComparedNumbers(const duckdb::PreparedStatement& prepared,
                         const std::vector<size_t>& compared, std::vector<LogicalType>& declared) {
  if (prepared.HasError()) return false;
  bool any = false;
  for (size_t number : compared) {
    LogicalType type = ParameterType(prepared, number);
    LogicalType open = NumberBeside(type);
    if (open == type) continue;
    if (declared.size() < number) declared.resize(number, LogicalType(LogicalTypeId::INVALID));
    declared[number - 1] = open;
    any = true;
  }
  return any;
}

Status CheckNumbers(const duckdb::PreparedStatement& prepared) {
  size_t count = prepared.named_param_map.size();
  for (const auto& [name, index] : prepared.named_param_map) {
    if (name.find_first_not_of("0123456789") != std::string::npos || name.size() > 5 ||
        std::stoul(name) < 1 || std::stoul(name) > count) {
      return Status(StatusCode::kInvalidArgument, "42P02",
                    "parameter $" + name + " is not one of $1 to $" + std::to_string(count))
          .WithHint("Parameters are written $1, $2, ... without gaps.");
    }
  }
  return Status::OK();
}

}  // namespace

duckdb::unique_ptr<duckdb::PreparedStatement> Bind(duckdb::ClientContext& context,
                                                   const duckdb::SQLStatement& statement,
                                                   const std::vector<LogicalType>& declared) {
  auto copy = statement.Copy();
  postgres_catalog::ReadRelationsDirectly(*copy);
  if (!copy->named_param_map.empty()) DeclareParameterTypes(*copy, declared);
  return context.Prepare(std::move(copy));
}

Result<duckdb::unique_ptr<duckdb::PreparedStatement>> BindWithParameterTypes(
    duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
    std::vector<LogicalType> declared) {
  OpenOperands open;
  if (!statement.named_param_map.empty()) open = FindOpenOperands(statement, declared);
  const std::vector<size_t> compared = open.of_comparisons;
  bool inferred = !open.of_operators.empty();
  if (inferred) InferOperandTypes(context, std::move(open), declared);
  auto prepared = Bind(context, statement, declared);
  if (!inferred && OpenComparedNumbers(*prepared, compared, declared))
    prepared = Bind(context, statement, declared);
  if (prepared->HasError())
    return ExplainMissingTable(context, FromDuckdb(prepared->GetErrorObject()));
  ResolveWithoutValues(context, *prepared, statement, declared);
  SKEIN_RETURN_IF_ERROR(CheckNumbers(*prepared));

  declared.resize(prepared->named_param_map.size(), LogicalType(LogicalTypeId::INVALID));
  std::vector<size_t> unresolved;
  for (size_t i = 0; i < declared.size(); ++i) {
    if (declared[i].id() == LogicalTypeId::INVALID && IsUnresolved(ParameterType(*prepared, i + 1)))
      unresolved.push_back(i);
  }
  if (unresolved.empty()) return prepared;
  // Where text does not fit (`column + $1`) a number or a time may.
  for (const LogicalType& guess :
       {LogicalType(LogicalType::VARCHAR), LogicalType(LogicalType::BIGINT),
        LogicalType(LogicalType::DOUBLE), LogicalType(LogicalType::INTERVAL),
        LogicalType(LogicalType::TIMESTAMP)}) {
    for (size_t i : unresolved) declared[i] = guess;
    auto again = Bind(context, statement, declared);
    if (!again->HasError() &&
        ResolveWithoutValues(context, *again, statement, declared, StandIn::kNull))
      return again;
  }
  // The functions that want a constant and no NULL mostly want a fraction.
  for (const LogicalType& guess :
       {LogicalType(LogicalType::DOUBLE), LogicalType(LogicalType::BIGINT)}) {
    for (size_t i : unresolved) declared[i] = guess;
    auto again = Bind(context, statement, declared);
    if (!again->HasError() && ResolveWithoutValues(context, *again, statement, declared))
      return again;
  }
  return prepared;
}

LogicalType ParameterType(const duckdb::PreparedStatement& prepared, size_t number) {
  LogicalType type(LogicalTypeId::UNKNOWN);
  prepared.data->TryGetType(std::to_string(number), type);
  return type;
}

bool IsUnresolved(const LogicalType& type) {
  return type.id() == LogicalTypeId::UNKNOWN || type.id() == LogicalTypeId::INVALID ||
         type.id() == LogicalTypeId::SQLNULL || type.id() == LogicalTypeId::ANY;
}

}  // namespace skein::engine
