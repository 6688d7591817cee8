// Rows about relations and their columns: pg_class, pg_attribute, pg_attrdef, pg_namespace,
// pg_description, information_schema.tables and columns.

#include <limits>

#include "duckdb/catalog/catalog_entry/sequence_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/storage/table_storage_info.hpp"

#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/rows.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using SnapshotPtr = std::shared_ptr<Snapshot>;
using Rows = std::unique_ptr<CatalogRows>;

constexpr uint32_t kHeapMethod = 2;
constexpr uint32_t kIndexMethod = 403;
constexpr uint32_t kClassOid = 1259;

std::string CommentOf(const Relation& relation) {
  if (!relation.entry || relation.entry->comment.IsNull()) return {};
  return relation.entry->comment.ToString();
}

/// Rows that DuckDB believes a table to have; -1 when it does not say, as in PostgreSQL.
double RowEstimate(ClientContext& context, const Relation& relation) {
  if (relation.kind != 'r' || !relation.entry) return relation.definition ? 0 : -1;
  try {
    auto info = relation.entry->Cast<duckdb::TableCatalogEntry>().GetStorageInfo(context);
    return info.cardinality.IsValid() ? static_cast<double>(info.cardinality.GetIndex()) : -1;
  } catch (const duckdb::Exception&) {
    return -1;  // a table of another database that cannot say
  }
}

std::vector<size_t> RelationsFor(const Snapshot& snapshot, const Restriction& restriction,
                                 const char* oid_column, const char* name_column) {
  std::vector<size_t> chosen;
  for (size_t i = 0; i < snapshot.relations.size(); ++i) {
    const Relation& relation = snapshot.relations[i];
    if (!restriction.Admits(oid_column, relation.oid)) continue;
    if (name_column && !restriction.Admits(name_column, relation.name)) continue;
    chosen.push_back(i);
  }
  return chosen;
}

Rows OpenClass(ClientContext& context, const SnapshotPtr& snapshot,
               const Restriction& restriction) {
  auto chosen = RelationsFor(*snapshot, restriction, "oid", "relname");
  std::unordered_map<size_t, int> checks;
  for (const Constraint& constraint : snapshot->constraints) {
    if (constraint.type == 'c') ++checks[constraint.table];
  }
  size_t count = chosen.size();
  return MakeRows(count, [&context, snapshot, chosen = std::move(chosen),
                          checks = std::move(checks)](size_t i, RowWriter& row) {
    const Relation& relation = snapshot->relations[chosen[i]];
    auto check = checks.find(chosen[i]);
    bool stored = relation.kind == 'r' || relation.kind == 'i';
    row.Number(relation.oid).Text(relation.name).Number(relation.namespace_oid);
    row.Number(0).Number(0).Number(Snapshot::kOwner);
    row.Number(relation.kind == 'r' ? kHeapMethod : relation.kind == 'i' ? kIndexMethod : 0);
    row.Number(stored ? relation.oid : 0).Number(0).Number(0);
    row.Number(row.Wanted() ? RowEstimate(context, relation) : 0.0);
    row.Number(0).Number(0).Bool(relation.has_index).Bool(false);
    row.Char(relation.temporary ? 't' : 'p').Char(relation.kind);
    row.Number(row.Wanted() ? static_cast<int64_t>(snapshot->Columns(context, relation).size())
                            : 0);
    row.Number(check == checks.end() ? 0 : check->second);
    row.Bool(relation.kind == 'v')
        .Bool(relation.in_foreign_key)
        .Bool(false)
        .Bool(false)
        .Bool(false)
        .Bool(true);
    row.Char(relation.kind == 'r' ? 'd' : 'n').Bool(false).Number(0).Number(0).Number(0).Nulls(3);
  });
}

