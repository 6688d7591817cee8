#include "engine/added_column.h"

#include <utility>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/materialized_query_result.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/parsed_data/alter_table_info.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/alter_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/emptytableref.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/expression_binder/constant_binder.hpp"

#include "engine/find_relation.h"
#include "engine/in_transaction.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine {
namespace {

using duckdb::AddColumnInfo;
using duckdb::AlterTableType;
using duckdb::make_uniq;
using duckdb::ParsedExpression;
using duckdb::unique_ptr;

/// The change that an ALTER TABLE makes, if it is of this type.
template <typename Info>
Info* ChangeOf(duckdb::SQLStatement& statement, AlterTableType type) {
  if (statement.type != duckdb::StatementType::ALTER_STATEMENT) return nullptr;
  auto& info = *statement.Cast<duckdb::AlterStatement>().info;
  if (info.type != duckdb::AlterType::ALTER_TABLE ||
      info.Cast<duckdb::AlterTableInfo>().alter_table_type != type)
    return nullptr;
  return &info.Cast<Info>();
}

class ColumnAdder {
 public:
  ColumnAdder(duckdb::Connection& connection, AddColumnInfo& added)
      : connection_(connection), added_(added) {}

  void Run(bool not_null) {
    if (added_.if_column_not_exists && Exists()) return;
    unique_ptr<ParsedExpression> expression;
    if (added_.new_column.HasDefaultValue()) expression = added_.new_column.DefaultValue().Copy();
    const bool by_row = expression && IsVolatile(*expression);
    if (by_row && not_null) {
      ThrowSql(
          "0A000",
          "ADD COLUMN ... NOT NULL with a default that is another for each row is not supported",
          "Add the column without NOT NULL, and then ALTER TABLE ... ALTER COLUMN ... SET NOT "
          "NULL.");
    }
    unique_ptr<ParsedExpression> first;
    if (expression && !by_row)
      first = make_uniq<duckdb::ConstantExpression>(Evaluate(expression->Copy()));
    added_.new_column.SetDefaultValue(std::move(first));
    Alter(added_.Copy());
    if (by_row) Update(expression->Copy());
    if (expression) {
      Alter(make_uniq<duckdb::SetDefaultInfo>(added_.GetAlterEntryData(), added_.new_column.Name(),
                                              std::move(expression)));
    }
    if (not_null) {
      Alter(
          make_uniq<duckdb::SetNotNullInfo>(added_.GetAlterEntryData(), added_.new_column.Name()));
    }
  }

 private:
  bool Exists() {
    auto entry = FindRelation(*connection_.context, added_.catalog, added_.schema, added_.name);
    return entry && entry->type == duckdb::CatalogType::TABLE_ENTRY &&
           entry->Cast<duckdb::TableCatalogEntry>().ColumnExists(added_.new_column.Name());
  }

  bool IsVolatile(const ParsedExpression& expression) {
    auto binder = duckdb::Binder::CreateBinder(*connection_.context);
    duckdb::ConstantBinder constants(*binder, *connection_.context, "DEFAULT value");
    auto copy = expression.Copy();
    return constants.Bind(copy)->IsVolatile();
  }

  duckdb::Value Evaluate(unique_ptr<ParsedExpression> expression) {
    auto node = make_uniq<duckdb::SelectNode>();
    node->select_list.push_back(
        make_uniq<duckdb::CastExpression>(added_.new_column.Type(), std::move(expression)));
    node->from_table = make_uniq<duckdb::EmptyTableRef>();
    auto select = make_uniq<duckdb::SelectStatement>();
    select->node = std::move(node);
    auto result = connection_.Query(std::move(select));
    if (result->HasError()) result->ThrowError();
    return result->GetValue(0, 0);
  }

  void Update(unique_ptr<ParsedExpression> expression) {
    auto update = make_uniq<duckdb::UpdateStatement>();
    auto table = make_uniq<duckdb::BaseTableRef>();
    table->catalog_name = added_.catalog;
    table->schema_name = added_.schema;
    table->table_name = added_.name;
    update->table = std::move(table);
    update->set_info = make_uniq<duckdb::UpdateSetInfo>();
    update->set_info->columns.push_back(added_.new_column.Name());
    update->set_info->expressions.push_back(std::move(expression));
    RunNow(connection_, std::move(update));
  }

  void Alter(unique_ptr<duckdb::AlterInfo> info) {
    auto alter = make_uniq<duckdb::AlterStatement>();
    alter->info = std::move(info);
    RunNow(connection_, std::move(alter));
  }

  duckdb::Connection& connection_;
  AddColumnInfo& added_;
};

}  // namespace

unique_ptr<duckdb::SQLStatement> TakeAddedColumn(
    duckdb::vector<unique_ptr<duckdb::SQLStatement>>& parts, bool* not_null) {
  auto* added =
      parts.empty() ? nullptr : ChangeOf<AddColumnInfo>(*parts[0], AlterTableType::ADD_COLUMN);
  if (!added) return nullptr;
  *not_null = false;
  for (auto& part : parts) {
    if (auto* set = ChangeOf<duckdb::SetDefaultInfo>(*part, AlterTableType::SET_DEFAULT))
      added->new_column.SetDefaultValue(std::move(set->expression));
    else if (ChangeOf<duckdb::SetNotNullInfo>(*part, AlterTableType::SET_NOT_NULL))
      *not_null = true;
  }
  return std::move(parts[0]);
}

void AddColumn(duckdb::Connection& connection, const duckdb::SQLStatement& statement,
               bool not_null) {
  auto copy = statement.Copy();
  auto& added = *ChangeOf<AddColumnInfo>(*copy, AlterTableType::ADD_COLUMN);
  InTransaction(connection, [&] { ColumnAdder(connection, added).Run(not_null); });
}

}  // namespace skein::engine
