#include "engine/numbered_columns.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/sequence_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/parsed_data/create_sequence_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/qualified_name.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/drop_statement.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/in_transaction.h"
#include "engine/postgres_functions/column_names.h"

namespace skein::engine {
namespace {

using duckdb::CatalogType;
using duckdb::CreateTableInfo;
using duckdb::LogicalType;
using duckdb::StringUtil;

/// A tag of the sequence: who owns it is found by the column's default. Its value says what the
/// column is.
constexpr const char* kOwnedTag = "skein:owned";
constexpr const char* kOwnedBySerial = "true";
constexpr const char* kOwnedByIdentity = "identity";
constexpr const char* kOwnedAlways = "always";

/// The whole number that a serial type counts in.
std::optional<LogicalType> SerialType(const LogicalType& type) {
  std::string name = WrittenTypeName(type);
  if (name == "serial" || name == "serial4") return LogicalType(LogicalType::INTEGER);
  if (name == "bigserial" || name == "serial8") return LogicalType(LogicalType::BIGINT);
  if (name == "smallserial" || name == "serial2") return LogicalType(LogicalType::SMALLINT);
  return std::nullopt;
}

const CreateTableInfo* CreatedTable(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::CREATE_STATEMENT) return nullptr;
  const auto& info = *statement.Cast<duckdb::CreateStatement>().info;
  return info.type == CatalogType::TABLE_ENTRY ? &info.Cast<CreateTableInfo>() : nullptr;
}

duckdb::optional_ptr<duckdb::CatalogEntry> Find(duckdb::ClientContext& context, CatalogType type,
                                                const std::string& catalog,
                                                const std::string& schema,
                                                const std::string& name) {
  return duckdb::Catalog::GetEntry(context, catalog, schema, duckdb::EntryLookupInfo(type, name),
                                   duckdb::OnEntryNotFound::RETURN_NULL);
}

/// PostgreSQL's limit of a name; it cuts the longer of the table's and the column's.
std::string SequenceName(std::string table, std::string column) {
  constexpr size_t kMost = 63 - sizeof("__seq") + 1;
  while (table.size() + column.size() > kMost)
    (table.size() > column.size() ? table : column).pop_back();
  return table + "_" + column + "_seq";
}

duckdb::unique_ptr<duckdb::CreateSequenceInfo> NewSequence(const std::string& options) {
  duckdb::Parser parser;
  parser.ParseQuery("CREATE SEQUENCE s " + options);
  if (parser.statements.size() != 1 ||
      parser.statements[0]->type != duckdb::StatementType::CREATE_STATEMENT) {
    throw duckdb::ParserException("an identity column has options that no sequence has: %s",
                                  options);
  }
  auto info = std::move(parser.statements[0]->Cast<duckdb::CreateStatement>().info);
  return duckdb::unique_ptr_cast<duckdb::CreateInfo, duckdb::CreateSequenceInfo>(std::move(info));
}

/// The sequence ends where the column's type does.
void KeepWithin(const LogicalType& type, duckdb::CreateSequenceInfo* sequence) {
  const std::string name = WrittenTypeName(type);
  int64_t most = std::numeric_limits<int64_t>::max();
  if (type.id() == duckdb::LogicalTypeId::INTEGER || name == "integer")
    most = std::numeric_limits<int32_t>::max();
  if (type.id() == duckdb::LogicalTypeId::SMALLINT || name == "smallint")
    most = std::numeric_limits<int16_t>::max();
  sequence->max_value = std::min(sequence->max_value, most);
  sequence->min_value = std::max(sequence->min_value, -most - 1);
}

bool IsIdentityTag(const std::string& key) {
  return StringUtil::StartsWith(key, kIdentityTag) || StringUtil::StartsWith(key, kAlwaysTag);
}

class TableMaker {
 public:
  TableMaker(duckdb::Connection& connection, CreateTableInfo& table)
      : connection_(connection), context_(*connection.context), table_(table) {}