std::vector<Place> ColumnsFor(ClientContext& context, Snapshot& snapshot,
                              const Restriction& restriction, const char* oid_column,
                              bool with_indexes) {
  std::vector<Place> places;
  for (const Relation& relation : snapshot.relations) {
    if (!restriction.Admits(oid_column, relation.oid)) continue;
    if (!with_indexes && (relation.kind == 'i' || relation.kind == 'S')) continue;
    for (const Column& column : snapshot.Columns(context, relation)) {
      places.push_back({&relation, &column});
    }
  }
  return places;
}

Rows OpenAttribute(ClientContext& context, const SnapshotPtr& snapshot,
                   const Restriction& restriction) {
  auto places = ColumnsFor(context, *snapshot, restriction, "attrelid", true);
  size_t count = places.size();
  return MakeRows(count, [snapshot, places = std::move(places)](size_t i, RowWriter& row) {
    const auto& [relation, column] = places[i];
    TypeRef type = snapshot->TypeOf(*column);
    uint32_t oid = type.oid;
    TypeLayout layout = LayoutOf(oid);
    row.Number(relation->oid).Text(column->name).Number(oid).Number(-1).Number(layout.length);
    bool array = column->type.id() == duckdb::LogicalTypeId::LIST ||
                 column->type.id() == duckdb::LogicalTypeId::ARRAY;
    row.Number(column->number).Number(array ? 1 : 0).Number(-1).Number(type.typmod);
    row.Bool(layout.by_value).Char(layout.align).Char(layout.storage).Text("");
    row.Bool(column->not_null).Bool(!column->default_sql.empty()).Bool(false);
    row.Text(std::string_view(&column->identity, column->identity ? 1 : 0));
    row.Text(column->generated ? "s" : "").Bool(false).Bool(true).Number(0);
    row.Number(layout.collation).Nulls(4);
  });
}

Rows OpenAttrdef(ClientContext& context, const SnapshotPtr& snapshot,
                 const Restriction& restriction) {
  std::vector<Place> places;
  for (const Place& place : snapshot->Defaults(context)) {
    bool wanted = restriction.Admits("adrelid", place.relation->oid);
    if (wanted && !place.column->default_sql.empty()) places.push_back(place);
  }
  size_t count = places.size();
  return MakeRows(count, [snapshot, places = std::move(places)](size_t i, RowWriter& row) {
    const auto& [relation, column] = places[i];
    row.Number(row.Wanted() ? StableOid("default", "", std::to_string(relation->oid), column->name)
                            : 0);
    row.Number(relation->oid).Number(column->number).Text(column->default_sql);
  });
}

Rows OpenNamespace(ClientContext&, const SnapshotPtr& snapshot, const Restriction&) {
  return MakeRows(snapshot->namespaces.size(), [snapshot](size_t i, RowWriter& row) {
    const Namespace& space = snapshot->namespaces[i];
    row.Number(space.oid).Text(space.name).Number(Snapshot::kOwner).Null();
  });
}

Rows OpenDescription(ClientContext& context, const SnapshotPtr& snapshot,
                     const Restriction& restriction) {
  struct Comment {
    uint32_t oid;
    int number;
    std::string text;
  };
  std::vector<Comment> comments;
  for (const Relation& relation : snapshot->relations) {
    if (!relation.entry || !restriction.Admits("objoid", relation.oid)) continue;
    if (std::string text = CommentOf(relation); !text.empty())
      comments.push_back({relation.oid, 0, std::move(text)});
    if (relation.kind != 'r' && relation.kind != 'v') continue;
    for (const Column& column : snapshot->Columns(context, relation)) {
      if (!column.comment.empty())
        comments.push_back({relation.oid, column.number, column.comment});
    }
  }
  size_t count = comments.size();
  return MakeRows(count, [comments = std::move(comments)](size_t i, RowWriter& row) {
    row.Number(comments[i].oid).Number(kClassOid).Number(comments[i].number).Text(comments[i].text);
  });
}

/// A sequence has no type here; those of SERIAL and of identity columns end where the column's
/// does.
uint32_t SequenceType(int64_t last) {
  constexpr uint32_t kInt2 = 21, kInt4 = 23, kInt8 = 20;
  if (last == std::numeric_limits<int16_t>::max()) return kInt2;
  return last == std::numeric_limits<int32_t>::max() ? kInt4 : kInt8;
}

