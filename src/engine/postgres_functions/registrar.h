#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "duckdb/common/types.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/function/scalar_function.hpp"

#include "engine/postgres_functions/sql_error.h"

namespace duckdb {
class Catalog;
class ClientContext;
}  // namespace duckdb

namespace skein::engine {

/// Adds functions to DuckDB's system catalog while the engine opens. Throws DuckDB's exceptions.
/// Used by one thread, within one transaction, before any session is there.
class FunctionRegistrar {
 public:
  FunctionRegistrar(duckdb::ClientContext& context, duckdb::Catalog& catalog)
      : context_(context), catalog_(catalog) {}

  /// Functions that every door finds. Overloads of a function that is there already are added to
  /// it.
  void AddScalar(const std::string& name, std::initializer_list<duckdb::ScalarFunction> overloads);
  /// Functions in pg_catalog, which PostgreSQL's sessions find first. DuckDB's overloads of the
  /// same name that take other arguments are found there too.
  void AddPgScalar(const std::string& name,
                   std::initializer_list<duckdb::ScalarFunction> overloads);
  void AddAggregate(const std::string& name, duckdb::AggregateFunctionSet set);
  /// As AddPgScalar.
  void AddPgAggregate(const std::string& name, duckdb::AggregateFunctionSet set);
  /// DuckDB's aggregate `existing` under another name.
  void AliasAggregate(const std::string& name, const std::string& existing);
  /// Another name of a type.
  void AddType(const std::string& name, const duckdb::LogicalType& type);
  /// CREATE MACRO statements; names are qualified with main or pg_catalog.
  void AddMacros(std::string_view sql);
  bool Exists(const std::string& name);
  /// Changes all overloads of a function of DuckDB's where they are.
  void Change(const std::string& name, const std::function<void(duckdb::ScalarFunction&)>& change);
  /// DuckDB's own overload that takes exactly these arguments; it is there.
  duckdb::ScalarFunction Existing(const std::string& name,
                                  const duckdb::vector<duckdb::LogicalType>& arguments);

 private:
  duckdb::ClientContext& context_;
  duckdb::Catalog& catalog_;
};

/// An overload that may fail at run time and is NULL for NULL.
duckdb::ScalarFunction Fallible(duckdb::vector<duckdb::LogicalType> arguments,
                                duckdb::LogicalType result, duckdb::scalar_function_t function);
/// The same for one that looks at NULLs itself.
duckdb::ScalarFunction SeesNulls(duckdb::ScalarFunction function);

// Each file of this folder adds its own.
void RegisterAggregates(FunctionRegistrar& registrar);
void RegisterArithmetic(FunctionRegistrar& registrar);
void RegisterArrays(FunctionRegistrar& registrar);
void RegisterEnumTexts(FunctionRegistrar& registrar);
void RegisterFormat(FunctionRegistrar& registrar);
void RegisterMacros(FunctionRegistrar& registrar);
void RegisterRegex(FunctionRegistrar& registrar);
void RegisterJson(FunctionRegistrar& registrar);
void RegisterJsonb(FunctionRegistrar& registrar);
void RegisterNumeric(FunctionRegistrar& registrar);
void RegisterOperandTypes(FunctionRegistrar& registrar);
void RegisterNumberPictures(FunctionRegistrar& registrar);
void RegisterPowers(FunctionRegistrar& registrar);
void RegisterSequences(FunctionRegistrar& registrar);
void RegisterText(FunctionRegistrar& registrar);
void RegisterTextLengthFunction(FunctionRegistrar& registrar);
void RegisterTime(FunctionRegistrar& registrar);
void RegisterTimePictures(FunctionRegistrar& registrar);
void RegisterValues(FunctionRegistrar& registrar);

}  // namespace skein::engine
