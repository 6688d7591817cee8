#include "engine/column_origins.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/lambda_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/delete_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/find_relation.h"
#include "engine/postgres_catalog/relation_number.h"
#include "engine/postgres_functions/declared_text.h"
#include "engine/postgres_functions/jsonb.h"
#include "engine/session_dialect.h"
#include "results/pg_type.h"

namespace skein::engine {
namespace {

using duckdb::StringUtil;

/// The numbers of the relations that were asked for, for as long as their catalogue stays as it is:
/// to look at all names of the catalogue again for every statement would be dear.
class KnownNumbers : public duckdb::ClientContextState {
 public:
  static KnownNumbers& Of(duckdb::ClientContext& context) {
    return *context.registered_state->GetOrCreate<KnownNumbers>("skein_relation_numbers");
  }

  uint32_t Of(duckdb::ClientContext& context, duckdb::CatalogEntry& entry) {
    auto version = entry.ParentCatalog().GetCatalogVersion(context);
    if (!version.IsValid()) return 0;
    auto [known, added] = numbers_.try_emplace(&entry);
    // An entry of another version may lie at the place of one that is gone.
    if (!added && known->second.version == version.GetIndex()) return known->second.number;
    if (numbers_.size() > kMost) {
      numbers_.clear();
      known = numbers_.try_emplace(&entry).first;
    }
    known->second = {version.GetIndex(), postgres_catalog::RelationNumber(context, entry)};
    return known->second.number;
  }

 private:
  static constexpr size_t kMost = 1000;
  struct Known {
    uint64_t version = 0;
    uint32_t number = 0;
  };
  std::unordered_map<const duckdb::CatalogEntry*, Known> numbers_;
};

struct OutputColumn {
  std::string name;  // empty when only the engine knows it
  ColumnOrigin origin;
};
using OutputColumns = std::vector<OutputColumn>;

/// A relation in FROM. Of what has no columns here nothing is known.
struct Source {
  std::string alias;
  OutputColumns columns;
};

struct Sources {
  std::vector<Source> list;
  /// Some columns of a join are there once, in front.
  bool merged = false;
};

class Finder {
 public:
  Finder(duckdb::ClientContext& context, bool numbers) : context_(context), numbers_(numbers) {}

  /// The columns of a query; empty when how many there are is not known.
  OutputColumns Query(const duckdb::QueryNode& node) {
    if (node.type != duckdb::QueryNodeType::SELECT_NODE || depth_ == kDeepest) return {};
    const auto& select = node.Cast<duckdb::SelectNode>();
    ++depth_;
    with_.push_back(&select.cte_map);
    Sources sources;
    if (select.from_table) Add(*select.from_table, sources);
    auto columns = List(select.select_list, sources);
    with_.pop_back();
    --depth_;
    return columns;
  }

  OutputColumns Returning(
      const duckdb::BaseTableRef& table,
      const duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>& list) {
    Sources sources;
    Add(table, sources);
    return List(list, sources);
  }

 private:
  /// Views of views, and subqueries.
  static constexpr int kDeepest = 32;

  OutputColumns List(const duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>& list,
                     const Sources& sources) const {
    OutputColumns columns;
    for (const auto& item : list) {
      if (item->GetExpressionClass() == duckdb::ExpressionClass::STAR) {
        if (!Star(item->Cast<duckdb::StarExpression>(), sources, columns)) return {};
        continue;
      }
      OutputColumn column;
      if (item->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
        const auto& reference = item->Cast<duckdb::ColumnRefExpression>();
        column.origin = Column(reference, sources);
        column.name = reference.GetColumnName();
      } else if (DialectOf(context_) == Dialect::kPostgres && GivesJsonb(*item, sources)) {
        column.origin.declared_oid = results::pg_oid::kJsonb;
      }
      if (item->HasAlias()) column.name = item->GetAlias();
      columns.push_back(std::move(column));
    }
    return columns;
  }

  /// What computes jsonb: a cast to it, a function of jsonb, an operator over jsonb.
  bool GivesJsonb(const duckdb::ParsedExpression& expression, const Sources& sources) const {
    switch (expression.GetExpressionClass()) {
      case duckdb::ExpressionClass::COLUMN_REF:
        return Column(expression.Cast<duckdb::ColumnRefExpression>(), sources).declared_oid ==
               results::pg_oid::kJsonb;
      case duckdb::ExpressionClass::CAST:
        return IsJsonb(expression);
      case duckdb::ExpressionClass::LAMBDA:
        // What the parser makes of every `->`.
        return GivesJsonb(*expression.Cast<duckdb::LambdaExpression>().lhs, sources);
      case duckdb::ExpressionClass::FUNCTION: {
        const auto& function = expression.Cast<duckdb::FunctionExpression>();
        if (MakesJsonb(function.function_name)) return true;
        const auto& operands = function.children;
        if (operands.empty()) return false;
        if (function.function_name == "json_at_path" || function.function_name == "subtract")
          return GivesJsonb(*operands[0], sources);
        return function.function_name == "concatenate" &&
               std::any_of(operands.begin(), operands.end(),
                           [&](const auto& operand) { return GivesJsonb(*operand, sources); });
      }
      default:
        return false;
    }
  }