Rows OpenSequence(ClientContext&, const SnapshotPtr& snapshot, const Restriction& restriction) {
  std::vector<const Relation*> chosen;
  for (const Relation& relation : snapshot->relations) {
    if (relation.kind == 'S' && restriction.Admits("seqrelid", relation.oid))
      chosen.push_back(&relation);
  }
  size_t count = chosen.size();
  return MakeRows(count, [snapshot, chosen = std::move(chosen)](size_t i, RowWriter& row) {
    auto data = chosen[i]->entry->Cast<duckdb::SequenceCatalogEntry>().GetData();
    row.Number(chosen[i]->oid).Number(SequenceType(data.max_value));
    row.Number(data.start_value).Number(data.increment);
    row.Number(data.max_value).Number(data.min_value).Number(1).Bool(data.cycle);
  });
}

// information_schema

std::string_view TableType(const Relation& relation) {
  if (relation.temporary && relation.kind == 'r') return "LOCAL TEMPORARY";
  return relation.kind == 'v' ? "VIEW" : "BASE TABLE";
}

Rows OpenTables(ClientContext&, const SnapshotPtr& snapshot, const Restriction& restriction) {
  std::vector<const Relation*> chosen;
  for (const Relation& relation : snapshot->relations) {
    if (relation.kind != 'r' && relation.kind != 'v') continue;
    if (restriction.Admits("table_name", relation.name)) chosen.push_back(&relation);
  }
  size_t count = chosen.size();
  return MakeRows(count, [snapshot, chosen = std::move(chosen)](size_t i, RowWriter& row) {
    const Relation& relation = *chosen[i];
    const Namespace* space = snapshot->FindNamespace(relation.namespace_oid);
    row.Text(snapshot->database).Text(space ? space->name : "").Text(relation.name);
    row.Text(TableType(relation)).Nulls(5);
    row.Text(relation.kind == 'r' && relation.user_made() ? "YES" : "NO").Text("NO").Null();
  });
}

/// character_maximum_length and character_octet_length.
void AppendTextLengths(const TypeRef& type, RowWriter& row) {
  constexpr int kVarchar = 1043;
  constexpr int kBpchar = 1042;
  constexpr int kText = 25;
  constexpr int kUnbounded = 1073741824;  // PostgreSQL's figure
  constexpr int kTypmodHeader = 4;
  constexpr int kLongestCharacter = 4;
  bool limited = type.typmod > kTypmodHeader && (type.oid == kVarchar || type.oid == kBpchar);
  if (limited) {
    int length = type.typmod - kTypmodHeader;
    row.Number(length).Number(length * kLongestCharacter);
  } else if (type.oid == kText || type.oid == kVarchar) {
    row.Null().Number(kUnbounded);
  } else {
    row.Nulls(2);
  }
}

struct NumberFacets {
  int precision = -1;
  int radix = 2;
  int scale = -1;
};

NumberFacets FacetsOf(const TypeRef& type) {
  switch (type.oid) {
    case 21:
      return {16, 2, 0};
    case 23:
      return {32, 2, 0};
    case 20:
      return {64, 2, 0};
    case 700:
      return {24, 2, -1};
    case 701:
      return {53, 2, -1};
    case 1700:
      if (type.typmod < 0) return {-1, 10, -1};
      return {(type.typmod - 4) >> 16, 10, (type.typmod - 4) & 0x7FF};
    default:
      return {-1, 0, -1};
  }
}

/// identity_start, identity_increment, identity_maximum, identity_minimum, identity_cycle.
void AppendIdentityRange(const Snapshot& snapshot, const Column& column, RowWriter& row) {
  const Relation* sequence = column.identity ? snapshot.FindRelation(column.sequence) : nullptr;
  if (!sequence) {
    row.Nulls(4).Text("NO");
    return;
  }
  auto data = sequence->entry->Cast<duckdb::SequenceCatalogEntry>().GetData();
  row.Text(std::to_string(data.start_value)).Text(std::to_string(data.increment));
  row.Text(std::to_string(data.max_value)).Text(std::to_string(data.min_value));
  row.Text(data.cycle ? "YES" : "NO");
}

