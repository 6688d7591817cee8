#include "engine/postgres_catalog/pg_types.h"

#include <array>
#include <map>
#include <mutex>

#include "duckdb/common/exception.hpp"

#include "engine/postgres_catalog/relation_defs.h"
#include "results/pg_type.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

enum class Base : uint8_t { kNumber, kText, kSmallints, kOids };
struct Named {
  const char* name;
  Base base;
  uint32_t oid;
  RegKind reg = RegKind::kOther;
};
constexpr auto kNamed = std::to_array<Named>({
    {"oid", Base::kNumber, 26},
    {"xid", Base::kNumber, 28},
    {"cid", Base::kNumber, 29},
    {"regclass", Base::kNumber, 2205, RegKind::kClass},
    {"regtype", Base::kNumber, 2206, RegKind::kType},
    {"regproc", Base::kNumber, 24, RegKind::kProc},
    {"regprocedure", Base::kNumber, 2202, RegKind::kProc},
    {"regnamespace", Base::kNumber, 4089, RegKind::kNamespace},
    {"regrole", Base::kNumber, 4096, RegKind::kRole},
    {"regoper", Base::kNumber, 2203},
    {"regoperator", Base::kNumber, 2204},
    {"regcollation", Base::kNumber, 4191},
    {"regconfig", Base::kNumber, 3734},
    {"regdictionary", Base::kNumber, 3769},
    {"name", Base::kText, 19},
    {"char", Base::kText, 18},
    {"aclitem", Base::kText, 1033},
    {"pg_node_tree", Base::kText, 194},
    {"pg_lsn", Base::kText, 3220},
    {"int2vector", Base::kSmallints, 22},
    {"oidvector", Base::kOids, 30},
});

const Named* Find(std::string_view name) {
  if (name == "\"char\"") name = "char";
  for (const Named& named : kNamed) {
    if (name == named.name) return &named;
  }
  return nullptr;
}

struct SqlName {
  uint32_t oid;
  const char* name;
};
// What format_type says where it is not the name in pg_type.
constexpr auto kSqlNames = std::to_array<SqlName>({{16, "boolean"},
                                                   {18, "\"char\""},
                                                   {20, "bigint"},
                                                   {21, "smallint"},
                                                   {23, "integer"},
                                                   {700, "real"},
                                                   {701, "double precision"},
                                                   {1042, "character"},
                                                   {1043, "character varying"},
                                                   {1083, "time without time zone"},
                                                   {1114, "timestamp without time zone"},
                                                   {1184, "timestamp with time zone"},
                                                   {1266, "time with time zone"},
                                                   {1560, "bit"},
                                                   {1562, "bit varying"}});

struct BuiltinType {
  std::string_view name;
  uint32_t element = 0;
  TypeLayout layout;
};

const std::map<uint32_t, BuiltinType>& Builtins() {
  static const auto* all = [] {
    auto* types = new std::map<uint32_t, BuiltinType>();
    for (std::string_view line : SplitFields(StaticData("pg_type"), '\n')) {
      auto fields = SplitFields(line, '\t');
      if (fields.size() < 14) continue;
      auto number = [&](size_t i) {
        return static_cast<int64_t>(std::stoll(std::string(fields[i])));
      };
      BuiltinType type;
      type.name = fields[1];
      // A fixed-length type with elements (point, name) is no array.
      type.element =
          fields[1].front() == '_' && fields[7] == "A" ? static_cast<uint32_t>(number(13)) : 0;
      type.layout = {static_cast<int16_t>(number(4)), fields[5] == "t", fields[22][0],
                     fields[23][0], static_cast<uint32_t>(number(28))};
      (*types)[static_cast<uint32_t>(number(0))] = type;
    }
    return types;
  }();
  return *all;
}

}  // namespace

bool IsNamedType(std::string_view postgres_name) { return Find(postgres_name) != nullptr; }

RegKind RegKindOf(std::string_view postgres_name) {
  const Named* named = Find(postgres_name);
  return named ? named->reg : RegKind::kOther;
}

LogicalType NamedType(std::string_view postgres_name) {
  const Named* named = Find(postgres_name);
  if (!named)
    throw duckdb::InternalException("no such type of the catalogue: " + std::string(postgres_name));
  LogicalType type;
  switch (named->base) {
    case Base::kNumber:
      // `oid` is DuckDB's own name of BIGINT, and it reads names of types back.
      type = LogicalType(postgres_name == "oid" ? LogicalTypeId::BIGINT : LogicalTypeId::UINTEGER);
      break;
    case Base::kText:
      type = LogicalType(LogicalTypeId::VARCHAR);
      break;
    case Base::kSmallints:
      type = LogicalType::LIST(LogicalType::SMALLINT);
      break;
    case Base::kOids:
      type = LogicalType::LIST(NamedType("oid"));
      break;
  }
  type.SetAlias(named->name);
  return type;
}