  void Number() {
    connection_.context->RunFunctionInTransaction([&] { FindPlace(); });
    for (duckdb::idx_t i = 0; i < table_.columns.LogicalColumnCount(); ++i) {
      duckdb::LogicalIndex index(i);
      auto& column = table_.columns.GetColumnMutable(index);
      auto always = table_.tags.find(kAlwaysTag + column.Name());
      auto identity =
          always == table_.tags.end() ? table_.tags.find(kIdentityTag + column.Name()) : always;
      auto serial = SerialType(column.Type());
      if (!serial && identity == table_.tags.end()) continue;
      if (column.HasDefaultValue() || (serial && identity != table_.tags.end())) {
        throw duckdb::ParserException("multiple default values specified for column \"%s\"",
                                      column.Name());
      }
      if (serial) column.SetType(*serial);
      // Its error, or that it is left alone, is the table's own matter.
      if (exists_) continue;
      Number(index, identity == table_.tags.end() ? "" : identity->second,
             serial                        ? kOwnedBySerial
             : always == table_.tags.end() ? kOwnedByIdentity
                                           : kOwnedAlways);
    }
    TakeTags();
  }

 private:
  void FindPlace() {
    catalog_ = table_.temporary ? TEMP_CATALOG : table_.catalog;
    schema_ = table_.schema;
    duckdb::Binder::BindSchemaOrCatalog(context_, catalog_, schema_);
    auto found = Find(context_, CatalogType::TABLE_ENTRY, catalog_, schema_, table_.table);
    // A temporary table may be called as another one.
    exists_ = found && (table_.temporary || !found->temporary);
  }

  std::string FreeName(const std::string& column) {
    std::string wanted = SequenceName(table_.table, column);
    std::string name = wanted;
    context_.RunFunctionInTransaction([&] {
      for (int i = 1; Find(context_, CatalogType::SEQUENCE_ENTRY, catalog_, schema_, name); ++i)
        name = wanted + std::to_string(i);
    });
    return name;
  }

  void Number(duckdb::LogicalIndex index, const std::string& options, const char* owned) {
    auto& column = table_.columns.GetColumnMutable(index);
    auto sequence = NewSequence(options);
    sequence->catalog = table_.catalog;
    sequence->schema = table_.schema;
    sequence->temporary = table_.temporary;
    sequence->name = FreeName(column.Name());
    sequence->tags[kOwnedTag] = owned;
    KeepWithin(column.Type(), sequence.get());
    std::string name = duckdb::KeywordHelper::WriteOptionallyQuoted(sequence->name);
    if (!table_.schema.empty() && table_.schema != DEFAULT_SCHEMA)
      name = duckdb::KeywordHelper::WriteOptionallyQuoted(table_.schema) + "." + name;
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(name)));
    column.SetDefaultValue(
        duckdb::make_uniq<duckdb::FunctionExpression>("nextval", std::move(arguments)));
    bool not_null = std::any_of(
        table_.constraints.begin(), table_.constraints.end(), [&](const auto& constraint) {
          return constraint->type == duckdb::ConstraintType::NOT_NULL &&
                 constraint->template Cast<duckdb::NotNullConstraint>().index == index;
        });
    if (!not_null)
      table_.constraints.push_back(duckdb::make_uniq<duckdb::NotNullConstraint>(index));
    auto create = duckdb::make_uniq<duckdb::CreateStatement>();
    create->info = std::move(sequence);
    RunNow(connection_, std::move(create));
  }

  void TakeTags() {
    duckdb::InsertionOrderPreservingMap<std::string> kept;
    for (const auto& [key, value] : table_.tags) {
      if (!IsIdentityTag(key)) kept[key] = value;
    }
    table_.tags = std::move(kept);
  }

  duckdb::Connection& connection_;
  duckdb::ClientContext& context_;
  CreateTableInfo& table_;
  std::string catalog_;
  std::string schema_;
  bool exists_ = false;
};

const duckdb::DropInfo* DroppedTable(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::DROP_STATEMENT) return nullptr;
  const auto& info = *statement.Cast<duckdb::DropStatement>().info;
  return info.type == CatalogType::TABLE_ENTRY ? &info : nullptr;
}

