#include "engine/postgres_catalog/snapshot.h"

#include <algorithm>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/parser/keyword_helper.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/snapshot_builder.h"

namespace skein::engine::postgres_catalog {
namespace {

std::string Key(uint32_t namespace_oid, std::string_view name) {
  return std::to_string(namespace_oid) + "." + duckdb::StringUtil::Lower(std::string(name));
}

}  // namespace

Snapshot::Snapshot() = default;
Snapshot::~Snapshot() = default;

const std::vector<Function>& Snapshot::Functions(duckdb::ClientContext& context) {
  std::lock_guard lock(mu_);
  if (!functions_) {
    functions_ = std::make_unique<std::vector<Function>>(ListFunctions(context, *this));
    for (size_t i = 0; i < functions_->size(); ++i) {
      Function& function = (*functions_)[i];
      while (!functions_by_oid_.emplace(function.oid, i).second) ++function.oid;
    }
  }
  return *functions_;
}

const Function* Snapshot::FindFunction(duckdb::ClientContext& context, uint32_t oid) {
  const auto& functions = Functions(context);
  std::lock_guard lock(mu_);
  auto found = functions_by_oid_.find(oid);
  return found == functions_by_oid_.end() ? nullptr : &functions[found->second];
}

uint32_t StableOid(std::string_view kind, std::string_view database, std::string_view schema,
                   std::string_view name) {
  uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (std::string_view part : {kind, database, schema, name}) {
    for (unsigned char byte : part) hash = (hash ^ byte) * 1099511628211ULL;
    hash = (hash ^ 0xFF) * 1099511628211ULL;
  }
  hash ^= hash >> 32;
  constexpr uint64_t kFirst = 16384;
  constexpr uint64_t kEnd = uint64_t{1} << 31;  // drivers read oids as signed
  return static_cast<uint32_t>(kFirst + hash % (kEnd - kFirst));
}

std::string QuoteIdentifier(std::string_view name) {
  bool plain = !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_');
  for (char c : name) {
    plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$');
  }
  if (plain) {
    auto category = duckdb::KeywordHelper::KeywordCategoryType(std::string(name));
    if (category != duckdb::KeywordCategory::KEYWORD_RESERVED &&
        category != duckdb::KeywordCategory::KEYWORD_COL_NAME &&
        category != duckdb::KeywordCategory::KEYWORD_TYPE_FUNC) {
      return std::string(name);
    }
  }
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

std::vector<std::string> SplitName(std::string_view text) {
  std::vector<std::string> parts;
  size_t at = 0;
  auto skip = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n')) ++at;
  };
  while (true) {
    skip();
    std::string part;
    if (at < text.size() && text[at] == '"') {
      bool closed = false;
      for (++at; at < text.size(); ++at) {
        if (text[at] == '"') {
          if (at + 1 == text.size() || text[at + 1] != '"') {
            closed = true;
            ++at;
            break;
          }
          ++at;
        }
        part += text[at];
      }
      if (!closed) return {};
    } else {
      while (at < text.size() && text[at] != '.' && text[at] != ' ' && text[at] != '"') {
        char c = text[at++];
        part += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
    }
    if (part.empty()) return {};
    parts.push_back(std::move(part));
    skip();
    if (at == text.size()) return parts;
    if (text[at] != '.') return {};
    ++at;
  }
}

const Relation* Snapshot::FindRelation(const duckdb::CatalogEntry& entry) const {
  auto found = by_entry_.find(&entry);
  return found == by_entry_.end() ? nullptr : &relations[found->second];
}

const Relation* Snapshot::FindRelation(uint32_t namespace_oid, std::string_view name) const {
  auto found = by_name_.find(Key(namespace_oid, name));
  return found == by_name_.end() ? nullptr : &relations[found->second];
}

const Relation* Snapshot::FindRelation(uint32_t oid) const {
  auto found = by_oid_.find(oid);
  return found == by_oid_.end() ? nullptr : &relations[found->second];
}

const Namespace* Snapshot::FindNamespace(uint32_t oid) const {
  for (const Namespace& space : namespaces) {
    if (space.oid == oid) return &space;
  }
  return nullptr;
}

const UserType* Snapshot::FindType(uint32_t oid) const {
  for (const UserType& type : types) {
    if (type.oid == oid || type.array_oid == oid) return &type;
  }
  return nullptr;
}

const Relation* Snapshot::FindRelation(std::string_view text) const {
  std::vector<std::string> parts = SplitName(text);
  if (parts.size() == 3 && duckdb::StringUtil::CIEquals(parts[0], database))
    parts.erase(parts.begin());
  if (parts.size() == 1) {
    auto found = visible_.find(duckdb::StringUtil::Lower(parts[0]));
    return found == visible_.end() ? nullptr : &relations[found->second];
  }
  if (parts.size() != 2) return nullptr;
  for (const Namespace& space : namespaces) {
    if (!duckdb::StringUtil::CIEquals(space.name, parts[0]) &&
        !(duckdb::StringUtil::CIEquals(space.real_name, parts[0]) && space.database == database)) {
      continue;
    }
    auto found = by_name_.find(Key(space.oid, parts[1]));
    if (found != by_name_.end()) return &relations[found->second];
  }
  return nullptr;
}

std::string Snapshot::DisplayName(const Relation& relation) const {
  if (relation.visible) return QuoteIdentifier(relation.name);
  const Namespace* space = FindNamespace(relation.namespace_oid);
  return (space ? QuoteIdentifier(space->name) + "." : "") + QuoteIdentifier(relation.name);
}

uint32_t Snapshot::TypeOid(const duckdb::LogicalType& type) const {
  if (!enum_oids_.empty()) {
    bool list = type.id() == duckdb::LogicalTypeId::LIST;
    const duckdb::LogicalType& element = list ? duckdb::ListType::GetChildType(type) : type;
    if (element.id() == duckdb::LogicalTypeId::ENUM) {
      auto found = enum_oids_.find((list ? "[]" : "") + element.ToString());
      if (found != enum_oids_.end()) return found->second;
    }
  }
  return TypeRefOf(type).oid;
}

TypeRef Snapshot::TypeOf(const Column& column) const {
  TypeRef type = TypeRefOf(column.type);
  type.oid = TypeOid(column.type);
  if (column.declared_oid) {
    type.oid = column.declared_oid;
    type.typmod = column.declared_typmod;
  }
  return type;
}

std::optional<std::string> Snapshot::TypeName(uint32_t oid, int32_t typmod) const {
  if (std::string name = BuiltinTypeName(oid, typmod); !name.empty()) return name;
  const UserType* type = FindType(oid);
  if (!type) return std::nullopt;
  return QuoteIdentifier(type->name) + (oid == type->array_oid ? "[]" : "");
}

uint32_t Snapshot::FindTypeOid(std::string_view text) const {
  if (uint32_t oid = BuiltinTypeOid(text)) return oid;
  bool array = text.size() > 2 && text.substr(text.size() - 2) == "[]";
  std::vector<std::string> parts = SplitName(array ? text.substr(0, text.size() - 2) : text);
  if (parts.empty()) return 0;
  if (parts.size() == 2 && parts[0] == "pg_catalog")
    return BuiltinTypeOid(parts[1] + (array ? "[]" : ""));
  for (const UserType& type : types) {
    const Namespace* space = FindNamespace(type.namespace_oid);
    if (parts.size() == 2 && (!space || space->name != parts[0])) continue;
    if (!array && type.name == "_" + parts.back()) continue;
    if (type.name == parts.back()) return array ? type.array_oid : type.oid;
    if ("_" + type.name == parts.back() && !array) return type.array_oid;
  }
  return 0;
}

void SnapshotBuilder::Index(duckdb::ClientContext& context, Snapshot& snapshot) {
  auto& relations = snapshot.relations;
  for (size_t i = 0; i < relations.size(); ++i) {
    while (!snapshot.by_oid_.emplace(relations[i].oid, i).second) ++relations[i].oid;
    if (relations[i].entry) snapshot.by_entry_.emplace(relations[i].entry, i);
    snapshot.by_name_.emplace(Key(relations[i].namespace_oid, relations[i].name), i);
  }
  for (const UserType& type : snapshot.types) {
    if (type.type.id() != duckdb::LogicalTypeId::ENUM) continue;
    snapshot.enum_oids_.emplace(type.type.ToString(), type.oid);
    snapshot.enum_oids_.emplace("[]" + type.type.ToString(), type.array_oid);
  }
  // In the order of the search path the first relation of a name is the one that is meant;
  // pg_catalog comes before all, as in PostgreSQL.
  std::vector<uint32_t> order = {Snapshot::kPgCatalog};
  for (const auto& entry : duckdb::ClientData::Get(context).catalog_search_path->Get()) {
    for (const Namespace& space : snapshot.namespaces) {
      bool same_schema = duckdb::StringUtil::CIEquals(space.real_name, entry.schema);
      bool same_database =
          entry.catalog.empty() || duckdb::StringUtil::CIEquals(space.database, entry.catalog);
      if (same_schema && same_database) order.push_back(space.oid);
    }
  }
  std::unordered_map<uint32_t, std::vector<size_t>> by_namespace;
  for (size_t i = 0; i < relations.size(); ++i)
    by_namespace[relations[i].namespace_oid].push_back(i);
  for (uint32_t space : order) {
    for (size_t i : by_namespace[space]) {
      auto [found, first] =
          snapshot.visible_.emplace(duckdb::StringUtil::Lower(relations[i].name), i);
      if (first) relations[i].visible = true;
    }
  }
}

}  // namespace skein::engine::postgres_catalog