  void Add(const duckdb::TableRef& ref, Sources& sources) {
    if (ref.type == duckdb::TableReferenceType::JOIN) {
      const auto& join = ref.Cast<duckdb::JoinRef>();
      sources.merged = sources.merged || !join.using_columns.empty() ||
                       join.ref_type == duckdb::JoinRefType::NATURAL;
      Add(*join.left, sources);
      Add(*join.right, sources);
      return;
    }
    Source source;
    source.alias = ref.alias;
    if (ref.type == duckdb::TableReferenceType::BASE_TABLE) {
      Resolve(ref.Cast<duckdb::BaseTableRef>(), source);
    } else if (ref.type == duckdb::TableReferenceType::SUBQUERY) {
      source.columns = Query(*ref.Cast<duckdb::SubqueryRef>().subquery->node);
    }
    Rename(ref.column_name_alias, source);
    sources.list.push_back(std::move(source));
  }

  static void Rename(const duckdb::vector<std::string>& names, Source& source) {
    for (size_t i = 0; i < names.size() && i < source.columns.size(); ++i)
      source.columns[i].name = names[i];
  }

  void Resolve(const duckdb::BaseTableRef& ref, Source& source) {
    if (source.alias.empty()) source.alias = ref.table_name;
    if (ref.schema_name.empty()) {
      for (size_t i = with_.size(); i-- > 0;) {
        auto found = with_[i]->map.find(ref.table_name);
        if (found == with_[i]->map.end()) continue;
        const auto& named = *found->second;
        if (named.query) source.columns = Once(named.query.get(), *named.query->node, i + 1);
        Rename(named.aliases, source);
        return;
      }
    }
    auto entry = FindRelation(context_, ref.catalog_name, ref.schema_name, ref.table_name);
    if (!entry) return;
    if (entry->type == duckdb::CatalogType::TABLE_ENTRY) {
      source.columns = OfTable(entry->Cast<duckdb::TableCatalogEntry>());
    } else if (entry->type == duckdb::CatalogType::VIEW_ENTRY) {
      source.columns = OfView(entry->Cast<duckdb::ViewCatalogEntry>());
    }
    if (source.columns.empty() || !numbers_) return;
    uint32_t number = KnownNumbers::Of(context_).Of(context_, *entry);
    for (size_t i = 0; i < source.columns.size(); ++i) {
      source.columns[i].origin.relation = number;
      source.columns[i].origin.column = static_cast<int16_t>(i + 1);
    }
  }

  static OutputColumns OfTable(const duckdb::TableCatalogEntry& table) {
    OutputColumns columns;
    for (const auto& definition : table.GetColumns().Logical()) {
      OutputColumn column;
      column.name = definition.Name();
      if (auto declared = DeclaredTextOf(definition)) {
        column.origin.declared_oid = declared->oid;
        column.origin.declared_typmod = declared->typmod;
      }
      columns.push_back(std::move(column));
    }
    return columns;
  }

  OutputColumns OfView(duckdb::ViewCatalogEntry& view) {
    OutputColumns columns;
    auto bound = view.GetColumnInfo();
    if (!bound) return columns;
    // What it selects was declared where it comes from.
    auto inner = view.internal ? OutputColumns() : Once(&view, *view.GetQuery().node, 0);
    for (size_t i = 0; i < bound->names.size(); ++i) {
      OutputColumn column;
      if (inner.size() == bound->names.size()) column.origin = inner[i].origin;
      column.name = i < view.aliases.size() ? view.aliases[i] : bound->names[i];
      columns.push_back(std::move(column));
    }
    return columns;
  }

  /// Of a query that has a name, however often it is named: what names each other many times over
  /// would take for ever. It sees the `scopes` outermost WITHs; to itself it is unknown.
  OutputColumns Once(const void* named, const duckdb::QueryNode& node, size_t scopes) {
    if (auto known = known_.find(named); known != known_.end()) return known->second;
    known_[named] = {};
    auto with = with_;
    with_.resize(scopes);
    auto columns = Query(node);
    with_ = std::move(with);
    return known_[named] = std::move(columns);
  }

  static bool Star(const duckdb::StarExpression& star, const Sources& sources,
                   OutputColumns& columns) {
    bool plain = !star.columns && !star.expr && star.exclude_list.empty() &&
                 star.replace_list.empty() && star.rename_list.empty();
    if (!plain || sources.merged) return false;
    for (const Source& source : sources.list) {
      if (!star.relation_name.empty() && !StringUtil::CIEquals(star.relation_name, source.alias))
        continue;
      if (source.columns.empty()) return false;
      columns.insert(columns.end(), source.columns.begin(), source.columns.end());
    }
    return true;
  }

