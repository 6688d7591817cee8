// DuckDB's functions that list databases, or what is in them, for a session that has its own.

#include <algorithm>
#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/materialized_query_result.hpp"

#include "engine/attachments.h"

namespace skein::engine {
namespace {

constexpr char kNumber[] = "database_oid";
constexpr std::array kLists = {"duckdb_databases", "duckdb_schemas",      "duckdb_tables",
                               "duckdb_columns",   "duckdb_views",        "duckdb_indexes",
                               "duckdb_types",     "duckdb_constraints",  "duckdb_sequences",
                               "duckdb_functions", "pragma_database_size"};

/// DuckDB's own function, and the column that says in which database a row is: by its number, or by
/// its name where that is all there is. The same for all engines of the process.
struct List {
  duckdb::table_function_t rows = nullptr;
  duckdb::table_function_init_global_t start = nullptr;
  bool projects = false;
  std::string column;
  duckdb::column_t index = 0;
};
std::array<List, kLists.size()> lists;
std::once_flag lists_known;

/// DuckDB's scan of what is everybody's, and then the rows of what the session attached.
struct Scan : duckdb::GlobalTableFunctionState {
  duckdb::unique_ptr<duckdb::GlobalTableFunctionState> everybodys;
  /// Which columns that scan gives, behind those asked for the one with the database if that is not
  /// among them; empty: all.
  duckdb::vector<duckdb::column_t> columns;
  /// Where in them the database is.
  duckdb::idx_t database = 0;
  duckdb::shared_ptr<SessionAttachments> session;
  bool all_are_everybodys = false;
  duckdb::vector<duckdb::unique_ptr<duckdb::MaterializedQueryResult>> own;
};

/// A connection of ours whose place for temporary things is taken by `attached`: the databases that
/// DuckDB lists for it are everybody's and this one.
duckdb::unique_ptr<duckdb::MaterializedQueryResult> RowsOf(duckdb::ClientContext& context,
                                                           Attached& attached, size_t list) {
  duckdb::Connection connection(*context.db);
  duckdb::ClientData::Get(*connection.context).temporary_objects = attached.database();
  const auto& database = *attached.database();
  const bool by_number = lists[list].column == kNumber;
  const duckdb::Value wanted =
      by_number ? duckdb::Value::UBIGINT(database.oid) : duckdb::Value(database.GetName());
  auto result = connection.Query("SELECT * FROM " + std::string(kLists[list]) + "() WHERE " +
                                 lists[list].column + " = " + wanted.ToSQLString());
  if (result->HasError()) result->ThrowError();
  return result;
}

template <size_t kIndex>
duckdb::unique_ptr<duckdb::GlobalTableFunctionState> Start(duckdb::ClientContext& context,
                                                           duckdb::TableFunctionInitInput& input) {
  const List& list = lists[kIndex];
  auto scan = duckdb::make_uniq<Scan>();
  scan->session = context.registered_state->Get<SessionAttachments>(SessionAttachments::kKey);
  if (!scan->session) {
    scan->everybodys = list.start(context, input);
    return scan;
  }
  scan->database = list.index;
  if (list.projects) {
    scan->columns = input.column_ids;
    auto found = std::find(scan->columns.begin(), scan->columns.end(), list.index);
    scan->database = static_cast<duckdb::idx_t>(found - scan->columns.begin());
    if (found == scan->columns.end()) scan->columns.push_back(list.index);
  }
  duckdb::TableFunctionInitInput inner(
      input.bind_data, list.projects ? scan->columns : input.column_ids, input.projection_ids,
      input.filters, input.sample_options, input.op);
  scan->everybodys = list.start(context, inner);
  // Asked after DuckDB has looked: what was there then has been counted.
  scan->all_are_everybodys = !scan->session->AnyPrivate();
  for (const auto& attached : scan->session->List())
    scan->own.push_back(RowsOf(context, *attached, kIndex));
  return scan;
}

/// Leaves the rows of databases that are everybody's.
void Filter(duckdb::ClientContext& context, const SessionAttachments& session, duckdb::idx_t column,
            duckdb::DataChunk& rows) {
  duckdb::SelectionVector kept(rows.size());
  duckdb::idx_t count = 0;
  for (duckdb::idx_t row = 0; row < rows.size(); ++row) {
    const duckdb::Value database = rows.GetValue(column, row);
    const bool shown = database.type() == duckdb::LogicalType::VARCHAR
                           ? session.IsEverybodys(duckdb::StringValue::Get(database))
                           : session.IsEverybodys(context, database.GetValue<duckdb::idx_t>());
    if (shown) kept.set_index(count++, row);
  }
  if (count < rows.size()) rows.Slice(kept, count);
}

/// The columns asked for of rows that have all.
void Pick(const Scan& scan, duckdb::DataChunk& rows, duckdb::DataChunk& output) {
  for (duckdb::idx_t i = 0; i < output.ColumnCount(); ++i) {
    const duckdb::column_t column = scan.columns.empty() ? i : scan.columns[i];
    if (column < rows.ColumnCount()) {
      duckdb::VectorOperations::Copy(rows.data[column], output.data[i], rows.size(), 0, 0);
    } else {
      // What count(*) asks for.
      output.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      duckdb::ConstantVector::SetNull(output.data[i], true);
    }
  }
  output.SetCardinality(rows.size());
}

template <size_t kIndex>
void Rows(duckdb::ClientContext& context, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& output) {
  auto& scan = input.global_state->Cast<Scan>();
  duckdb::TableFunctionInput inner(input.bind_data, input.local_state, scan.everybodys.get());
  const bool as_asked = scan.columns.size() <= output.ColumnCount();
  if (!scan.session || (scan.all_are_everybodys && as_asked))
    return lists[kIndex].rows(context, inner, output);
  // DuckDB's function writes into its chunk from the first row on, so that chunk stays its own.
  auto types = output.GetTypes();
  if (scan.columns.size() > types.size()) types.push_back(duckdb::LogicalType::BIGINT);
  duckdb::DataChunk rows;
  rows.Initialize(context, types);
  do {
    rows.Reset();
    lists[kIndex].rows(context, inner, rows);
    if (rows.size() == 0) break;
    Filter(context, *scan.session, scan.database, rows);
  } while (rows.size() == 0);
  if (rows.size() > 0) {
    for (duckdb::idx_t i = 0; i < output.ColumnCount(); ++i)
      duckdb::VectorOperations::Copy(rows.data[i], output.data[i], rows.size(), 0, 0);
    return output.SetCardinality(rows.size());
  }
  while (!scan.own.empty()) {
    if (auto chunk = scan.own.back()->Fetch(); chunk && chunk->size() > 0)
      return Pick(scan, *chunk, output);
    scan.own.pop_back();
  }
}

template <size_t... kIndices>
void Replace(duckdb::TableFunction& function, size_t list, std::index_sequence<kIndices...>) {
  constexpr std::array<duckdb::table_function_t, sizeof...(kIndices)> kRows = {Rows<kIndices>...};
  constexpr std::array<duckdb::table_function_init_global_t, sizeof...(kIndices)> kStart = {
      Start<kIndices>...};
  function.function = kRows[list];
  function.init_global = kStart[list];
}

void FindColumn(duckdb::Connection& connection, size_t list) {
  auto result = connection.Query("SELECT * FROM " + std::string(kLists[list]) + "() LIMIT 0");
  if (result->HasError()) result->ThrowError();
  for (const char* wanted : {kNumber, "database_name"}) {
    for (duckdb::idx_t i = 0; i < result->names.size(); ++i) {
      // duckdb_functions() has text for a number.
      const bool text = result->types[i] == duckdb::LogicalType::VARCHAR;
      if (result->names[i] != wanted || text == (wanted == std::string_view(kNumber))) continue;
      lists[list].column = wanted;
      lists[list].index = i;
      return;
    }
  }
  throw duckdb::InternalException("%s() does not say which database its rows are about",
                                  kLists[list]);
}

}  // namespace

void ListAttachments(duckdb::Connection& connection) {
  auto& context = *connection.context;
  auto function_of = [&](const char* name) -> duckdb::TableFunction& {
    return duckdb::Catalog::GetSystemCatalog(context)
        .GetEntry<duckdb::TableFunctionCatalogEntry>(context, DEFAULT_SCHEMA, name)
        .functions.functions.at(0);
  };
  std::call_once(lists_known, [&] {
    for (size_t i = 0; i < kLists.size(); ++i) {
      FindColumn(connection, i);
      context.RunFunctionInTransaction([&] {
        lists[i].rows = function_of(kLists[i]).function;
        lists[i].start = function_of(kLists[i]).init_global;
        lists[i].projects = function_of(kLists[i]).projection_pushdown;
      });
    }
  });
  context.RunFunctionInTransaction([&] {
    for (size_t i = 0; i < kLists.size(); ++i)
      Replace(function_of(kLists[i]), i, std::make_index_sequence<kLists.size()>());
  });
}

}  // namespace skein::engine
