// Keys and types: what GetPrimaryKeys, GetExportedKeys, GetImportedKeys, GetCrossReference and
// GetXdbcTypeInfo give.

#include <arrow/api.h>

#include "frontends/flightsql/metadata_internal.h"

namespace skein::frontends::flightsql {
namespace {

std::shared_ptr<arrow::Field> Must(const char* name, std::shared_ptr<arrow::DataType> type) {
  return arrow::field(name, std::move(type), false);
}

/// Adds the conditions on a table's name.
void Restrict(Question* question, const TableName& name) {
  if (name.catalog) question->Bind("database_name = ", *name.catalog);
  if (name.schema) question->BindSchema(kSchemaName, *name.schema);
  question->Bind("table_name = ", name.table);
}

/// One row for each column of each foreign key. A foreign key and what it refers to are in one
/// schema. DuckDB has no rule but NO ACTION.
Question ForeignKeys() {
  return {
      "SELECT pk_database, pk_schema, pk_table, pk_column, fk_database, fk_schema, fk_table, "
      "fk_column, place, fk_name, pk_name, 3::UTINYINT, 3::UTINYINT FROM ("
      "SELECT f.database_name AS pk_database, shown AS pk_schema, "
      "f.referenced_table AS pk_table, unnest(f.referenced_column_names) AS pk_column, "
      "f.database_name AS fk_database, shown AS fk_schema, f.table_name AS fk_table, "
      "unnest(f.constraint_column_names) AS fk_column, "
      "unnest(range(1, len(f.constraint_column_names) + 1))::INTEGER AS place, "
      "f.constraint_name AS fk_name, "
      "(SELECT min(p.constraint_name) FROM duckdb_constraints() p "
      "WHERE p.database_name = f.database_name AND p.schema_name = f.schema_name "
      "AND p.table_name = f.referenced_table AND p.constraint_type IN ('PRIMARY KEY', 'UNIQUE') "
      "AND p.constraint_column_names = f.referenced_column_names) AS pk_name "
      "FROM (SELECT *, " +
          std::string(kSchemaName) +
          " AS shown FROM duckdb_constraints()) f WHERE f.constraint_type = 'FOREIGN KEY') WHERE "
          "true",
      {}};
}

void RestrictSide(Question* question, const TableName& name, const std::string& side) {
  if (name.catalog) question->Bind(side + "_database = ", *name.catalog);
  if (name.schema) question->BindSchema(side + "_schema", *name.schema);
  question->Bind(side + "_table = ", name.table);
}

// Names and numbers of ODBC and JDBC: data_type, and for times a common one with a subcode.
constexpr char kTypes[] =
    "SELECT * FROM (VALUES "
    "('TINYINT', -6, 3, NULL, NULL, NULL, false, false, NULL, NULL, -6, NULL, 10), "
    "('BIGINT', -5, 19, NULL, NULL, NULL, false, false, NULL, NULL, -5, NULL, 10), "
    "('UBIGINT', -5, 20, NULL, NULL, NULL, false, true, NULL, NULL, -5, NULL, 10), "
    "('BLOB', -3, 2147483647, '''', '''::BLOB', NULL, true, NULL, NULL, NULL, -3, NULL, NULL), "
    "('DECIMAL', 3, 38, NULL, NULL, ['precision', 'scale'], false, false, 0, 38, 3, NULL, 10), "
    "('HUGEINT', 2, 38, NULL, NULL, NULL, false, false, 0, 0, 2, NULL, 10), "
    "('UHUGEINT', 2, 39, NULL, NULL, NULL, false, true, 0, 0, 2, NULL, 10), "
    "('INTEGER', 4, 10, NULL, NULL, NULL, false, false, NULL, NULL, 4, NULL, 10), "
    "('UINTEGER', 4, 10, NULL, NULL, NULL, false, true, NULL, NULL, 4, NULL, 10), "
    "('SMALLINT', 5, 5, NULL, NULL, NULL, false, false, NULL, NULL, 5, NULL, 10), "
    "('USMALLINT', 5, 5, NULL, NULL, NULL, false, true, NULL, NULL, 5, NULL, 10), "
    "('UTINYINT', -6, 3, NULL, NULL, NULL, false, true, NULL, NULL, -6, NULL, 10), "
    "('FLOAT', 7, 24, NULL, NULL, NULL, false, false, NULL, NULL, 7, NULL, 2), "
    "('DOUBLE', 8, 53, NULL, NULL, NULL, false, false, NULL, NULL, 8, NULL, 2), "
    "('VARCHAR', 12, 2147483647, '''', '''', NULL, true, NULL, NULL, NULL, 12, NULL, NULL), "
    "('BOOLEAN', -7, 1, NULL, NULL, NULL, false, NULL, NULL, NULL, -7, NULL, NULL), "
    "('DATE', 91, 10, 'DATE ''', '''', NULL, false, NULL, NULL, NULL, 9, 1, NULL), "
    "('TIME', 92, 15, 'TIME ''', '''', NULL, false, NULL, 6, 6, 9, 2, NULL), "
    "('TIMESTAMP', 93, 26, 'TIMESTAMP ''', '''', NULL, false, NULL, 6, 6, 9, 3, NULL), "
    "('TIMESTAMP WITH TIME ZONE', 93, 32, 'TIMESTAMPTZ ''', '''', NULL, false, NULL, 6, 6, 9, 5, "
    "NULL)) types(type_name, data_type, column_size, literal_prefix, literal_suffix, "
    "create_params, case_sensitive, unsigned_attribute, minimum_scale, maximum_scale, "
    "sql_data_type, datetime_subcode, num_prec_radix)";

Question Types(const GetXdbcTypeInfo& command) {
  Question question{
      "SELECT type_name, data_type, column_size, literal_prefix, literal_suffix, "
      "create_params::VARCHAR[], 1::INTEGER, case_sensitive, 3::INTEGER, unsigned_attribute, "
      "false, NULL::BOOLEAN, NULL::VARCHAR, minimum_scale::INTEGER, maximum_scale::INTEGER, "
      "sql_data_type, datetime_subcode::INTEGER, num_prec_radix::INTEGER, NULL::INTEGER FROM (" +
          std::string(kTypes) + ") WHERE true",
      {}};
  if (command.data_type) question.sql += " AND data_type = " + std::to_string(*command.data_type);
  question.sql += " ORDER BY data_type, type_name";
  return question;
}

}  // namespace

std::shared_ptr<arrow::Schema> KeysSchema(const Command& command) {
  auto text = arrow::utf8();
  if (std::holds_alternative<GetPrimaryKeys>(command)) {
    return arrow::schema({arrow::field("catalog_name", text), arrow::field("db_schema_name", text),
                          Must("table_name", text), Must("column_name", text),
                          arrow::field("key_name", text), Must("key_sequence", arrow::int32())});
  }
  if (std::holds_alternative<GetExportedKeys>(command) ||
      std::holds_alternative<GetImportedKeys>(command) ||
      std::holds_alternative<GetCrossReference>(command)) {
    return arrow::schema({arrow::field("pk_catalog_name", text),
                          arrow::field("pk_db_schema_name", text), Must("pk_table_name", text),
                          Must("pk_column_name", text), arrow::field("fk_catalog_name", text),
                          arrow::field("fk_db_schema_name", text), Must("fk_table_name", text),
                          Must("fk_column_name", text), Must("key_sequence", arrow::int32()),
                          arrow::field("fk_key_name", text), arrow::field("pk_key_name", text),
                          Must("update_rule", arrow::uint8()),
                          Must("delete_rule", arrow::uint8())});
  }
  if (std::holds_alternative<GetXdbcTypeInfo>(command)) {
    auto number = arrow::int32();
    return arrow::schema(
        {Must("type_name", text), Must("data_type", number), arrow::field("column_size", number),
         arrow::field("literal_prefix", text), arrow::field("literal_suffix", text),
         arrow::field("create_params", arrow::list(arrow::field("item", text, false))),
         Must("nullable", number), Must("case_sensitive", arrow::boolean()),
         Must("searchable", number), arrow::field("unsigned_attribute", arrow::boolean()),
         Must("fixed_prec_scale", arrow::boolean()),
         arrow::field("auto_increment", arrow::boolean()), arrow::field("local_type_name", text),
         arrow::field("minimum_scale", number), arrow::field("maximum_scale", number),
         Must("sql_data_type", number), arrow::field("datetime_subcode", number),
         arrow::field("num_prec_radix", number), arrow::field("interval_precision", number)});
  }
  return nullptr;
}

Question KeysQuestion(const Command& command) {
  if (const auto* primary = std::get_if<GetPrimaryKeys>(&command)) {
    Question question{"SELECT database_name, " + std::string(kSchemaName) +
                          ", table_name, unnest(constraint_column_names), constraint_name, "
                          "unnest(range(1, len(constraint_column_names) + 1))::INTEGER "
                          "FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'",
                      {}};
    Restrict(&question, primary->table);
    question.sql += " ORDER BY 1, 2, 3, 5, 6";
    return question;
  }
  if (const auto* types = std::get_if<GetXdbcTypeInfo>(&command)) return Types(*types);
  Question question = ForeignKeys();
  std::string order = "fk_database, fk_schema, fk_table, fk_name, place";
  if (const auto* exported = std::get_if<GetExportedKeys>(&command)) {
    RestrictSide(&question, exported->table, "pk");
  } else if (const auto* imported = std::get_if<GetImportedKeys>(&command)) {
    RestrictSide(&question, imported->table, "fk");
    order = "pk_database, pk_schema, pk_table, pk_name, place";
  } else {
    const auto& reference = std::get<GetCrossReference>(command);
    RestrictSide(&question, reference.primary, "pk");
    RestrictSide(&question, reference.foreign, "fk");
  }
  question.sql += " ORDER BY " + order;
  return question;
}

}  // namespace skein::frontends::flightsql