  static ColumnOrigin Column(const duckdb::ColumnRefExpression& reference, const Sources& sources) {
    const auto& names = reference.column_names;
    for (const Source& source : sources.list) {
      if (names.size() > 1 && !StringUtil::CIEquals(names[names.size() - 2], source.alias))
        continue;
      for (const OutputColumn& column : source.columns) {
        if (StringUtil::CIEquals(column.name, names.back())) return column.origin;
      }
    }
    return {};
  }

  duckdb::ClientContext& context_;
  bool numbers_;
  std::vector<const duckdb::CommonTableExpressionMap*> with_;  // the innermost last
  std::unordered_map<const void*, OutputColumns> known_;
  int depth_ = 0;
};

duckdb::unique_ptr<duckdb::TableRef> Target(const duckdb::InsertStatement& insert) {
  auto table = duckdb::make_uniq<duckdb::BaseTableRef>();
  table->catalog_name = insert.catalog;
  table->schema_name = insert.schema;
  table->table_name = insert.table;
  if (insert.table_ref) table->alias = insert.table_ref->alias;
  return table;
}

/// False for a statement whose columns come from nowhere.
bool HasSources(const duckdb::SQLStatement& statement) {
  switch (statement.type) {
    case duckdb::StatementType::SELECT_STATEMENT: {
      const auto& node = *statement.Cast<duckdb::SelectStatement>().node;
      if (node.type != duckdb::QueryNodeType::SELECT_NODE) return false;
      const auto& select = node.Cast<duckdb::SelectNode>();
      const auto& from = select.from_table;
      if (from && from->type != duckdb::TableReferenceType::EMPTY_FROM) return true;
      // What is computed may be jsonb.
      return std::any_of(select.select_list.begin(), select.select_list.end(), [](const auto& one) {
        auto kind = one->GetExpressionClass();
        if (kind == duckdb::ExpressionClass::LAMBDA) return true;
        return kind == duckdb::ExpressionClass::CAST || kind == duckdb::ExpressionClass::FUNCTION;
      });
    }
    case duckdb::StatementType::INSERT_STATEMENT:
      return !statement.Cast<duckdb::InsertStatement>().returning_list.empty();
    case duckdb::StatementType::UPDATE_STATEMENT:
      return !statement.Cast<duckdb::UpdateStatement>().returning_list.empty();
    case duckdb::StatementType::DELETE_STATEMENT:
      return !statement.Cast<duckdb::DeleteStatement>().returning_list.empty();
    default:
      return false;
  }
}

OutputColumns Find(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                   bool numbers) {
  Finder finder(context, numbers);
  auto returning = [&](const duckdb::TableRef& table, const auto& list) {
    if (table.type != duckdb::TableReferenceType::BASE_TABLE) return OutputColumns();
    return finder.Returning(table.Cast<duckdb::BaseTableRef>(), list);
  };
  switch (statement.type) {
    case duckdb::StatementType::SELECT_STATEMENT:
      return finder.Query(*statement.Cast<duckdb::SelectStatement>().node);
    case duckdb::StatementType::INSERT_STATEMENT: {
      const auto& insert = statement.Cast<duckdb::InsertStatement>();
      return returning(*Target(insert), insert.returning_list);
    }
    case duckdb::StatementType::UPDATE_STATEMENT: {
      const auto& update = statement.Cast<duckdb::UpdateStatement>();
      return returning(*update.table, update.returning_list);
    }
    case duckdb::StatementType::DELETE_STATEMENT: {
      const auto& deletion = statement.Cast<duckdb::DeleteStatement>();
      return returning(*deletion.table, deletion.returning_list);
    }
    default:
      return {};
  }
}

std::vector<ColumnOrigin> OriginsOf(const OutputColumns& columns, size_t count) {
  // A name may stand for several columns (a struct's, COLUMNS): then nothing is known.
  if (columns.size() != count) return {};
  std::vector<ColumnOrigin> origins;
  origins.reserve(count);
  for (const OutputColumn& column : columns) origins.push_back(column.origin);
  return origins;
}

}  // namespace

std::vector<ColumnOrigin> FindColumnOrigins(duckdb::ClientContext& context,
                                            const duckdb::SQLStatement& statement, size_t count) {
  if (!HasSources(statement)) return {};
  OutputColumns columns;
  auto find = [&] { columns = Find(context, statement, true); };
  if (context.transaction.HasActiveTransaction()) {
    find();
  } else {
    context.RunFunctionInTransaction(find);
  }
  return OriginsOf(columns, count);
}

std::vector<ColumnOrigin> FindDeclarations(duckdb::ClientContext& context,
                                           const duckdb::SQLStatement& query, size_t count) {
  if (!HasSources(query)) return {};
  return OriginsOf(Find(context, query, false), count);
}

}  // namespace skein::engine
