// Functions that look things up by number: names of types, relations and roles, comments, sizes.

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/storage/table_storage_info.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_catalog/session_state.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;

const LogicalType kOidArgument = LogicalType::BIGINT;  // oid and the reg* types widen to it

void FormatType(RowCall& call, ClientContext& context) {
  if (call.IsNull(0)) return call.Null();
  if (call.Oid(0) == 0) return call.Return(std::string("-"));
  auto typmod = call.Count() > 1 && !call.IsNull(1) ? static_cast<int32_t>(call.Int(1)) : -1;
  if (typmod == -1 && call.Count() > 1 && !call.IsNull(1))
    typmod = -2;  // asked for without a limit
  auto name = Snapshot::Of(context)->TypeName(call.Oid(0), typmod);
  call.Return(name.value_or("???"));
}

void Visible(RowCall& call, ClientContext& context) {
  auto snapshot = Snapshot::Of(context);
  const Relation* relation = snapshot->FindRelation(call.Oid(0));
  if (!relation) return call.Null();
  call.Return(relation->visible);
}

void RoleName(RowCall& call, ClientContext& context) {
  if (call.Oid(0) == Snapshot::kOwner) return call.Return(std::string("skein"));
  std::string user = SessionUser(context);
  if (call.Oid(0) == StableOid("role", "", "", user)) return call.Return(user);
  call.Return("unknown (OID=" + std::to_string(call.Oid(0)) + ")");
}

void ObjectComment(RowCall& call, ClientContext& context) {
  if (call.Count() > 1 && call.Text(1) != "pg_class") return call.Null();
  const Relation* relation = Snapshot::Of(context)->FindRelation(call.Oid(0));
  if (!relation || !relation->entry || relation->entry->comment.IsNull()) return call.Null();
  call.Return(relation->entry->comment.ToString());
}

void ColumnComment(RowCall& call, ClientContext& context) {
  auto snapshot = Snapshot::Of(context);
  const Relation* relation = snapshot->FindRelation(call.Oid(0));
  if (!relation || !relation->entry || relation->kind == 'i') return call.Null();
  const auto& columns = snapshot->Columns(context, *relation);
  int64_t number = call.Int(1);
  if (number < 1 || number > static_cast<int64_t>(columns.size())) return call.Null();
  const std::string& comment = columns[static_cast<size_t>(number - 1)].comment;
  comment.empty() ? call.Null() : call.Return(comment);
}

/// Bytes of a table's blocks in its file. What is only in memory has none.
int64_t SizeOf(ClientContext& context, const Relation& relation) {
  if (relation.kind != 'r' || !relation.entry) return 0;
  auto& table = relation.entry->Cast<duckdb::TableCatalogEntry>();
  if (!table.IsDuckTable()) return 0;
  std::unordered_set<int64_t> blocks;
  for (const auto& segment : table.GetColumnSegmentInfo(duckdb::QueryContext(context))) {
    if (!segment.persistent) continue;
    if (segment.block_id >= 0) blocks.insert(segment.block_id);
    for (auto block : segment.additional_blocks) blocks.insert(block);
  }
  constexpr int64_t kBlockBytes = 262144;
  return static_cast<int64_t>(blocks.size()) * kBlockBytes;
}

void RelationSize(RowCall& call, ClientContext& context) {
  const Relation* relation = Snapshot::Of(context)->FindRelation(call.Oid(0));
  relation ? call.Return(SizeOf(context, *relation)) : call.Null();
}

/// Named by a text.
void RelationSizeByName(RowCall& call, ClientContext& context) {
  const Relation* relation = Snapshot::Of(context)->FindRelation(call.Text(0));
  if (!relation) ThrowSql("42P01", "relation \"" + std::string(call.Text(0)) + "\" does not exist");
  call.Return(SizeOf(context, *relation));
}

void ToRegclass(RowCall& call, ClientContext& context) {
  const Relation* relation = Snapshot::Of(context)->FindRelation(call.Text(0));
  relation ? call.Return(relation->oid) : call.Null();
}

void ToRegtype(RowCall& call, ClientContext& context) {
  uint32_t oid = Snapshot::Of(context)->FindTypeOid(call.Text(0));
  oid ? call.Return(oid) : call.Null();
}

void ToRegnamespace(RowCall& call, ClientContext& context) {
  auto snapshot = Snapshot::Of(context);
  auto parts = SplitName(call.Text(0));
  for (const Namespace& space : snapshot->namespaces) {
    if (parts.size() == 1 && space.name == parts[0]) return call.Return(space.oid);
  }
  call.Null();
}

