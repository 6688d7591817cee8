#include "engine/constraint_errors.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/parsed_data/create_index_info.hpp"
#include "duckdb/parser/statement/alter_statement.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine {
namespace {

using postgres_catalog::Constraint;
using postgres_catalog::Relation;
using postgres_catalog::Snapshot;

struct Target {
  std::string catalog;
  std::string schema;
  std::string table;
};

std::optional<Target> TargetOf(const duckdb::TableRef& ref) {
  if (ref.type != duckdb::TableReferenceType::BASE_TABLE) return std::nullopt;
  const auto& table = ref.Cast<duckdb::BaseTableRef>();
  return Target{table.catalog_name, table.schema_name, table.table_name};
}

std::optional<Target> TargetOf(const duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::INSERT_STATEMENT: {
      const auto& insert = statement.Cast<duckdb::InsertStatement>();
      return Target{insert.catalog, insert.schema, insert.table};
    }
    case duckdb::StatementType::UPDATE_STATEMENT:
      return TargetOf(*statement.Cast<duckdb::UpdateStatement>().table);
    case duckdb::StatementType::DELETE_STATEMENT:
      return TargetOf(*statement.Cast<duckdb::DeleteStatement>().table);
    case duckdb::StatementType::MERGE_INTO_STATEMENT:
      return TargetOf(*statement.Cast<duckdb::MergeIntoStatement>().target);
    case duckdb::StatementType::ALTER_STATEMENT: {
      const auto& info = *statement.Cast<duckdb::AlterStatement>().info;
      return Target{info.catalog, info.schema, info.name};
    }
    case duckdb::StatementType::CREATE_STATEMENT: {
      const auto& info = *statement.Cast<duckdb::CreateStatement>().info;
      if (info.type != duckdb::CatalogType::INDEX_ENTRY) return std::nullopt;
      return Target{info.catalog, info.schema, info.Cast<duckdb::CreateIndexInfo>().table};
    }
    default:
      return std::nullopt;
  }
}

/// DuckDB writes a key `a: 1, b: two`. The values, when the columns are these.
std::optional<std::vector<std::string>> TakeApart(std::string_view key,
                                                  const std::vector<std::string>& columns) {
  std::vector<std::string> values;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string lead = columns[i] + ": ";
    if (key.substr(0, lead.size()) != lead) return std::nullopt;
    key.remove_prefix(lead.size());
    size_t end = key.size();
    if (i + 1 < columns.size()) end = key.find(", " + columns[i + 1] + ": ");
    if (end == key.npos) return std::nullopt;
    values.emplace_back(key.substr(0, end));
    key.remove_prefix(std::min(end + 2, key.size()));
  }
  return values;
}

class Explainer {
 public:
  Explainer(duckdb::ClientContext& context, const Status& error)
      : error_(error), snapshot_(Snapshot::Of(context)) {}

  Status Explain(duckdb::TableCatalogEntry& entry, const duckdb::SQLStatement& statement) {
    table_ = snapshot_->FindRelation(entry);
    if (!table_) return error_;
    if (statement.type == duckdb::StatementType::ALTER_STATEMENT) return Altered();
    if (statement.type == duckdb::StatementType::CREATE_STATEMENT) {
      const auto& index =
          statement.Cast<duckdb::CreateStatement>().info->Cast<duckdb::CreateIndexInfo>();
      return Say("could not create unique index " + Quoted(index.index_name), error_.message(),
                 *table_);
    }
    if (error_.sqlstate() == "23502") return NotNull(entry);
    if (error_.sqlstate() == "23514") return Check();
    if (error_.sqlstate() == "23505") return Unique(entry);
    if (error_.sqlstate() == "23503") return ForeignKey(entry);
    return error_;
  }

 private:
  using Entry = duckdb::TableCatalogEntry;

  /// The rows that are there do not fit. DuckDB's message ends with table.column; the column may be
  /// one that was to be added.
  Status Altered() const {
    const std::string lead = "NOT NULL constraint failed: " + table_->name + ".";
    size_t at = error_.message().find(lead);
    if (error_.sqlstate() != "23502" || at == std::string::npos) return error_;
    return Say("column " + Quoted(error_.message().substr(at + lead.size())) + " of relation " +
                   Quoted(table_->name) + " contains null values",
               "", *table_);
  }

  Status NotNull(const Entry& entry) const {
    for (const auto& column : entry.GetColumns().Logical()) {
      if (!error_.message().ends_with("." + column.Name())) continue;
      return Say("null value in column " + Quoted(column.Name()) + " of relation " +
                     Quoted(table_->name) + " violates not-null constraint",
                 "", *table_);
    }
    return error_;
  }

  Status Check() const {
    for (const Constraint& constraint : snapshot_->constraints) {
      if (constraint.type != 'c' || !Mine(constraint) ||
          error_.message().find(constraint.check_tree) == std::string::npos) {
        continue;
      }
      return Say("new row for relation " + Quoted(table_->name) + " violates check constraint " +
                     Quoted(constraint.name),
                 "", *table_);
    }
    return error_;
  }

