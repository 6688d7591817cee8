#include "engine/postgres_catalog/snapshot_builder.h"

#include <algorithm>
#include <set>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/index_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/sequence_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/type_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/constraints/check_constraint.hpp"
#include "duckdb/parser/constraints/foreign_key_constraint.hpp"
#include "duckdb/parser/constraints/unique_constraint.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parsed_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"

#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/view_text.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::CatalogType;

class Builder {
 public:
  Builder(duckdb::ClientContext& context, Snapshot& snapshot)
      : context_(context), snapshot_(snapshot) {}

  void Build(const std::vector<FileSetName>& file_sets) {
    snapshot_.database = duckdb::DatabaseManager::GetDefaultDatabase(context_);
    snapshot_.database_oid = StableOid("database", snapshot_.database, "", "");
    snapshot_.namespaces = {
        {Snapshot::kPgCatalog, "pg_catalog", "system", "pg_catalog"},
        {Snapshot::kInformationSchema, "information_schema", "system", "information_schema"}};
    AddOwnRelations();
    AddDatabase(snapshot_.database, false);
    AddDatabase("temp", true);
    AddFileSets(file_sets);
    AddConstraints();
    SnapshotBuilder::Index(context_, snapshot_);
  }

 private:
  void AddOwnRelations() {
    for (const RelationDef& definition : RelationDefs()) {
      Relation relation;
      relation.namespace_oid =
          definition.schema == "pg_catalog" ? Snapshot::kPgCatalog : Snapshot::kInformationSchema;
      relation.oid = definition.oid
                         ? definition.oid
                         : StableOid("relation", "system", definition.schema, definition.name);
      relation.kind = definition.kind;
      relation.name = definition.name;
      relation.definition = &definition;
      snapshot_.relations.push_back(std::move(relation));
    }
  }

  void AddDatabase(const std::string& name, bool temporary) {
    auto catalog = duckdb::Catalog::GetCatalogEntry(context_, name);
    if (!catalog) return;
    auto schemas = catalog->GetSchemas(context_);
    if (!temporary) {
      has_public_ = std::any_of(schemas.begin(), schemas.end(),
                                [](auto& schema) { return schema.get().name == "public"; });
    }
    for (auto& schema_ref : schemas) {
      auto& schema = schema_ref.get();
      if (schema.name == "pg_catalog" || schema.name == "information_schema") continue;
      bool is_main = schema.name == DEFAULT_SCHEMA;
      if (temporary && !is_main) continue;
      Namespace space;
      space.database = name;
      space.real_name = schema.name;
      space.name = temporary ? "pg_temp_1" : is_main && !has_public_ ? "public" : schema.name;
      space.oid =
          space.name == "public" ? Snapshot::kPublic : StableOid("schema", name, "", schema.name);
      size_t before = snapshot_.relations.size();
      AddSchema(schema, space, temporary);
      // The temporary schema is there once it holds something, as in PostgreSQL.
      if (temporary && snapshot_.relations.size() == before) continue;
      snapshot_.namespaces.push_back(std::move(space));
    }
  }

  void AddSchema(duckdb::SchemaCatalogEntry& schema, const Namespace& space, bool temporary) {
    size_t first = snapshot_.relations.size();
    auto add = [&](duckdb::CatalogEntry& entry, char kind) {
      if (entry.internal) return;
      Relation relation;
      relation.oid = StableOid("relation", space.database, space.real_name, entry.name);
      relation.namespace_oid = space.oid;
      relation.kind = kind;
      relation.temporary = temporary;
      relation.name = entry.name;
      relation.entry = &entry;
      snapshot_.relations.push_back(std::move(relation));
    };
    schema.Scan(context_, CatalogType::TABLE_ENTRY, [&](duckdb::CatalogEntry& entry) {
      add(entry, entry.type == CatalogType::VIEW_ENTRY ? 'v' : 'r');
    });
    schema.Scan(context_, CatalogType::SEQUENCE_ENTRY,
                [&](duckdb::CatalogEntry& entry) { add(entry, 'S'); });
    std::vector<duckdb::IndexCatalogEntry*> indexes;
    schema.Scan(context_, CatalogType::INDEX_ENTRY, [&](duckdb::CatalogEntry& entry) {
      indexes.push_back(&entry.Cast<duckdb::IndexCatalogEntry>());
    });
    schema.Scan(context_, CatalogType::TYPE_ENTRY, [&](duckdb::CatalogEntry& entry) {
      if (entry.internal) return;
      auto& made = entry.Cast<duckdb::TypeCatalogEntry>();
      snapshot_.types.push_back(
          {StableOid("type", space.database, space.real_name, entry.name),
           StableOid("type", space.database, space.real_name, entry.name + "[]"), space.oid,
           entry.name, made.user_type});
    });
    std::sort(snapshot_.relations.begin() + static_cast<ptrdiff_t>(first),
              snapshot_.relations.end(),
              [](const Relation& a, const Relation& b) { return a.name < b.name; });
    std::unordered_map<std::string, size_t> tables;
    for (size_t i = first; i < snapshot_.relations.size(); ++i) {
      if (snapshot_.relations[i].kind == 'r') tables[snapshot_.relations[i].name] = i;
    }
    std::sort(indexes.begin(), indexes.end(), [](auto* a, auto* b) { return a->name < b->name; });
    for (auto* entry : indexes) {
      auto table = tables.find(entry->GetTableName());
      if (table == tables.end()) continue;
      add(*entry, 'i');
      snapshot_.relations.back().table = table->second;
      snapshot_.relations[table->second].has_index = true;
      Index index;
      index.relation = snapshot_.relations.size() - 1;
      index.table = table->second;
      index.unique = entry->IsUnique();
      index.primary = entry->IsPrimary();
      for (auto& expression : entry->parsed_expressions) {
        AddKey(index, *expression, table->second);
      }
      snapshot_.indexes.push_back(std::move(index));
    }
  }

