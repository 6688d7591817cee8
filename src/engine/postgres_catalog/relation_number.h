#pragma once

#include <cstdint>

namespace duckdb {
class CatalogEntry;
class ClientContext;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

/// pg_class.oid of a table or view, as Snapshot has it; 0 for what pg_class does not list. It looks
/// at the names of the catalogue only: for one number a whole snapshot would be dear, and after
/// each change of the catalogue there is no old one to use. Needs a transaction; throws.
uint32_t RelationNumber(duckdb::ClientContext& context, duckdb::CatalogEntry& entry);

}  // namespace skein::engine::postgres_catalog
