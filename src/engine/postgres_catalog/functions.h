#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/common/types.hpp"
#include "duckdb/function/scalar_function.hpp"

#include "engine/postgres_catalog/snapshot.h"

namespace duckdb {
class Catalog;
class ClientContext;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

inline constexpr uint32_t kJson = 114;
inline constexpr uint32_t kNumeric = 1700;
inline constexpr uint32_t kRecord = 2249;
inline constexpr uint32_t kAnyEnum = 3500;
inline constexpr uint32_t kAnyArray = 2277;
inline constexpr uint32_t kAnyElement = 2283;

/// One overload of a function or macro, as pg_proc shows it.
struct Function {
  uint32_t oid = 0;
  uint32_t namespace_oid = 0;
  std::string name;
  char kind = 'f';
  char volatility = 'v';
  bool returns_set = false;
  uint32_t variadic = 0;
  uint32_t return_type = 0;
  std::vector<uint32_t> argument_types;
  std::vector<std::string> argument_names;
  /// A macro's text; empty for what is built in.
  std::string source;
};

/// All functions that a statement can call.
std::vector<Function> ListFunctions(duckdb::ClientContext& context, const Snapshot& snapshot);

/// PostgreSQL's own functions as far as data/pg_proc.tsv names them: those that types refer to.
/// Empty and 0 when there is none.
std::string BuiltinFunctionName(uint32_t oid);
uint32_t BuiltinFunctionOid(std::string_view name);

/// The type of an argument or result; what takes any type is anyelement.
uint32_t FunctionTypeOid(const Snapshot& snapshot, const duckdb::LogicalType& type);

/// The scalar functions of pg_catalog that need more than SQL, by the name they are called by.
std::vector<duckdb::ScalarFunctionSet> CatalogFunctions();
std::vector<duckdb::ScalarFunctionSet> DefinitionFunctions();
std::vector<duckdb::ScalarFunctionSet> LockFunctions();
std::vector<duckdb::ScalarFunctionSet> SequenceFunctions();
std::vector<duckdb::ScalarFunctionSet> SessionFunctions();
std::vector<duckdb::ScalarFunctionSet> SettingFunctions();

/// Goes up when set_config() changed a setting of the connection, and when the end of a transaction
/// took that back.
std::shared_ptr<const std::atomic<uint64_t>> SettingChanges(duckdb::ClientContext& context);
std::vector<duckdb::ScalarFunctionSet> VectorFunctions();

/// Makes vector[i] count from 0.
void AddVectorSubscripts(duckdb::ClientContext& context, duckdb::Catalog& catalog);

}  // namespace skein::engine::postgres_catalog
