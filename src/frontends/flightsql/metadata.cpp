#include "frontends/flightsql/metadata.h"

#include <array>
#include <map>

#include <arrow/api.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/key_value_metadata.h>

#include "engine/engine.h"
#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/metadata_internal.h"
#include "frontends/flightsql/sql_info.h"
#include "sql/token.h"

namespace skein::frontends::flightsql {
namespace {

std::shared_ptr<arrow::Field> Text(const char* name, bool nullable) {
  return arrow::field(name, arrow::utf8(), nullable);
}

Result<std::shared_ptr<arrow::Table>> Ask(const arrow::flight::ServerCallContext& context,
                                          Conversation& conversation, const Question& question) {
  SKEIN_ASSIGN_OR_RETURN(auto prepared, conversation.PrepareOne(question.sql));
  SKEIN_ASSIGN_OR_RETURN(auto run, conversation.Run(&context, prepared, question.values));
  arrow::RecordBatchVector batches;
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, run->Next());
    if (!batch) break;
    batches.push_back(std::move(batch));
  }
  auto table = arrow::Table::FromRecordBatches(prepared->schema(), batches);
  if (!table.ok()) return FromArrow(table.status());
  return *std::move(table);
}

/// The same columns under the protocol's names.
std::shared_ptr<arrow::Table> Renamed(const std::shared_ptr<arrow::Table>& table,
                                      const std::shared_ptr<arrow::Schema>& schema) {
  return arrow::Table::Make(schema, table->columns(), table->num_rows());
}

/// information_schema is about the database in use, and lists file sets as tables; the others are
/// those that the session attached.
constexpr char kAttached[] = "database_name NOT IN (current_database(), 'system', 'temp')";

constexpr char kTableType[] =
    "CASE WHEN table_type = 'BASE TABLE' THEN 'TABLE' ELSE table_type END";

Question Ordered(Question question, const std::string& order) {
  question.sql += " ORDER BY " + order;
  return question;
}

Question SchemasQuestion(const GetDbSchemas& command) {
  Question question{
      "SELECT DISTINCT catalog_name::VARCHAR, schema_name::VARCHAR FROM (SELECT catalog_name, "
      "schema_name FROM information_schema.schemata UNION ALL SELECT database_name, " +
          std::string(kSchemaName) + " FROM duckdb_schemas() WHERE " + kAttached +
          " AND schema_name NOT IN ('information_schema', 'pg_catalog')) WHERE true",
      {}};
  if (command.catalog) question.Bind("catalog_name = ", *command.catalog);
  if (command.schema_pattern) question.BindSchemaPattern("schema_name", *command.schema_pattern);
  return Ordered(std::move(question), "1, 2");
}

Question TablesQuestion(const GetTables& command) {
  Question question{
      "SELECT table_catalog::VARCHAR, table_schema::VARCHAR, table_name::VARCHAR, (" +
          std::string(kTableType) +
          ")::VARCHAR FROM (SELECT table_catalog, table_schema, table_name, table_type "
          "FROM information_schema.tables UNION ALL SELECT database_name, " +
          kSchemaName + ", table_name, 'BASE TABLE' FROM duckdb_tables() WHERE " + kAttached +
          " UNION ALL SELECT database_name, " + kSchemaName +
          ", view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal AND " + kAttached +
          ") WHERE true",
      {}};
  if (command.catalog) question.Bind("table_catalog = ", *command.catalog);
  if (command.schema_pattern) question.BindSchemaPattern("table_schema", *command.schema_pattern);
  if (command.table_pattern) question.BindPattern("table_name", *command.table_pattern);
  if (!command.table_types.empty()) {
    question.sql += " AND ((" + std::string(kTableType) + ") IN (";
    for (size_t i = 0; i < command.table_types.size(); ++i) {
      question.values.push_back(engine::BoundValue{
          std::make_shared<arrow::StringScalar>(command.table_types[i]), "VARCHAR"});
      question.sql += (i ? ", $" : "$") + std::to_string(question.values.size());
    }
    question.sql += "))";
  }
  return Ordered(std::move(question), "4, 1, 2, 3");
}

std::string TextAt(const arrow::Table& table, int column, int64_t row) {
  auto scalar = table.column(column)->GetScalar(row);
  return scalar.ok() && (*scalar)->is_valid ? (*scalar)->ToString() : std::string();
}

/// What the catalogue says of a table's column, beyond its type.
struct ColumnFacts {
  bool nullable = true;
  bool counts_up = false;
  std::string remarks;
};
/// By catalogue, schema, table and column.
using Facts = std::map<std::array<std::string, 4>, ColumnFacts>;

Result<Facts> ReadFacts(const arrow::flight::ServerCallContext& context, Conversation& conversation,
                        const GetTables& command) {
  Question question{
      "SELECT database_name, " + std::string(kSchemaName) +
          ", table_name, column_name, is_nullable, coalesce(column_default ILIKE 'nextval(%', "
          "false), comment FROM duckdb_columns() WHERE true",
      {}};
  if (command.catalog) question.Bind("database_name = ", *command.catalog);
  if (command.table_pattern) question.BindPattern("table_name", *command.table_pattern);
  SKEIN_ASSIGN_OR_RETURN(auto columns, Ask(context, conversation, question));
  Facts facts;
  for (int64_t row = 0; row < columns->num_rows(); ++row) {
    auto text = [&](int column) { return TextAt(*columns, column, row); };
    facts[{text(0), text(1), text(2), text(3)}] = {text(4) != "false", text(5) == "true", text(6)};
  }
  return facts;
}