std::vector<OwnedSequence> SequencesOf(duckdb::ClientContext& context,
                                       const duckdb::DropInfo& dropped) {
  std::vector<OwnedSequence> owned;
  context.RunFunctionInTransaction([&] {
    std::string catalog = dropped.catalog;
    std::string schema = dropped.schema;
    duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
    owned = OwnedSequences(context, catalog, schema, dropped.name);
  });
  return owned;
}

}  // namespace

Numbering NumberingBy(const duckdb::CatalogEntry& sequence) {
  auto tag = sequence.tags.find(kOwnedTag);
  if (tag == sequence.tags.end()) return Numbering::kNone;
  if (tag->second == kOwnedAlways) return Numbering::kIdentityAlways;
  return tag->second == kOwnedByIdentity ? Numbering::kIdentity : Numbering::kSerial;
}

std::vector<OwnedSequence> OwnedSequences(duckdb::ClientContext& context,
                                          const std::string& catalog, const std::string& schema,
                                          const std::string& table) {
  std::vector<OwnedSequence> owned;
  auto entry = Find(context, CatalogType::TABLE_ENTRY, catalog, schema, table);
  if (!entry || entry->type != CatalogType::TABLE_ENTRY) return owned;
  const auto& found = entry->Cast<duckdb::TableCatalogEntry>();
  for (const auto& column : found.GetColumns().Logical()) {
    if (column.Generated() || !column.HasDefaultValue() ||
        column.DefaultValue().GetExpressionClass() != duckdb::ExpressionClass::FUNCTION)
      continue;
    const auto& call = column.DefaultValue().Cast<duckdb::FunctionExpression>();
    if (!StringUtil::CIEquals(call.function_name, "nextval") || call.children.size() != 1 ||
        call.children[0]->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT)
      continue;
    auto name = duckdb::QualifiedName::Parse(
        call.children[0]->Cast<duckdb::ConstantExpression>().value.ToString());
    std::string own_catalog = found.ParentCatalog().GetName();
    std::string own_schema = found.ParentSchema().name;
    auto sequence = Find(context, CatalogType::SEQUENCE_ENTRY, own_catalog, own_schema, name.name);
    if (!sequence) continue;
    Numbering numbering = NumberingBy(*sequence);
    if (numbering != Numbering::kNone) {
      owned.push_back({column.Name(), own_catalog, own_schema, name.name,
                       numbering == Numbering::kIdentityAlways});
    }
  }
  return owned;
}

bool HasNumberedColumns(const duckdb::SQLStatement& statement) {
  const auto* table = CreatedTable(statement);
  if (!table || table->query) return false;
  for (const auto& [key, value] : table->tags) {
    if (IsIdentityTag(key)) return true;
  }
  for (const auto& column : table->columns.Logical()) {
    if (SerialType(column.Type())) return true;
  }
  return false;
}

void CreateNumberedTable(duckdb::Connection& connection, const duckdb::SQLStatement& statement) {
  auto copy = statement.Copy();
  InTransaction(connection, [&] {
    auto& create = copy->Cast<duckdb::CreateStatement>();
    TableMaker(connection, create.info->Cast<CreateTableInfo>()).Number();
    RunNow(connection, std::move(copy));
  });
}

bool DropsNumberedTable(duckdb::ClientContext& context, const duckdb::SQLStatement& statement) {
  const auto* dropped = DroppedTable(statement);
  return dropped && !SequencesOf(context, *dropped).empty();
}

void DropNumberedTable(duckdb::Connection& connection, const duckdb::SQLStatement& statement) {
  InTransaction(connection, [&] {
    auto owned = SequencesOf(*connection.context, *DroppedTable(statement));
    RunNow(connection, statement.Copy());
    for (const OwnedSequence& sequence : owned) {
      auto drop = duckdb::make_uniq<duckdb::DropStatement>();
      drop->info->type = CatalogType::SEQUENCE_ENTRY;
      drop->info->catalog = sequence.catalog;
      drop->info->schema = sequence.schema;
      drop->info->name = sequence.name;
      RunNow(connection, std::move(drop));
    }
  });
}

}  // namespace skein::engine
