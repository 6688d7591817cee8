#include "frontends/flightsql/metadata.h"

#include <arrow/api.h>
#include <arrow/ipc/writer.h>

#include "engine/engine.h"
#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/metadata_internal.h"
#include "frontends/flightsql/sql_info.h"

namespace skein::frontends::flightsql {
namespace {

std::shared_ptr<arrow::Field> Text(const char* name, bool nullable) {
  return arrow::field(name, arrow::utf8(), nullable);
}

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
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

constexpr char kTableType[] =
    "CASE WHEN table_type = 'BASE TABLE' THEN 'TABLE' ELSE table_type END";

Question Ordered(Question question, const std::string& order) {
  question.sql += " ORDER BY " + order;
  return question;
}

Question SchemasQuestion(const GetDbSchemas& command) {
  Question question{
      "SELECT DISTINCT catalog_name::VARCHAR, schema_name::VARCHAR FROM "
      "information_schema.schemata WHERE true",
      {}};
  if (command.catalog) question.Bind("catalog_name = ", *command.catalog);
  if (command.schema_pattern) question.Bind("schema_name LIKE ", *command.schema_pattern);
  return Ordered(std::move(question), "1, 2");
}

Question TablesQuestion(const GetTables& command) {
  Question question{"SELECT table_catalog::VARCHAR, table_schema::VARCHAR, table_name::VARCHAR, (" +
                        std::string(kTableType) +
                        ")::VARCHAR FROM information_schema.tables WHERE true",
                    {}};
  if (command.catalog) question.Bind("table_catalog = ", *command.catalog);
  if (command.schema_pattern) question.Bind("table_schema LIKE ", *command.schema_pattern);
  if (command.table_pattern) question.Bind("table_name LIKE ", *command.table_pattern);
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

Result<std::shared_ptr<arrow::Table>> WithTableSchemas(Conversation& conversation,
                                                       const std::shared_ptr<arrow::Table>& tables,
                                                       const std::shared_ptr<arrow::Schema>& schema,
                                                       const WireTypes& types) {
  arrow::BinaryBuilder builder;
  for (int64_t row = 0; row < tables->num_rows(); ++row) {
    std::string name = Quoted(TextAt(*tables, 0, row)) + "." + Quoted(TextAt(*tables, 1, row)) +
                       "." + Quoted(TextAt(*tables, 2, row));
    auto prepared = conversation.PrepareOne("SELECT * FROM " + name);
    // A view may refer to what is gone: it has no columns, and the others are still listed.
    auto bytes = arrow::ipc::SerializeSchema(
        *types.Apply(prepared.ok() ? (*prepared)->schema() : arrow::schema({})));
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
    if (tables->include_schema) return WithTableSchemas(conversation, found, schema, types);
    return Renamed(found, schema);
  }
  Question question;
  if (const auto* schemas = std::get_if<GetDbSchemas>(&command)) {
    question = SchemasQuestion(*schemas);
  } else if (std::holds_alternative<GetCatalogs>(command)) {
    question.sql =
        "SELECT DISTINCT catalog_name::VARCHAR FROM information_schema.schemata ORDER BY 1";
  } else if (KeysSchema(command)) {
    question = KeysQuestion(command);
  } else {
    question.sql = "SELECT unnest(['LOCAL TEMPORARY', 'TABLE', 'VIEW']) ORDER BY 1";
  }
  SKEIN_ASSIGN_OR_RETURN(auto table, Ask(context, conversation, question));
  return Renamed(table, schema);
}

}  // namespace skein::frontends::flightsql
