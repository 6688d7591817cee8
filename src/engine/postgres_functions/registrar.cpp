#include "engine/postgres_functions/registrar.h"

#include <algorithm>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/parser/parsed_data/create_aggregate_function_info.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "duckdb/parser/parsed_data/create_type_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/create_statement.hpp"

#include "engine/postgres_functions/names.h"

namespace skein::engine {
namespace {

duckdb::optional_ptr<duckdb::CatalogEntry> Find(duckdb::ClientContext& context,
                                                duckdb::Catalog& catalog, const std::string& name) {
  return catalog.GetEntry(context, DEFAULT_SCHEMA,
                          duckdb::EntryLookupInfo(duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, name),
                          duckdb::OnEntryNotFound::RETURN_NULL);
}

/// Adds those of `theirs` that take other arguments than all of `ours`.
template <class Function>
void AddOthers(duckdb::FunctionSet<Function>& ours, const duckdb::FunctionSet<Function>& theirs) {
  for (const Function& one : theirs.functions) {
    bool there =
        std::any_of(ours.functions.begin(), ours.functions.end(), [&](const Function& mine) {
          return mine.arguments == one.arguments && mine.varargs == one.varargs;
        });
    if (!there) ours.AddFunction(one);
  }
}

}  // namespace

void FunctionRegistrar::AddScalar(const std::string& name,
                                  std::initializer_list<duckdb::ScalarFunction> overloads) {
  duckdb::ScalarFunctionSet set(name);
  for (duckdb::ScalarFunction overload : overloads) {
    overload.name = name;
    set.AddFunction(std::move(overload));
  }
  duckdb::CreateScalarFunctionInfo info(std::move(set));
  info.schema = DEFAULT_SCHEMA;
  info.internal = true;
  info.on_conflict = duckdb::OnCreateConflict::ALTER_ON_CONFLICT;
  catalog_.CreateFunction(context_, info);
}

void FunctionRegistrar::AddPgScalar(const std::string& name,
                                    std::initializer_list<duckdb::ScalarFunction> overloads) {
  duckdb::ScalarFunctionSet set(name);
  for (duckdb::ScalarFunction overload : overloads) {
    overload.name = name;
    set.AddFunction(std::move(overload));
  }
  auto existing = Find(context_, catalog_, name);
  if (existing && existing->type == duckdb::CatalogType::SCALAR_FUNCTION_ENTRY)
    AddOthers(set, existing->Cast<duckdb::ScalarFunctionCatalogEntry>().functions);
  duckdb::CreateScalarFunctionInfo info(std::move(set));
  info.schema = kPgCatalog;
  info.internal = true;
  catalog_.CreateFunction(context_, info);
}

void FunctionRegistrar::AddAggregate(const std::string& name, duckdb::AggregateFunctionSet set) {
  set.name = name;
  for (auto& function : set.functions) function.name = name;
  duckdb::CreateAggregateFunctionInfo info(std::move(set));
  info.schema = DEFAULT_SCHEMA;
  info.internal = true;
  catalog_.CreateFunction(context_, info);
}

void FunctionRegistrar::AddPgAggregate(const std::string& name, duckdb::AggregateFunctionSet set) {
  for (auto& function : set.functions) function.name = name;
  auto existing = Find(context_, catalog_, name);
  if (existing && existing->type == duckdb::CatalogType::AGGREGATE_FUNCTION_ENTRY)
    AddOthers(set, existing->Cast<duckdb::AggregateFunctionCatalogEntry>().functions);
  duckdb::CreateAggregateFunctionInfo info(std::move(set));
  info.schema = kPgCatalog;
  info.internal = true;
  catalog_.CreateFunction(context_, info);
}

void FunctionRegistrar::AliasAggregate(const std::string& name, const std::string& existing) {
  auto entry = Find(context_, catalog_, existing);
  if (!entry || entry->type != duckdb::CatalogType::AGGREGATE_FUNCTION_ENTRY) {
    throw duckdb::InternalException("there is no aggregate %s to call %s", existing, name);
  }
  AddAggregate(name, entry->Cast<duckdb::AggregateFunctionCatalogEntry>().functions);
}

void FunctionRegistrar::AddType(const std::string& name, const duckdb::LogicalType& type) {
  duckdb::CreateTypeInfo info(name, type);
  info.schema = DEFAULT_SCHEMA;
  info.internal = true;
  catalog_.CreateType(context_, info);
}

void FunctionRegistrar::AddMacros(std::string_view sql) {
  duckdb::Parser parser;
  parser.ParseQuery(std::string(sql));
  for (auto& statement : parser.statements) {
    auto& info = statement->Cast<duckdb::CreateStatement>().info->Cast<duckdb::CreateMacroInfo>();
    info.internal = true;
    info.catalog = SYSTEM_CATALOG;
    catalog_.CreateFunction(context_, info);
  }
}

bool FunctionRegistrar::Exists(const std::string& name) {
  return Find(context_, catalog_, name) != nullptr;
}

duckdb::ScalarFunction FunctionRegistrar::Existing(
    const std::string& name, const duckdb::vector<duckdb::LogicalType>& arguments) {
  auto entry = Find(context_, catalog_, name);
  if (entry && entry->type == duckdb::CatalogType::SCALAR_FUNCTION_ENTRY) {
    for (const auto& one : entry->Cast<duckdb::ScalarFunctionCatalogEntry>().functions.functions) {
      if (one.arguments == arguments) return one;
    }
  }
  throw duckdb::InternalException("there is no function %s with these arguments", name);
}

void FunctionRegistrar::Change(const std::string& name,
                               const std::function<void(duckdb::ScalarFunction&)>& change) {
  auto entry = Find(context_, catalog_, name);
  if (!entry || entry->type != duckdb::CatalogType::SCALAR_FUNCTION_ENTRY)
    throw duckdb::InternalException("there is no function %s to change", name);
  for (auto& one : entry->Cast<duckdb::ScalarFunctionCatalogEntry>().functions.functions)
    change(one);
}

duckdb::ScalarFunction Fallible(duckdb::vector<duckdb::LogicalType> arguments,
                                duckdb::LogicalType result, duckdb::scalar_function_t function) {
  duckdb::ScalarFunction made(std::move(arguments), std::move(result), std::move(function));
  made.SetFallible();
  return made;
}

duckdb::ScalarFunction SeesNulls(duckdb::ScalarFunction function) {
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  return function;
}

void ThrowSql(const char* sqlstate, const std::string& message, const std::string& hint) {
  std::unordered_map<std::string, std::string> extra{{"sqlstate", sqlstate}};
  if (!hint.empty()) extra["hint"] = hint;
  throw duckdb::Exception(extra, duckdb::ExceptionType::INVALID_INPUT, message);
}

}  // namespace skein::engine
