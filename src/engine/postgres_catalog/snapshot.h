#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "duckdb/common/optional_ptr.hpp"
#include "duckdb/common/types.hpp"

namespace duckdb {
class CatalogEntry;
class ClientContext;
class SchemaCatalogEntry;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

struct Function;
struct RelationDef;
struct TypeRef;

struct Namespace {
  uint32_t oid = 0;
  /// As PostgreSQL's clients see it: DuckDB's `main` is `public`.
  std::string name;
  std::string database;
  std::string real_name;
};

struct Column {
  std::string name;
  duckdb::LogicalType type;
  int16_t number = 0;
  bool not_null = false;
  bool generated = false;
  /// Of text what it was declared as (DeclaredText); else 0.
  uint32_t declared_oid = 0;
  int32_t declared_typmod = -1;
  /// pg_attribute.attidentity: a ALWAYS, d BY DEFAULT, else NUL.
  char identity = '\0';
  /// The sequence that a SERIAL or identity column owns; else 0.
  uint32_t sequence = 0;
  /// As PostgreSQL prints it. An identity column has none.
  std::string default_sql;
  std::string comment;
};

struct Relation {
  uint32_t oid = 0;
  uint32_t namespace_oid = 0;
  /// pg_class.relkind: r, v, i, S.
  char kind = 'r';
  bool temporary = false;
  /// Unqualified, its name leads to it.
  bool visible = false;
  std::string name;
  /// The entry in DuckDB's catalogue; null for our own relations, for the indexes behind
  /// constraints and for file sets. Alive as long as the transaction.
  duckdb::CatalogEntry* entry = nullptr;
  /// Our own relations.
  const RelationDef* definition = nullptr;
  /// The pattern and the reader of a file set.
  std::string file_pattern;
  std::string file_reader;
  /// The table of an index, as position in Snapshot::relations; else npos.
  size_t table = SIZE_MAX;
  bool has_index = false;
  /// A foreign key is its own or points to it: PostgreSQL keeps these by triggers, and clients look
  /// for foreign keys where there are triggers.
  bool in_foreign_key = false;
  bool user_made() const { return definition == nullptr; }
};

/// One column of one relation.
struct Place {
  const Relation* relation;
  const Column* column;
};

struct Index {
  size_t relation = 0;
  size_t table = 0;
  bool unique = false;
  bool primary = false;
  /// pg_attribute.attnum, 0 for an expression.
  std::vector<int16_t> keys;
  std::vector<std::string> key_sql;
  /// The same as DuckDB's errors quote them; empty for the indexes behind keys.
  std::vector<std::string> key_trees;
};

struct Constraint {
  uint32_t oid = 0;
  std::string name;
  char type = 'c';
  size_t table = 0;
  std::vector<int16_t> keys;
  size_t referenced = SIZE_MAX;
  std::vector<int16_t> referenced_keys;
  /// The index behind it; 0 when none.
  uint32_t index_oid = 0;
  std::string definition;
  std::string check_sql;
  /// The same as DuckDB's errors quote it.
  std::string check_tree;
};

struct UserType {
  uint32_t oid = 0;
  uint32_t array_oid = 0;
  uint32_t namespace_oid = 0;
  std::string name;
  duckdb::LogicalType type;
};

/// What the current database holds, in PostgreSQL's terms, as one search path sees it.
///
/// Relations have the numbers they will have again tomorrow and on another server: a hash of
/// database, schema, kind and name; two names that meet take the next free number in the order of
/// names. Immutable after Build, but for what is read lazily under its own lock.
///
/// Shared by all queries, also of other sessions, that see the same version of the catalogue
/// (snapshot_cache.h): a transaction that sees it keeps alive the entries it points to, which are
/// the same for all of these; whoever holds a snapshot outside of such a query must not touch them.
class Snapshot {
 public:
  Snapshot();
  ~Snapshot();

  static constexpr uint32_t kOwner = 10;
  static constexpr uint32_t kPgCatalog = 11;
  static constexpr uint32_t kPublic = 2200;
  static constexpr uint32_t kInformationSchema = 13207;

  /// The snapshot of the query that runs on `context`.
  static std::shared_ptr<Snapshot> Of(duckdb::ClientContext& context);

  std::string database;
  uint32_t database_oid = 0;
  std::vector<Namespace> namespaces;
  std::vector<Relation> relations;
  std::vector<Index> indexes;
  std::vector<Constraint> constraints;
  std::vector<UserType> types;

  const Relation* FindRelation(uint32_t oid) const;
  /// Of a table, a view, a sequence or an index of DuckDB's catalogue.
  const Relation* FindRelation(const duckdb::CatalogEntry& entry) const;
  const Namespace* FindNamespace(uint32_t oid) const;
  const UserType* FindType(uint32_t oid) const;
  const Relation* FindRelation(uint32_t namespace_oid, std::string_view name) const;
  /// By PostgreSQL's rules for a name in a text: quotes keep case, a schema may stand in front.
  const Relation* FindRelation(std::string_view text) const;
  /// Quoted where needed, and with its schema where it is not visible.
  std::string DisplayName(const Relation& relation) const;

  /// The columns; for a view that cannot be bound, or a file set that cannot be read, none. Those
  /// of views and file sets are the query's own: they hang on more than the catalogue. Valid until
  /// the end of the query. Thread-safe.
  const std::vector<Column>& Columns(duckdb::ClientContext& context, const Relation& relation);

  /// The columns of tables that have a default, or are computed, or own a sequence. Thread-safe.
  const std::vector<Place>& Defaults(duckdb::ClientContext& context);

  /// All functions that a statement can call. Thread-safe.
  const std::vector<Function>& Functions(duckdb::ClientContext& context);
  const Function* FindFunction(duckdb::ClientContext& context, uint32_t oid);

  /// A type: as TypeRefOf, but a user-made enum is itself.
  uint32_t TypeOid(const duckdb::LogicalType& type) const;
  /// The same of a column.
  TypeRef TypeOf(const Column& column) const;

  /// format_type; nullopt where PostgreSQL says ???.
  std::optional<std::string> TypeName(uint32_t oid, int32_t typmod) const;
  uint32_t FindTypeOid(std::string_view text) const;

 private:
  friend struct SnapshotBuilder;
  std::vector<Column> ReadColumns(const Relation& relation) const;

  std::unordered_map<uint32_t, size_t> by_oid_;
  std::unordered_map<const duckdb::CatalogEntry*, size_t> by_entry_;
  std::unordered_map<std::string, size_t> by_name_;
  std::unordered_map<std::string, size_t> visible_;
  std::unordered_map<std::string, uint32_t> enum_oids_;
  std::mutex mu_;
  std::unordered_map<uint32_t, std::vector<Column>> columns_;  // mu_; not of views and file sets
  std::unique_ptr<std::vector<Place>> defaults_;               // mu_
  std::unique_ptr<std::vector<Function>> functions_;           // mu_
  std::unordered_map<uint32_t, size_t> functions_by_oid_;      // mu_
};

/// A number for something with a name: the same on every server, always, at least 16384.
uint32_t StableOid(std::string_view kind, std::string_view database, std::string_view schema,
                   std::string_view name);

/// quote_ident.
std::string QuoteIdentifier(std::string_view name);
std::string QuoteLiteral(std::string_view text);

/// Takes `a.b."C d"` apart as PostgreSQL reads a name. Empty when it is none.
std::vector<std::string> SplitName(std::string_view text);

}  // namespace skein::engine::postgres_catalog