void ToRegrole(RowCall& call, ClientContext& context) {
  auto parts = SplitName(call.Text(0));
  if (parts.size() == 1 && parts[0] == "skein") return call.Return(Snapshot::kOwner);
  if (parts.size() == 1 && parts[0] == SessionUser(context))
    return call.Return(StableOid("role", "", "", parts[0]));
  call.Null();
}

void RoleOid(RowCall& call, ClientContext&) {
  call.Return(int64_t{call.Text(0) == "skein" ? Snapshot::kOwner
                                              : StableOid("role", "", "", call.Text(0))});
}

std::vector<std::string> SearchPath(ClientContext& context, bool implicit) {
  auto snapshot = Snapshot::Of(context);
  std::vector<std::string> names;
  if (implicit) names.emplace_back("pg_catalog");
  for (const auto& entry : duckdb::ClientData::Get(context).catalog_search_path->Get()) {
    for (const Namespace& space : snapshot->namespaces) {
      bool same = space.real_name == entry.schema &&
                  (entry.catalog.empty() || space.database == entry.catalog);
      if (!same || space.database == "system" || space.database == "temp") continue;
      if (std::find(names.begin(), names.end(), space.name) == names.end())
        names.push_back(space.name);
    }
  }
  return names;
}

void CurrentSchemas(RowCall& call, ClientContext& context) {
  duckdb::vector<duckdb::Value> names;
  for (const std::string& name : SearchPath(context, call.Bool(0))) names.emplace_back(name);
  call.Return(duckdb::Value::LIST(LogicalType::VARCHAR, std::move(names)));
}

void CurrentSchema(RowCall& call, ClientContext& context) {
  auto names = SearchPath(context, false);
  names.empty() ? call.Null() : call.Return(names[0]);
}

void QuoteIdent(RowCall& call, ClientContext&) { call.Return(QuoteIdentifier(call.Text(0))); }

}  // namespace

std::vector<duckdb::ScalarFunctionSet> CatalogFunctions() {
  std::map<std::string, duckdb::ScalarFunctionSet> sets;
  auto add = [&](const char* name, duckdb::vector<LogicalType> arguments, LogicalType returns,
                 void (*body)(RowCall&, ClientContext&), Nulls nulls = Nulls::kGiveNull) {
    auto [set, made] = sets.try_emplace(name, duckdb::ScalarFunctionSet(name));
    set->second.AddFunction(
        RowFunction(name, std::move(arguments), std::move(returns), body, nulls));
  };
  const LogicalType& oid = kOidArgument;
  LogicalType text = LogicalType::VARCHAR;
  add("format_type", {oid, LogicalType::BIGINT}, text, FormatType, Nulls::kAreSeen);
  add("pg_table_is_visible", {oid}, LogicalType::BOOLEAN, Visible);
  add("pg_get_userbyid", {oid}, NamedType("name"), RoleName);
  add("obj_description", {oid}, text, ObjectComment);
  add("obj_description", {oid, text}, text, ObjectComment);
  add("col_description", {oid, LogicalType::BIGINT}, text, ColumnComment);
  for (const char* name : {"pg_relation_size", "pg_table_size", "pg_total_relation_size"}) {
    add(name, {oid}, LogicalType::BIGINT, RelationSize);
    add(name, {text}, LogicalType::BIGINT, RelationSizeByName);
  }
  add("pg_relation_size", {oid, text}, LogicalType::BIGINT, RelationSize);
  add("to_regclass", {text}, NamedType("regclass"), ToRegclass);
  add("to_regtype", {text}, NamedType("regtype"), ToRegtype);
  add("to_regnamespace", {text}, NamedType("regnamespace"), ToRegnamespace);
  add("to_regrole", {text}, NamedType("regrole"), ToRegrole);
  add("skein_role_oid", {text}, NamedType("oid"), RoleOid);
  add("current_schemas", {LogicalType::BOOLEAN}, LogicalType::LIST(LogicalType::VARCHAR),
      CurrentSchemas);
  add("current_schema", {}, text, CurrentSchema);
  add("quote_ident", {text}, text, QuoteIdent);
  std::vector<duckdb::ScalarFunctionSet> all;
  for (auto& [name, set] : sets) all.push_back(std::move(set));
  return all;
}

}  // namespace skein::engine::postgres_catalog
