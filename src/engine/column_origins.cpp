#include "engine/column_origins.h"

#include <optional>
#include <string>
#include <unordered_map>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/planner/binder.hpp"

#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine {
namespace {

using duckdb::StringUtil;

/// The numbers of the relations that were asked for, for as long as their catalogue stays as it is:
/// to look at the whole catalogue again for every statement would be dear.
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
    const auto* relation = postgres_catalog::Snapshot::Of(context)->FindRelation(entry);
    known->second = {version.GetIndex(), relation ? relation->oid : 0};
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

/// A relation in FROM. Of what is no table or view nothing is known.
struct Source {
  std::string alias;
  uint32_t number = 0;
  std::vector<std::string> columns;
};

class Finder {
 public:
  Finder(duckdb::ClientContext& context, const duckdb::SelectNode& node)
      : context_(context), node_(node) {
    if (node.from_table) Add(*node.from_table);
  }

  std::vector<ColumnOrigin> Find() {
    std::vector<ColumnOrigin> origins;
    for (const auto& item : node_.select_list) {
      if (item->GetExpressionClass() == duckdb::ExpressionClass::STAR) {
        if (!Star(item->Cast<duckdb::StarExpression>(), origins)) return {};
      } else if (item->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
        origins.push_back(Column(item->Cast<duckdb::ColumnRefExpression>()));
      } else {
        origins.emplace_back();
      }
    }
    return origins;
  }

 private:
  void Add(const duckdb::TableRef& ref) {
    if (ref.type == duckdb::TableReferenceType::JOIN) {
      const auto& join = ref.Cast<duckdb::JoinRef>();
      // These columns are there once, in front.
      merges_ =
          merges_ || !join.using_columns.empty() || join.ref_type == duckdb::JoinRefType::NATURAL;
      Add(*join.left);
      Add(*join.right);
      return;
    }
    Source source;
    source.alias = ref.alias;
    if (ref.type == duckdb::TableReferenceType::BASE_TABLE && ref.column_name_alias.empty())
      Resolve(ref.Cast<duckdb::BaseTableRef>(), source);
    sources_.push_back(std::move(source));
  }

  void Resolve(const duckdb::BaseTableRef& ref, Source& source) {
    if (source.alias.empty()) source.alias = ref.table_name;
    if (ref.schema_name.empty() && node_.cte_map.map.contains(ref.table_name)) return;
    std::string catalog = ref.catalog_name;
    std::string schema = ref.schema_name;
    duckdb::Binder::BindSchemaOrCatalog(context_, catalog, schema);
    auto entry = duckdb::Catalog::GetEntry(
        context_, catalog, schema,
        duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, ref.table_name),
        duckdb::OnEntryNotFound::RETURN_NULL);
    if (!entry) return;
    if (entry->type == duckdb::CatalogType::TABLE_ENTRY) {
      for (const auto& column : entry->Cast<duckdb::TableCatalogEntry>().GetColumns().Logical())
        source.columns.push_back(column.Name());
    } else if (entry->type == duckdb::CatalogType::VIEW_ENTRY) {
      auto& view = entry->Cast<duckdb::ViewCatalogEntry>();
      auto bound = view.GetColumnInfo();
      if (!bound) return;
      source.columns = {bound->names.begin(), bound->names.end()};
      for (size_t i = 0; i < view.aliases.size() && i < source.columns.size(); ++i)
        source.columns[i] = view.aliases[i];
    }
    source.number = KnownNumbers::Of(context_).Of(context_, *entry);
  }

  bool Star(const duckdb::StarExpression& star, std::vector<ColumnOrigin>& origins) const {
    bool plain = !star.columns && !star.expr && star.exclude_list.empty() &&
                 star.replace_list.empty() && star.rename_list.empty();
    if (!plain || merges_) return false;
    for (const Source& source : sources_) {
      if (!star.relation_name.empty() && !StringUtil::CIEquals(star.relation_name, source.alias))
        continue;
      if (source.columns.empty()) return false;
      for (size_t i = 0; i < source.columns.size(); ++i)
        origins.push_back({source.number, static_cast<int16_t>(i + 1)});
    }
    return true;
  }

  ColumnOrigin Column(const duckdb::ColumnRefExpression& reference) const {
    const auto& names = reference.column_names;
    for (const Source& source : sources_) {
      if (names.size() > 1 && !StringUtil::CIEquals(names[names.size() - 2], source.alias))
        continue;
      for (size_t i = 0; i < source.columns.size(); ++i) {
        if (StringUtil::CIEquals(source.columns[i], names.back()))
          return {source.number, static_cast<int16_t>(i + 1)};
      }
    }
    return {};
  }

  duckdb::ClientContext& context_;
  const duckdb::SelectNode& node_;
  std::vector<Source> sources_;
  bool merges_ = false;
};

const duckdb::SelectNode* SelectOf(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::SELECT_STATEMENT) return nullptr;
  const auto& node = *statement.Cast<duckdb::SelectStatement>().node;
  if (node.type != duckdb::QueryNodeType::SELECT_NODE) return nullptr;
  const auto& select = node.Cast<duckdb::SelectNode>();
  bool reads =
      select.from_table && select.from_table->type != duckdb::TableReferenceType::EMPTY_FROM;
  return reads ? &select : nullptr;
}

}  // namespace

std::vector<ColumnOrigin> FindColumnOrigins(duckdb::ClientContext& context,
                                            const duckdb::SQLStatement& statement, size_t count) {
  const auto* select = SelectOf(statement);
  if (!select) return {};
  std::vector<ColumnOrigin> origins;
  auto find = [&] { origins = Finder(context, *select).Find(); };
  if (context.transaction.HasActiveTransaction()) {
    find();
  } else {
    context.RunFunctionInTransaction(find);
  }
  // A name may stand for several columns (a struct's, COLUMNS): then nothing is known.
  if (origins.size() != count) origins.clear();
  return origins;
}

}  // namespace skein::engine
