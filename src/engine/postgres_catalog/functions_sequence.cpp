// setval and pg_get_serial_sequence.

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/sequence_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/transaction/duck_transaction.hpp"

#include "engine/numbered_columns.h"
#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_functions/sequences.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;

const Relation& FindRelationOrThrow(const Snapshot& snapshot, std::string_view name) {
  const Relation* relation = snapshot.FindRelation(name);
  if (!relation) ThrowSql("42P01", "relation \"" + std::string(name) + "\" does not exist");
  return *relation;
}

/// The next number is `value`, or with is_called the one behind it.
void SetValue(RowCall& call, ClientContext& context) {
  auto snapshot = Snapshot::Of(context);
  const Relation& relation = FindRelationOrThrow(*snapshot, call.Text(0));
  if (relation.kind != 'S' || !relation.entry)
    ThrowSql("42809", "\"" + relation.name + "\" is not a sequence");
  auto& sequence = relation.entry->Cast<duckdb::SequenceCatalogEntry>();
  int64_t value = call.Int(1);
  bool is_called = call.Count() < 3 || call.Bool(2);
  const duckdb::SequenceData data = sequence.GetData();
  if (value < data.min_value || value > data.max_value) {
    ThrowSql("22003", "setval: value " + std::to_string(value) +
                          " is out of bounds for sequence \"" + relation.name + "\" (" +
                          std::to_string(data.min_value) + ".." + std::to_string(data.max_value) +
                          ")");
  }
  auto& transaction = duckdb::DuckTransaction::Get(context, sequence.ParentCatalog());
  sequence.ReplayValue(data.usage_count + 1, value);
  if (is_called) {
    sequence.NextValue(transaction);
    SequenceValues::Of(context).Set(sequence, value);
  } else if (!sequence.temporary) {
    transaction.PushSequenceUsage(sequence, sequence.GetData());
  }
  call.Return(value);
}

/// Every sequence that it may be told is of the current database, or temporary.
void SetsDatabase(ClientContext& context, duckdb::FunctionModifiedDatabasesInput& input) {
  const std::string name = duckdb::DatabaseManager::GetDefaultDatabase(context);
  input.properties.RegisterDBModify(duckdb::Catalog::GetCatalog(context, name), context,
                                    duckdb::DatabaseModificationType::SEQUENCE);
}

void SerialSequence(RowCall& call, ClientContext& context) {
  auto snapshot = Snapshot::Of(context);
  const Relation& relation = FindRelationOrThrow(*snapshot, call.Text(0));
  if (!relation.entry || relation.entry->type != duckdb::CatalogType::TABLE_ENTRY)
    return call.Null();
  auto& table = relation.entry->Cast<duckdb::TableCatalogEntry>();
  std::string column(call.Text(1));
  if (!table.ColumnExists(column)) {
    ThrowSql("42703",
             "column \"" + column + "\" of relation \"" + relation.name + "\" does not exist");
  }
  for (const OwnedSequence& owned : OwnedSequences(context, table.ParentCatalog().GetName(),
                                                   table.ParentSchema().name, table.name)) {
    if (!duckdb::StringUtil::CIEquals(owned.column, column)) continue;
    const Namespace* space = snapshot->FindNamespace(relation.namespace_oid);
    return call.Return(QuoteIdentifier(space ? space->name : owned.schema) + "." +
                       QuoteIdentifier(owned.name));
  }
  call.Null();
}

}  // namespace

std::vector<duckdb::ScalarFunctionSet> SequenceFunctions() {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  std::vector<duckdb::ScalarFunctionSet> all;
  duckdb::ScalarFunctionSet set("setval");
  auto add = [&](duckdb::vector<LogicalType> arguments) {
    auto function = RowFunction("setval", std::move(arguments), number, SetValue);
    function.SetVolatile();
    function.SetModifiedDatabasesCallback(SetsDatabase);
    set.AddFunction(std::move(function));
  };
  add({text, number});
  add({text, number, LogicalType::BOOLEAN});
  all.push_back(std::move(set));
  duckdb::ScalarFunctionSet owned("pg_get_serial_sequence");
  owned.AddFunction(RowFunction("pg_get_serial_sequence", {text, text}, text, SerialSequence));
  all.push_back(std::move(owned));
  return all;
}

}  // namespace skein::engine::postgres_catalog