  /// As an expression that is bound prints: without the schemas of functions.
  static std::string BoundText(const duckdb::ParsedExpression& expression) {
    auto copy = expression.Copy();
    duckdb::ParsedExpressionIterator::VisitExpressionMutable<duckdb::FunctionExpression>(
        *copy, [](duckdb::FunctionExpression& function) {
          function.schema.clear();
          function.catalog.clear();
        });
    return copy->ToString();
  }

  void AddKey(Index& index, const duckdb::ParsedExpression& expression, size_t table) {
    int16_t number = 0;
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF)
      number = ColumnNumber(table, expression.GetName());
    index.keys.push_back(number);
    index.key_trees.push_back(number ? expression.GetName() : BoundText(expression));
    index.key_sql.push_back(number ? QuoteIdentifier(expression.GetName())
                                   : "(" + ExpressionText(expression) + ")");
  }

  int16_t ColumnNumber(size_t table, const std::string& name) {
    auto& columns =
        snapshot_.relations[table].entry->Cast<duckdb::TableCatalogEntry>().GetColumns();
    if (!columns.ColumnExists(name)) return 0;
    return static_cast<int16_t>(columns.GetColumn(name).Logical().index + 1);
  }

  void AddFileSets(const std::vector<FileSetName>& file_sets) {
    if (has_public_) return;  // an attached PostgreSQL: unqualified names are its own
    for (const FileSetName& set : file_sets) {
      // A table or view of the name hides the files.
      bool hidden = false;
      for (const Relation& relation : snapshot_.relations) {
        hidden = hidden || (relation.namespace_oid == Snapshot::kPublic &&
                            duckdb::StringUtil::CIEquals(relation.name, set.name));
      }
      if (hidden) continue;
      Relation relation;
      relation.oid = StableOid("file set", snapshot_.database, "main", set.name);
      relation.namespace_oid = Snapshot::kPublic;
      relation.kind = 'v';
      relation.name = set.name;
      relation.file_pattern = set.pattern;
      relation.file_reader = set.reader;
      snapshot_.relations.push_back(std::move(relation));
    }
  }

  std::string UniqueName(std::unordered_set<std::string>& taken, const std::string& base) {
    std::string name = base;
    for (int i = 1; !taken.insert(name).second; ++i) name = base + std::to_string(i);
    return name;
  }

  void AddConstraints() {
    size_t tables = snapshot_.relations.size();
    for (size_t i = 0; i < tables; ++i) {
      const Relation& relation = snapshot_.relations[i];
      if (relation.kind != 'r' || !relation.entry) continue;
      auto& table = relation.entry->Cast<duckdb::TableCatalogEntry>();
      if (table.GetConstraints().empty()) continue;
      std::unordered_set<std::string> taken;
      for (auto& constraint : table.GetConstraints()) AddConstraint(i, table, *constraint, taken);
    }
  }

  void AddConstraint(size_t position, duckdb::TableCatalogEntry& table,
                     duckdb::Constraint& constraint, std::unordered_set<std::string>& taken) {
    Constraint made;
    made.table = position;
    std::string columns;
    std::string names;
    auto add_keys = [&](const duckdb::vector<std::string>& keys) {
      for (const std::string& key : keys) {
        made.keys.push_back(ColumnNumber(position, key));
        columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(key);
        names += "_" + key;
      }
    };
    switch (constraint.type) {
      case duckdb::ConstraintType::UNIQUE: {
        auto& unique = constraint.Cast<duckdb::UniqueConstraint>();
        if (unique.HasIndex()) {
          add_keys({table.GetColumn(unique.GetIndex()).Name()});
        } else {
          add_keys(unique.GetColumnNames());
        }
        made.type = unique.IsPrimaryKey() ? 'p' : 'u';
        made.name =
            UniqueName(taken, table.name + (unique.IsPrimaryKey() ? "_pkey" : names + "_key"));
        made.definition = (unique.IsPrimaryKey() ? "PRIMARY KEY (" : "UNIQUE (") + columns + ")";
        made.index_oid = AddConstraintIndex(made);
        break;
      }
      case duckdb::ConstraintType::FOREIGN_KEY: {
        auto& foreign = constraint.Cast<duckdb::ForeignKeyConstraint>();
        if (foreign.info.type == duckdb::ForeignKeyType::FK_TYPE_PRIMARY_KEY_TABLE) return;
        add_keys(foreign.fk_columns);
        made.type = 'f';
        made.name = UniqueName(taken, table.name + names + "_fkey");
        for (size_t i = 0; i < snapshot_.relations.size(); ++i) {
          const Relation& other = snapshot_.relations[i];
          if (other.kind == 'r' && other.entry &&
              other.namespace_oid == snapshot_.relations[position].namespace_oid &&
              duckdb::StringUtil::CIEquals(other.name, foreign.info.table)) {
            made.referenced = i;
          }
        }
        if (foreign.info.type == duckdb::ForeignKeyType::FK_TYPE_SELF_REFERENCE_TABLE)
          made.referenced = position;
        if (made.referenced == SIZE_MAX) return;
        snapshot_.relations[position].in_foreign_key = true;
        snapshot_.relations[made.referenced].in_foreign_key = true;
        std::string referenced_columns;
        for (const std::string& key : foreign.pk_columns) {
          made.referenced_keys.push_back(ColumnNumber(made.referenced, key));
          referenced_columns += (referenced_columns.empty() ? "" : ", ") + QuoteIdentifier(key);
        }
        made.definition = "FOREIGN KEY (" + columns + ") REFERENCES " +
                          QuoteIdentifier(snapshot_.relations[made.referenced].name) + "(" +
                          referenced_columns + ")";
        break;
      }
      case duckdb::ConstraintType::CHECK: {
        auto& check = constraint.Cast<duckdb::CheckConstraint>();
        made.check_sql = ExpressionText(*check.expression);
        made.check_tree = check.expression->ToString();
        made.name = UniqueName(taken, table.name + CheckedColumn(*check.expression) + "_check");
        made.definition = "CHECK (" + made.check_sql + ")";
        break;
      }
      default:
        return;
    }
    made.oid = StableOid("constraint", snapshot_.database,
                         std::to_string(snapshot_.relations[position].oid), made.name);
    snapshot_.constraints.push_back(std::move(made));
  }

  /// "_column" when a condition is about one column only, as PostgreSQL names it.
  static std::string CheckedColumn(const duckdb::ParsedExpression& expression) {
    std::set<std::string> columns;
    duckdb::ParsedExpressionIterator::VisitExpression<duckdb::ColumnRefExpression>(
        expression,
        [&](const duckdb::ColumnRefExpression& column) { columns.insert(column.GetColumnName()); });
    return columns.size() == 1 ? "_" + *columns.begin() : std::string();
  }

  /// PostgreSQL has an index behind each key, and drivers look for keys among indexes.
  uint32_t AddConstraintIndex(const Constraint& constraint) {
    const Relation table = snapshot_.relations[constraint.table];
    Relation relation;
    relation.oid = StableOid("constraint index", snapshot_.database, std::to_string(table.oid),
                             constraint.name);
    relation.namespace_oid = table.namespace_oid;
    relation.kind = 'i';
    relation.temporary = table.temporary;
    relation.name = constraint.name;
    relation.table = constraint.table;
    uint32_t oid = relation.oid;
    snapshot_.relations[constraint.table].has_index = true;
    snapshot_.relations.push_back(std::move(relation));
    Index index;
    index.relation = snapshot_.relations.size() - 1;
    index.table = constraint.table;
    index.unique = true;
    index.primary = constraint.type == 'p';
    index.keys = constraint.keys;
    auto& columns = table.entry->Cast<duckdb::TableCatalogEntry>().GetColumns();
    for (int16_t key : constraint.keys) {
      index.key_sql.push_back(QuoteIdentifier(
          columns.GetColumn(duckdb::LogicalIndex(static_cast<duckdb::idx_t>(key) - 1)).Name()));
    }
    snapshot_.indexes.push_back(std::move(index));
    return oid;
  }

  duckdb::ClientContext& context_;
  Snapshot& snapshot_;
  bool has_public_ = false;
};

}  // namespace

std::shared_ptr<Snapshot> BuildSnapshot(duckdb::ClientContext& context,
                                        const std::vector<FileSetName>& file_sets) {
  auto snapshot = std::make_shared<Snapshot>();
  Builder(context, *snapshot).Build(file_sets);
  return snapshot;
}

}  // namespace skein::engine::postgres_catalog
