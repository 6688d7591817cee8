#include "engine/built_in.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"

namespace skein::engine {

void DropBuiltIn(duckdb::ClientContext& context, duckdb::Catalog& system, duckdb::CatalogType type,
                 const std::string& name) {
  duckdb::DropInfo info;
  info.type = type;
  info.schema = DEFAULT_SCHEMA;
  info.name = name;
  info.if_not_found = duckdb::OnEntryNotFound::RETURN_NULL;
  info.allow_drop_internal = true;
  system.DropEntry(context, info);
}

}  // namespace skein::engine
