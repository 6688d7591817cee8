// int2vector and oidvector count from 0 in PostgreSQL: subscripts and what goes with them.

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/common/types/value.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/planner/expression.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/row_function.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::LogicalType;

void Extract(duckdb::DataChunk& input, duckdb::ExpressionState&, duckdb::Vector& result) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < input.size(); ++row) {
    duckdb::Value list = input.data[0].GetValue(row);
    duckdb::Value index = input.data[1].GetValue(row);
    duckdb::Value found(result.GetType());
    if (!list.IsNull() && !index.IsNull()) {
      const auto& values = duckdb::ListValue::GetChildren(list);
      int64_t at = index.GetValue<int64_t>();
      if (at >= 0 && static_cast<size_t>(at) < values.size())
        found = values[static_cast<size_t>(at)];
    }
    result.SetValue(row, found);
  }
  if (input.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

}  // namespace

namespace {

duckdb::bind_scalar_function_t& ListBind() {
  static duckdb::bind_scalar_function_t bind = nullptr;
  return bind;
}

/// Of a vector: our own way. Of any other list: as before.
duckdb::unique_ptr<duckdb::FunctionData> BindExtract(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType& type = arguments[0]->return_type;
  if (type.HasAlias() && (type.GetAlias() == "int2vector" || type.GetAlias() == "oidvector")) {
    function.arguments[0] = type;
    function.SetReturnType(duckdb::ListType::GetChildType(type));
    function.SetFunctionCallback(Extract);
    return nullptr;
  }
  return ListBind() ? ListBind()(context, function, arguments) : nullptr;
}

}  // namespace

void AddVectorSubscripts(duckdb::ClientContext& context, duckdb::Catalog& catalog) {
  auto& entry = catalog.GetEntry<duckdb::ScalarFunctionCatalogEntry>(context, DEFAULT_SCHEMA,
                                                                     "array_extract");
  for (auto& function : entry.functions.functions) {
    bool of_lists =
        !function.arguments.empty() && function.arguments[0].id() == duckdb::LogicalTypeId::LIST;
    if (!of_lists || function.GetBindCallback() == BindExtract) continue;
    ListBind() = function.GetBindCallback();
    function.SetBindCallback(BindExtract);
  }
}

std::vector<duckdb::ScalarFunctionSet> VectorFunctions() {
  // The lower bound of a list: 0 for the vectors.
  duckdb::ScalarFunctionSet bound("skein_lower_bound");
  for (const char* name : {"int2vector", "oidvector"}) {
    bound.AddFunction(
        RowFunction("skein_lower_bound", {NamedType(name)}, LogicalType::BIGINT,
                    [](RowCall& call, duckdb::ClientContext&) { call.Return(int64_t{0}); }));
  }
  bound.AddFunction(
      RowFunction("skein_lower_bound", {LogicalType::ANY}, LogicalType::BIGINT,
                  [](RowCall& call, duckdb::ClientContext&) { call.Return(int64_t{1}); }));
  std::vector<duckdb::ScalarFunctionSet> all;
  all.push_back(std::move(bound));
  return all;
}

}  // namespace skein::engine::postgres_catalog
