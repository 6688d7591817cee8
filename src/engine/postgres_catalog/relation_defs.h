#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skein::engine::postgres_catalog {

/// One relation of PostgreSQL's own schemas, as data/relations.tsv lists it.
struct RelationDef {
  std::string_view schema;
  std::string_view name;
  /// 0 where PostgreSQL has no fixed number for it.
  uint32_t oid = 0;
  char kind = 'r';
  struct ColumnDef {
    std::string_view name;
    std::string_view type;
  };
  std::vector<ColumnDef> columns;
};

/// All of them, by schema and name.
const std::vector<RelationDef>& RelationDefs();
const RelationDef* FindRelationDef(std::string_view schema, std::string_view name);

/// The embedded text of data/<name>.tsv; empty when there is none.
std::string_view StaticData(std::string_view name);

/// The statements of sql/*.sql: CREATE VIEW, CREATE MACRO, in one text.
std::string_view CatalogSql();

/// Cuts a line of PostgreSQL's text format at its tabs. `\N` stays as it is.
std::vector<std::string_view> SplitFields(std::string_view line, char separator);

}  // namespace skein::engine::postgres_catalog