std::shared_ptr<arrow::Schema> TableSchema(const Facts& facts, const std::string& catalog,
                                           const std::string& db_schema, const std::string& table,
                                           const arrow::Schema& columns) {
  arrow::FieldVector fields;
  for (const auto& column : columns.fields()) {
    auto found = facts.find({catalog, db_schema, table, column->name()});
    ColumnFacts known = found == facts.end() ? ColumnFacts() : found->second;
    std::string prefix = "ARROW:FLIGHT:SQL:";
    arrow::KeyValueMetadata metadata(
        {prefix + "CATALOG_NAME", prefix + "SCHEMA_NAME", prefix + "TABLE_NAME",
         prefix + "IS_CASE_SENSITIVE", prefix + "IS_READ_ONLY", prefix + "IS_SEARCHABLE"},
        {catalog, db_schema, table, column->type()->id() == arrow::Type::STRING ? "1" : "0", "0",
         "1"});
    // Said of no other column: ADBC for Java cannot read the objects of one that says no.
    if (known.counts_up) metadata.Append(prefix + "IS_AUTO_INCREMENT", "1");
    if (!known.remarks.empty()) metadata.Append(prefix + "REMARKS", known.remarks);
    fields.push_back(column->WithNullable(known.nullable)->WithMergedMetadata(metadata.Copy()));
  }
  return arrow::schema(std::move(fields));
}

Result<std::shared_ptr<arrow::Table>> WithTableSchemas(
    const arrow::flight::ServerCallContext& context, Conversation& conversation,
    const GetTables& command, const std::shared_ptr<arrow::Table>& tables,
    const std::shared_ptr<arrow::Schema>& schema, const WireTypes& types) {
  SKEIN_ASSIGN_OR_RETURN(auto facts, ReadFacts(context, conversation, command));
  arrow::BinaryBuilder builder;
  for (int64_t row = 0; row < tables->num_rows(); ++row) {
    std::string catalog = TextAt(*tables, 0, row);
    std::string db_schema = TextAt(*tables, 1, row);
    std::string table = TextAt(*tables, 2, row);
    auto described =
        conversation.session->Describe("SELECT * FROM " + sql::QuoteName(catalog) + "." +
                                       sql::QuoteName(db_schema) + "." + sql::QuoteName(table));
    // A view may refer to what is gone: it has no columns, and the others are still listed.
    auto columns = types.Apply(described.ok() ? *described : arrow::schema({}));
    auto bytes =
        arrow::ipc::SerializeSchema(*TableSchema(facts, catalog, db_schema, table, *columns));
    if (!bytes.ok()) return FromArrow(bytes.status());
    if (auto status = builder.Append((*bytes)->data(), static_cast<int32_t>((*bytes)->size()));
        !status.ok()) {
      return FromArrow(status);
    }
  }
  auto array = builder.Finish();
  if (!array.ok()) return FromArrow(array.status());
  auto columns = tables->columns();
  columns.push_back(std::make_shared<arrow::ChunkedArray>(*array));
  return arrow::Table::Make(schema, std::move(columns), tables->num_rows());
}

}  // namespace

std::shared_ptr<arrow::Schema> MetadataSchema(const Command& command) {
  if (std::holds_alternative<GetSqlInfo>(command)) return SqlInfoSchema();
  if (std::holds_alternative<GetCatalogs>(command))
    return arrow::schema({Text("catalog_name", false)});
  if (std::holds_alternative<GetTableTypes>(command))
    return arrow::schema({Text("table_type", false)});
  if (std::holds_alternative<GetDbSchemas>(command)) {
    return arrow::schema({Text("catalog_name", true), Text("db_schema_name", false)});
  }
  if (const auto* tables = std::get_if<GetTables>(&command)) {
    arrow::FieldVector fields = {Text("catalog_name", true), Text("db_schema_name", true),
                                 Text("table_name", false), Text("table_type", false)};
    if (tables->include_schema)
      fields.push_back(arrow::field("table_schema", arrow::binary(), false));
    return arrow::schema(std::move(fields));
  }
  return KeysSchema(command);
}

Result<std::shared_ptr<arrow::Table>> ReadMetadata(const arrow::flight::ServerCallContext& context,
                                                   Conversation& conversation,
                                                   const WireTypes& types, const Command& command) {
  auto schema = MetadataSchema(command);
  if (const auto* info = std::get_if<GetSqlInfo>(&command)) return MakeSqlInfo(info->info);
  if (const auto* tables = std::get_if<GetTables>(&command)) {
    SKEIN_ASSIGN_OR_RETURN(auto found, Ask(context, conversation, TablesQuestion(*tables)));
    if (tables->include_schema)
      return WithTableSchemas(context, conversation, *tables, found, schema, types);
    return Renamed(found, schema);
  }
  Question question;
  if (const auto* schemas = std::get_if<GetDbSchemas>(&command)) {
    question = SchemasQuestion(*schemas);
  } else if (std::holds_alternative<GetCatalogs>(command)) {
    question.sql = "SELECT database_name FROM duckdb_databases() WHERE NOT internal ORDER BY 1";
  } else if (KeysSchema(command)) {
    question = KeysQuestion(command);
  } else {
    question.sql = "SELECT unnest(['LOCAL TEMPORARY', 'TABLE', 'VIEW']) ORDER BY 1";
  }
  SKEIN_ASSIGN_OR_RETURN(auto table, Ask(context, conversation, question));
  return Renamed(table, schema);
}

}  // namespace skein::frontends::flightsql
