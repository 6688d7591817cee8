// Rows about keys: pg_constraint, pg_index, pg_depend.

#include "duckdb/main/client_context.hpp"

#include "engine/postgres_catalog/rows.h"

namespace skein::engine::postgres_catalog {
namespace {

using SnapshotPtr = std::shared_ptr<Snapshot>;
using Rows = std::unique_ptr<CatalogRows>;

Rows OpenConstraint(duckdb::ClientContext&, const SnapshotPtr& snapshot,
                    const Restriction& restriction) {
  std::vector<const Constraint*> chosen;
  for (const Constraint& constraint : snapshot->constraints) {
    if (restriction.Admits("conrelid", snapshot->relations[constraint.table].oid) &&
        restriction.Admits("oid", constraint.oid)) {
      chosen.push_back(&constraint);
    }
  }
  size_t count = chosen.size();
  return MakeRows(count, [snapshot, chosen = std::move(chosen)](size_t i, RowWriter& row) {
    const Constraint& constraint = *chosen[i];
    const Relation& table = snapshot->relations[constraint.table];
    bool foreign = constraint.type == 'f';
    row.Number(constraint.oid).Text(constraint.name).Number(table.namespace_oid);
    row.Char(constraint.type).Bool(false).Bool(false).Bool(true).Number(table.oid).Number(0);
    uint32_t index_oid = constraint.index_oid;
    if (foreign) {
      // The index of the key it points to.
      for (const Constraint& other : snapshot->constraints) {
        if (other.table == constraint.referenced && other.index_oid &&
            other.keys == constraint.referenced_keys) {
          index_oid = other.index_oid;
        }
      }
    }
    row.Number(index_oid).Number(0);
    row.Number(foreign ? snapshot->relations[constraint.referenced].oid : 0);
    row.Char(foreign ? 'a' : ' ').Char(foreign ? 'a' : ' ').Char(foreign ? 's' : ' ');
    row.Bool(true).Number(0).Bool(constraint.type != 'c');
    constraint.keys.empty() ? row.Null() : row.Smallints(constraint.keys);
    foreign ? row.Smallints(constraint.referenced_keys) : row.Null();
    row.Nulls(5).TextOrNull(constraint.check_sql);
  });
}

Rows OpenIndex(duckdb::ClientContext&, const SnapshotPtr& snapshot,
               const Restriction& restriction) {
  std::vector<const Index*> chosen;
  for (const Index& index : snapshot->indexes) {
    if (restriction.Admits("indrelid", snapshot->relations[index.table].oid) &&
        restriction.Admits("indexrelid", snapshot->relations[index.relation].oid)) {
      chosen.push_back(&index);
    }
  }
  size_t count = chosen.size();
  return MakeRows(count, [snapshot, chosen = std::move(chosen)](size_t i, RowWriter& row) {
    const Index& index = *chosen[i];
    auto keys = static_cast<int>(index.keys.size());
    row.Number(snapshot->relations[index.relation].oid);
    row.Number(snapshot->relations[index.table].oid).Number(keys).Number(keys);
    row.Bool(index.unique).Bool(false).Bool(index.primary).Bool(false).Bool(true).Bool(false);
    row.Bool(true).Bool(false).Bool(true).Bool(true).Bool(false).Smallints(index.keys);
    row.Oids(std::vector<uint32_t>(index.keys.size(), 0));
    row.Oids(std::vector<uint32_t>(index.keys.size(), 0));
    row.Smallints(std::vector<int16_t>(index.keys.size(), 0));
    std::string expressions;
    for (size_t key = 0; key < index.keys.size(); ++key) {
      if (index.keys[key] == 0)
        expressions += (expressions.empty() ? "" : ", ") + index.key_sql[key];
    }
    row.TextOrNull(expressions).Null();
  });
}

/// Which index belongs to which constraint, which table a foreign key points to, and which column a
/// sequence numbers: what drivers look up here.
Rows OpenDepend(duckdb::ClientContext& context, const SnapshotPtr& snapshot,
                const Restriction& restriction) {
  constexpr uint32_t kClassCatalog = 1259;
  constexpr uint32_t kConstraintCatalog = 2606;
  struct Dependency {
    uint32_t class_oid, oid, referenced_class, referenced_oid;
    int16_t referenced_column;
    char type;
  };
  std::vector<Dependency> found;
  auto add = [&](Dependency one) {
    if (restriction.Admits("objid", one.oid) && restriction.Admits("refobjid", one.referenced_oid))
      found.push_back(one);
  };
  for (const Constraint& constraint : snapshot->constraints) {
    uint32_t table = snapshot->relations[constraint.table].oid;
    for (int16_t key : constraint.keys)
      add({kConstraintCatalog, constraint.oid, kClassCatalog, table, key, 'a'});
    if (constraint.index_oid) {
      add({kClassCatalog, constraint.index_oid, kConstraintCatalog, constraint.oid, 0, 'i'});
    }
    if (constraint.type == 'f') {
      uint32_t referenced = snapshot->relations[constraint.referenced].oid;
      for (int16_t key : constraint.referenced_keys)
        add({kConstraintCatalog, constraint.oid, kClassCatalog, referenced, key, 'n'});
    }
  }
  for (const Place& place : snapshot->Defaults(context)) {
    if (!place.column->sequence) continue;
    add({kClassCatalog, place.column->sequence, kClassCatalog, place.relation->oid,
         place.column->number, place.column->identity ? 'i' : 'a'});
  }
  size_t count = found.size();
  return MakeRows(count, [found = std::move(found)](size_t i, RowWriter& row) {
    const Dependency& one = found[i];
    row.Number(one.class_oid).Number(one.oid).Number(0).Number(one.referenced_class);
    row.Number(one.referenced_oid).Number(one.referenced_column).Char(one.type);
  });
}

}  // namespace

const std::vector<NamedRows>& ConstraintRows() {
  static const std::vector<NamedRows> rows = {
      {"pg_constraint", OpenConstraint}, {"pg_index", OpenIndex}, {"pg_depend", OpenDepend}};
  return rows;
}

}  // namespace skein::engine::postgres_catalog