LogicalType ColumnType(std::string_view name) {
  if (name.size() > 2 && name.substr(name.size() - 2) == "[]")
    return LogicalType::LIST(ColumnType(name.substr(0, name.size() - 2)));
  if (IsNamedType(name)) return NamedType(name);
  if (name == "boolean") return LogicalType::BOOLEAN;
  if (name == "smallint") return LogicalType::SMALLINT;
  if (name == "integer") return LogicalType::INTEGER;
  if (name == "bigint") return LogicalType::BIGINT;
  if (name == "real") return LogicalType::FLOAT;
  if (name == "double precision" || name == "numeric") return LogicalType::DOUBLE;
  if (name == "timestamp with time zone") return LogicalType::TIMESTAMP_TZ;
  if (name == "interval") return LogicalType::INTERVAL;
  if (name == "bytea") return LogicalType::BLOB;
  // text, and what nobody reads but as text: inet, anyarray, pg_ndistinct, ...
  return LogicalType::VARCHAR;
}

TypeRef TypeRefOf(const LogicalType& type) {
  if (type.HasAlias()) {
    if (const Named* named = Find(type.GetAlias())) return TypeRef{named->oid, -1, -1};
  }
  if (type.id() == LogicalTypeId::LIST) {
    const LogicalType& element = duckdb::ListType::GetChildType(type);
    if (element.HasAlias() && Find(element.GetAlias())) {
      for (const auto& [oid, builtin] : Builtins()) {
        if (builtin.element == Find(element.GetAlias())->oid) return TypeRef{oid, -1, -1};
      }
    }
  }
  // Names of types are long to take apart, and tables have few different ones.
  static std::mutex mu;
  static auto* simple = new std::map<LogicalTypeId, TypeRef>();  // mu
  bool plain = !type.IsNested() && type.id() != LogicalTypeId::DECIMAL && !type.HasAlias() &&
               type.id() != LogicalTypeId::ENUM;
  if (plain) {
    std::lock_guard lock(mu);
    if (auto found = simple->find(type.id()); found != simple->end()) return found->second;
  }
  TypeRef made;
  if (auto pg = results::PgTypeNamed(type.ToString()); pg.ok()) {
    made = TypeRef{pg->oid, pg->typmod, pg->typlen};
  }
  if (plain) {
    std::lock_guard lock(mu);
    simple->emplace(type.id(), made);
  }
  return made;
}

std::string BuiltinTypeName(uint32_t oid, int32_t typmod) {
  auto found = Builtins().find(oid);
  if (found == Builtins().end()) return {};
  if (found->second.element) {
    return BuiltinTypeName(found->second.element, typmod) + "[]";
  }
  std::string name;
  for (const SqlName& sql : kSqlNames) {
    if (sql.oid == oid) name = sql.name;
  }
  if (name.empty()) name = found->second.name;
  constexpr int32_t kHeader = 4;
  if (typmod < 0) return oid == 1042 && typmod == -2 ? "bpchar" : name;
  if (oid == 1700 && typmod >= kHeader) {
    int32_t packed = typmod - kHeader;
    return name + "(" + std::to_string(packed >> 16 & 0xFFFF) + "," +
           std::to_string(packed & 0x7FF) + ")";
  }
  if ((oid == 1042 || oid == 1043) && typmod >= kHeader)
    return name + "(" + std::to_string(typmod - kHeader) + ")";
  if (oid == 1560 || oid == 1562) return name + "(" + std::to_string(typmod) + ")";
  return name;
}

TypeLayout LayoutOf(uint32_t oid) {
  auto found = Builtins().find(oid);
  return found == Builtins().end() ? TypeLayout() : found->second.layout;
}

std::string TypeCatalogName(uint32_t oid) {
  auto found = Builtins().find(oid);
  return found == Builtins().end() ? std::string() : std::string(found->second.name);
}

uint32_t BuiltinTypeOid(std::string_view text) {
  std::string name;
  for (char c : text) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  constexpr std::string_view kSchema = "pg_catalog.";
  if (name.starts_with(kSchema)) name.erase(0, kSchema.size());
  size_t open = name.find('(');
  if (open != std::string::npos) {
    size_t close = name.find(')', open);
    if (close == std::string::npos) return 0;
    name.erase(open, close - open + 1);
  }
  if (name.size() > 2 && name.ends_with("[]")) {
    uint32_t element = BuiltinTypeOid(std::string_view(name).substr(0, name.size() - 2));
    for (const auto& [oid, builtin] : Builtins()) {
      if (element && builtin.element == element) return oid;
    }
    return 0;
  }
  for (const SqlName& sql : kSqlNames) {
    if (name == sql.name) return sql.oid;
  }
  constexpr auto kAliases = std::to_array<std::pair<const char*, uint32_t>>({{"int", 23},
                                                                             {"char", 1042},
                                                                             {"decimal", 1700},
                                                                             {"time", 1083},
                                                                             {"timestamp", 1114},
                                                                             {"float", 701},
                                                                             {"dec", 1700},
                                                                             {"string", 25},
                                                                             {"double", 701}});
  for (auto [alias, oid] : kAliases) {
    if (name == alias) return oid;
  }
  if (name.size() > 2 && name.front() == '"' && name.back() == '"')
    name = name.substr(1, name.size() - 2);
  for (const auto& [oid, builtin] : Builtins()) {
    if (builtin.name == name) return oid;
  }
  return 0;
}

}  // namespace skein::engine::postgres_catalog
