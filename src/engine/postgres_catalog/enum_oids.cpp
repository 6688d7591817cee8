#include "engine/postgres_catalog/enum_oids.h"

#include <functional>

#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/keyword_helper.hpp"

#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {
namespace {

void InTransaction(duckdb::ClientContext& context, const std::function<void()>& read) {
  if (context.transaction.HasActiveTransaction()) return read();
  context.RunFunctionInTransaction(read);
}

}  // namespace

std::optional<EnumOids> EnumOidsOf(duckdb::ClientContext& context,
                                   const duckdb::LogicalType& type) {
  std::optional<EnumOids> oids;
  InTransaction(context, [&] {
    auto snapshot = Snapshot::Of(context);
    if (const UserType* made = snapshot->FindType(snapshot->TypeOid(type)))
      oids = EnumOids{made->oid, made->array_oid};
  });
  return oids;
}

std::optional<UserTypeName> UserTypeOf(duckdb::ClientContext& context, uint32_t oid) {
  std::optional<UserTypeName> found;
  InTransaction(context, [&] {
    auto snapshot = Snapshot::Of(context);
    const UserType* made = snapshot->FindType(oid);
    const Namespace* space = made ? snapshot->FindNamespace(made->namespace_oid) : nullptr;
    if (!space) return;
    bool array = oid == made->array_oid;
    std::string name;
    for (const std::string& part : {space->database, space->real_name, made->name}) {
      if (!name.empty()) name += ".";
      name += duckdb::KeywordHelper::WriteQuoted(part, '"');
    }
    found = UserTypeName{name + (array ? "[]" : ""), array};
  });
  return found;
}

}  // namespace skein::engine::postgres_catalog
