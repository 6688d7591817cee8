#pragma once

#include <optional>
#include <string>
#include <vector>

namespace duckdb {
class CatalogEntry;
class ClientContext;
class Connection;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine {

// Columns that number themselves, as PostgreSQL has them: SERIAL, BIGSERIAL, SMALLSERIAL and
// GENERATED … AS IDENTITY. Such a column gets a sequence of its own, called table_column_seq, and
// nextval() of it for a default, and is NOT NULL; the sequence goes when the table is dropped. What
// GENERATED ALWAYS refuses is refused by insert_defaults.h, to PostgreSQL's sessions.
//
// All of these throw DuckDB's exceptions.

/// Put in front of a column's name: the key of CreateInfo::tags that says it is an identity column,
/// BY DEFAULT or ALWAYS; its value is the sequence's options. The table in the catalogue does not
/// keep it, the sequence does.
inline constexpr const char* kIdentityTag = "skein:identity:";
inline constexpr const char* kAlwaysTag = "skein:identity_always:";

/// Whether it is a CREATE TABLE with such columns. That cannot be bound before its sequences exist:
/// it is run by CreateNumberedTable.
bool HasNumberedColumns(const duckdb::SQLStatement& statement);
void CreateNumberedTable(duckdb::Connection& connection, const duckdb::SQLStatement& statement);

/// Whether it is a DROP TABLE of a table that owns sequences: it is run by DropNumberedTable.
/// Needs no transaction.
bool DropsNumberedTable(duckdb::ClientContext& context, const duckdb::SQLStatement& statement);
void DropNumberedTable(duckdb::Connection& connection, const duckdb::SQLStatement& statement);

/// For what a column numbers itself by a sequence of its own.
enum class Numbering { kNone, kSerial, kIdentity, kIdentityAlways };
/// By the sequence: what it was made for; kNone for one that somebody made by himself.
Numbering NumberingBy(const duckdb::CatalogEntry& sequence);

struct OwnedSequence {
  std::string column;
  std::string catalog;
  std::string schema;
  std::string name;
  /// The column is GENERATED ALWAYS.
  bool always = false;
};
/// The sequences that the columns of the table own. A transaction is open.
std::vector<OwnedSequence> OwnedSequences(duckdb::ClientContext& context,
                                          const std::string& catalog, const std::string& schema,
                                          const std::string& table);

}  // namespace skein::engine
