// Which parts of which statement hold names.

#include "duckdb/common/string_util.hpp"
#include "duckdb/function/macro_function.hpp"
#include "duckdb/function/scalar_macro_function.hpp"
#include "duckdb/function/table_macro_function.hpp"
#include "duckdb/parser/constraints/list.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/parsed_data/create_index_info.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/parser/parsed_data/vacuum_info.hpp"
#include "duckdb/parser/statement/list.hpp"
#include "duckdb/parser/statement/multi_statement.hpp"

#include "engine/postgres_catalog/name_resolver.h"

namespace skein::engine::postgres_catalog {

using duckdb::StatementType;

void NameResolver::Create(duckdb::CreateInfo& info) {
  using duckdb::CatalogType;
  if (info.catalog.empty() && duckdb::StringUtil::CIEquals(info.schema, "pg_temp"))
    info.temporary = true;
  Table(info.catalog, info.schema);
  switch (info.type) {
    case CatalogType::TABLE_ENTRY: {
      auto& table = info.Cast<duckdb::CreateTableInfo>();
      duckdb::ColumnList columns;
      for (auto& column : table.columns.Logical()) {
        duckdb::ColumnDefinition copy = column.Copy();
        Type(copy.TypeMutable());
        if (copy.Generated()) {
          auto expression = copy.GeneratedExpression().Copy();
          Expression(expression);
          copy.SetGeneratedExpression(std::move(expression));
        } else if (copy.HasDefaultValue()) {
          auto expression = copy.DefaultValue().Copy();
          Expression(expression);
          copy.SetDefaultValue(std::move(expression));
        }
        columns.AddColumn(std::move(copy));
      }
      table.columns = std::move(columns);
      for (auto& constraint : table.constraints) {
        if (constraint->type == duckdb::ConstraintType::CHECK) {
          Optional(constraint->Cast<duckdb::CheckConstraint>().expression);
        } else if (constraint->type == duckdb::ConstraintType::FOREIGN_KEY) {
          std::string catalog;
          Table(catalog, constraint->Cast<duckdb::ForeignKeyConstraint>().info.schema);
        }
      }
      if (table.query) Statement(*table.query);
      return;
    }
    case CatalogType::VIEW_ENTRY: {
      auto& view = info.Cast<duckdb::CreateViewInfo>();
      if (view.query) Statement(*view.query);
      return;
    }
    case CatalogType::INDEX_ENTRY: {
      auto& index = info.Cast<duckdb::CreateIndexInfo>();
      All(index.expressions);
      All(index.parsed_expressions);
      return;
    }
    case CatalogType::MACRO_ENTRY:
    case CatalogType::TABLE_MACRO_ENTRY:
      for (auto& macro : info.Cast<duckdb::CreateMacroInfo>().macros) {
        if (macro->type == duckdb::MacroType::SCALAR_MACRO) {
          Optional(macro->Cast<duckdb::ScalarMacroFunction>().expression);
        } else if (macro->type == duckdb::MacroType::TABLE_MACRO) {
          Query(*macro->Cast<duckdb::TableMacroFunction>().query_node);
        }
      }
      return;
    default:
      return;
  }
}

void NameResolver::Statement(duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
      return Query(*statement.Cast<duckdb::SelectStatement>().node);
    case StatementType::INSERT_STATEMENT: {
      auto& insert = statement.Cast<duckdb::InsertStatement>();
      Table(insert.catalog, insert.schema);
      WithQueries(insert.cte_map);
      if (insert.select_statement) Statement(*insert.select_statement);
      All(insert.returning_list);
      OptionalRef(insert.table_ref);
      if (insert.on_conflict_info) {
        Optional(insert.on_conflict_info->condition);
        Assignments(insert.on_conflict_info->set_info);
      }
      return;
    }
    case StatementType::UPDATE_STATEMENT: {
      auto& update = statement.Cast<duckdb::UpdateStatement>();
      WithQueries(update.cte_map);
      OptionalRef(update.table);
      OptionalRef(update.from_table);
      Assignments(update.set_info);
      return All(update.returning_list);
    }
    case StatementType::DELETE_STATEMENT: {
      auto& removal = statement.Cast<duckdb::DeleteStatement>();
      WithQueries(removal.cte_map);
      OptionalRef(removal.table);
      for (auto& ref : removal.using_clauses) OptionalRef(ref);
      Optional(removal.condition);
      return All(removal.returning_list);
    }
    case StatementType::MERGE_INTO_STATEMENT: {
      auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
      WithQueries(merge.cte_map);
      OptionalRef(merge.target);
      OptionalRef(merge.source);
      Optional(merge.join_condition);
      for (auto& [condition, actions] : merge.actions) {
        for (auto& action : actions) {
          Optional(action->condition);
          Assignments(action->update_info);
          All(action->expressions);
        }
      }
      return All(merge.returning_list);
    }
    case StatementType::CREATE_STATEMENT: {
      auto& info = *statement.Cast<duckdb::CreateStatement>().info;
      return Create(info);
    }
    case StatementType::DROP_STATEMENT: {
      auto& drop = *statement.Cast<duckdb::DropStatement>().info;
      if (drop.type == duckdb::CatalogType::SCHEMA_ENTRY) return Table(drop.catalog, drop.name);
      return Table(drop.catalog, drop.schema);
    }
    case StatementType::ALTER_STATEMENT: {
      auto& alter = *statement.Cast<duckdb::AlterStatement>().info;
      Table(alter.catalog, alter.schema);
      if (alter.type != duckdb::AlterType::ALTER_TABLE) return;
      auto& table = alter.Cast<duckdb::AlterTableInfo>();
      if (table.alter_table_type == duckdb::AlterTableType::ALTER_COLUMN_TYPE) {
        auto& change = table.Cast<duckdb::ChangeColumnTypeInfo>();
        Type(change.target_type);
        Optional(change.expression);
      } else if (table.alter_table_type == duckdb::AlterTableType::ADD_COLUMN) {
        Type(table.Cast<duckdb::AddColumnInfo>().new_column.TypeMutable());
      } else if (table.alter_table_type == duckdb::AlterTableType::SET_DEFAULT) {
        Optional(table.Cast<duckdb::SetDefaultInfo>().expression);
      }
      return;
    }
    case StatementType::COPY_STATEMENT: {
      auto& copy = *statement.Cast<duckdb::CopyStatement>().info;
      Table(copy.catalog, copy.schema);
      if (copy.select_statement) Query(*copy.select_statement);
      return;
    }
    case StatementType::VACUUM_STATEMENT: {
      auto& vacuum = *statement.Cast<duckdb::VacuumStatement>().info;
      if (vacuum.has_table) OptionalRef(vacuum.ref);
      return;
    }
    case StatementType::CALL_STATEMENT:
      return Optional(statement.Cast<duckdb::CallStatement>().function);
    case StatementType::EXECUTE_STATEMENT:
      for (auto& [name, value] : statement.Cast<duckdb::ExecuteStatement>().named_values)
        Optional(value);
      return;
    case StatementType::EXPLAIN_STATEMENT:
      return Statement(*statement.Cast<duckdb::ExplainStatement>().stmt);
    case StatementType::PREPARE_STATEMENT:
      return Statement(*statement.Cast<duckdb::PrepareStatement>().statement);
    case StatementType::MULTI_STATEMENT:
      for (auto& part : statement.Cast<duckdb::MultiStatement>().statements) Statement(*part);
      return;
    default:
      return;
  }
}

}  // namespace skein::engine::postgres_catalog