Rows OpenColumns(ClientContext& context, const SnapshotPtr& snapshot,
                 const Restriction& restriction) {
  std::vector<Place> places;
  for (const Relation& relation : snapshot->relations) {
    if (relation.kind != 'r' && relation.kind != 'v') continue;
    if (!restriction.Admits("table_name", relation.name)) continue;
    if (restriction.Has("table_schema")) {
      const Namespace* space = snapshot->FindNamespace(relation.namespace_oid);
      if (space && !restriction.Admits("table_schema", space->name)) continue;
    }
    for (const Column& column : snapshot->Columns(context, relation)) {
      places.push_back({&relation, &column});
    }
  }
  size_t count = places.size();
  return MakeRows(count, [snapshot, places = std::move(places)](size_t i, RowWriter& row) {
    const auto& [relation, column] = places[i];
    const Namespace* space = snapshot->FindNamespace(relation->namespace_oid);
    TypeRef type = snapshot->TypeOf(*column);
    uint32_t oid = type.oid;
    const UserType* user = snapshot->FindType(oid);
    row.Text(snapshot->database).Text(space ? space->name : "").Text(relation->name);
    row.Text(column->name).Number(column->number);
    row.TextOrNull(column->generated ? std::string_view() : column->default_sql);
    row.Text(column->not_null ? "NO" : "YES");
    if (row.Wanted()) {
      std::string name = BuiltinTypeName(oid, -1);
      bool array = name.size() > 2 && name.ends_with("[]");
      row.Text(user ? "USER-DEFINED" : array ? "ARRAY" : name);
    } else {
      row.Null();
    }
    AppendTextLengths(type, row);
    NumberFacets facets = FacetsOf(type);
    facets.precision >= 0 ? row.Number(facets.precision) : row.Null();
    facets.radix > 0 ? row.Number(facets.radix) : row.Null();
    facets.scale >= 0 ? row.Number(facets.scale) : row.Null();
    bool time = oid == 1083 || oid == 1114 || oid == 1184 || oid == 1266 || oid == 1186;
    if (time || oid == 1082) {
      row.Number(time ? 6 : 0);
    } else {
      row.Null();
    }
    row.Nulls(11);  // interval, character set, collation, domain
    row.Text(snapshot->database);
    row.Text(user ? "public" : "pg_catalog");
    if (!row.Wanted()) {
      row.Null();
    } else if (user) {
      row.Text(oid == user->array_oid ? "_" + user->name : user->name);
    } else {
      row.Text(TypeCatalogName(oid));
    }
    row.Nulls(4);
    row.Text(std::to_string(column->number)).Text("NO").Text(column->identity ? "YES" : "NO");
    row.TextOrNull(column->identity == 'a'   ? "ALWAYS"
                   : column->identity == 'd' ? "BY DEFAULT"
                                             : "");
    AppendIdentityRange(*snapshot, *column, row);
    row.Text(column->generated ? "ALWAYS" : "NEVER");
    row.TextOrNull(column->generated ? std::string_view(column->default_sql) : std::string_view());
    row.Text(relation->kind == 'r' && relation->user_made() ? "YES" : "NO");
  });
}

}  // namespace

const std::vector<NamedRows>& RelationRows() {
  static const std::vector<NamedRows> rows = {{"pg_class", OpenClass},
                                              {"pg_attribute", OpenAttribute},
                                              {"pg_attrdef", OpenAttrdef},
                                              {"pg_namespace", OpenNamespace},
                                              {"pg_description", OpenDescription},
                                              {"pg_sequence", OpenSequence},
                                              {"information_schema.tables", OpenTables},
                                              {"information_schema.columns", OpenColumns}};
  return rows;
}

}  // namespace skein::engine::postgres_catalog