  Status Unique(Entry& entry) const {
    // The indexes behind keys and those that were made are listed together, each with its name.
    for (const auto& index : snapshot_->indexes) {
      if (!index.unique || &snapshot_->relations[index.table] != table_) continue;
      std::vector<std::string> columns;
      for (size_t i = 0; i < index.keys.size(); ++i)
        columns.push_back(index.keys[i] > 0 ? Name(entry, index.keys[i]) : index.key_sql[i]);
      auto values = TakeApart(Key(), index.key_trees.empty() ? columns : index.key_trees);
      // Of two rows of one statement DuckDB tells the value only.
      if (!values && columns.size() == 1 && UniqueIndexes() == 1)
        values = std::vector<std::string>{std::string(Key())};
      if (!values) continue;
      return Say("duplicate key value violates unique constraint " +
                     Quoted(snapshot_->relations[index.relation].name),
                 "Key (" + Listed(columns) + ")=(" + Listed(*values) + ") already exists.",
                 *table_);
    }
    return error_;
  }

  Status ForeignKey(const Entry& entry) const {
    bool referenced = error_.message().find("still referenced") != std::string::npos;
    for (const Constraint& constraint : snapshot_->constraints) {
      if (constraint.type != 'f') continue;
      const Relation& owner = snapshot_->relations[constraint.table];
      const Relation& other = snapshot_->relations[constraint.referenced];
      if ((referenced ? &other : &owner) != table_) continue;
      auto own_columns = Names(owner, constraint.keys);
      auto other_columns = Names(other, constraint.referenced_keys);
      auto values = TakeApart(Key(), other_columns);
      if (!values) values = TakeApart(Key(), own_columns);
      if (!values) continue;
      std::string detail = "Key (" + Listed(referenced ? other_columns : own_columns) + ")=(" +
                           Listed(*values) + ") is ";
      if (referenced) {
        return Say("update or delete on table " + Quoted(entry.name) +
                       " violates foreign key constraint " + Quoted(constraint.name) +
                       " on table " + Quoted(owner.name),
                   detail + "still referenced from table " + Quoted(owner.name) + ".", owner);
      }
      return Say("insert or update on table " + Quoted(entry.name) +
                     " violates foreign key constraint " + Quoted(constraint.name),
                 detail + "not present in table " + Quoted(other.name) + ".", owner);
    }
    return error_;
  }

  Status Say(std::string message, std::string detail, const Relation& table) const {
    const auto* space = snapshot_->FindNamespace(table.namespace_oid);
    return Status(error_.code(), error_.sqlstate(), std::move(message))
        .WithDetail(std::move(detail))
        .WithSubject((space ? space->name : std::string()) + "." + table.name);
  }

  size_t UniqueIndexes() const {
    size_t count = 0;
    for (const auto& index : snapshot_->indexes)
      count += index.unique && &snapshot_->relations[index.table] == table_;
    return count;
  }

  /// What DuckDB's message quotes.
  std::string_view Key() const {
    std::string_view message = error_.message();
    constexpr std::string_view kLead = "key \"";
    size_t begin = message.find(kLead);
    size_t end = message.rfind('"');
    if (begin == message.npos || end < begin + kLead.size()) return {};
    return message.substr(begin + kLead.size(), end - begin - kLead.size());
  }

  bool Mine(const Constraint& constraint) const {
    return &snapshot_->relations[constraint.table] == table_;
  }

  static std::string Name(const Entry& entry, int16_t number) {
    return entry.GetColumns()
        .GetColumn(duckdb::LogicalIndex(static_cast<duckdb::idx_t>(number) - 1))
        .Name();
  }

  static std::vector<std::string> Names(const Relation& relation,
                                        const std::vector<int16_t>& numbers) {
    std::vector<std::string> names;
    for (int16_t number : numbers) names.push_back(Name(relation.entry->Cast<Entry>(), number));
    return names;
  }

  static std::string Quoted(const std::string& name) { return "\"" + name + "\""; }
  static std::string Listed(const std::vector<std::string>& parts) {
    std::string list;
    for (const std::string& part : parts) list += (list.empty() ? "" : ", ") + part;
    return list;
  }

  const Status& error_;
  const std::shared_ptr<Snapshot> snapshot_;
  const Relation* table_ = nullptr;
};

}  // namespace

Status ExplainConstraint(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                         Status error) {
  if (error.sqlstate().compare(0, 2, "23") != 0) return error;
  auto target = TargetOf(statement);
  if (!target) return error;
  Status explained = error;
  auto explain = [&] {
    duckdb::Binder::BindSchemaOrCatalog(context, target->catalog, target->schema);
    auto entry = duckdb::Catalog::GetEntry(
        context, target->catalog, target->schema,
        duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, target->table),
        duckdb::OnEntryNotFound::RETURN_NULL);
    if (entry && entry->type == duckdb::CatalogType::TABLE_ENTRY)
      explained =
          Explainer(context, error).Explain(entry->Cast<duckdb::TableCatalogEntry>(), statement);
  };
  try {
    context.RunFunctionInTransaction(explain);
  } catch (const std::exception&) {
    // The engine's own words are better than none.
  }
  return explained;
}

}  // namespace skein::engine
