// Rows about types and functions: pg_type, pg_enum, pg_proc.

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/macro_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/types/vector.hpp"
#include "duckdb/function/macro_function.hpp"
#include "duckdb/function/scalar_macro_function.hpp"
#include "duckdb/function/table_macro_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/parsed_expression.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/rows.h"

namespace skein::engine::postgres_catalog {
namespace {

using SnapshotPtr = std::shared_ptr<Snapshot>;
using Rows = std::unique_ptr<CatalogRows>;

void WriteLine(std::string_view line, size_t columns, RowWriter& row) {
  auto fields = SplitFields(line, '\t');
  for (size_t i = 0; i < columns; ++i) {
    if (i >= fields.size() || fields[i] == "\\N" || !row.Wanted()) {
      row.Null();
    } else {
      row.Text(fields[i]);
    }
  }
}

// Numbers of PostgreSQL's functions for enums and arrays, which drivers look at.
constexpr int kEnumIn = 3506, kEnumOut = 3507, kEnumRecv = 3532, kEnumSend = 3533;
constexpr int kArrayIn = 750, kArrayOut = 751, kArrayRecv = 2400, kArraySend = 2401;
constexpr int kArraySubscript = 6179, kArrayAnalyze = 3816;
constexpr int kDomainIn = 2597, kDomainRecv = 2598;

Rows OpenType(duckdb::ClientContext&, const SnapshotPtr& snapshot, const Restriction& restriction) {
  std::vector<std::string_view> lines;
  for (std::string_view line : SplitFields(StaticData("pg_type"), '\n')) {
    uint32_t oid = static_cast<uint32_t>(std::stoul(std::string(line.substr(0, line.find('\t')))));
    if (restriction.Admits("oid", oid)) lines.push_back(line);
  }
  size_t builtins = lines.size();
  return MakeRows(builtins + 2 * snapshot->types.size(), [snapshot, lines = std::move(lines)](
                                                             size_t i, RowWriter& row) {
    constexpr size_t kColumns = 32;
    if (i < lines.size()) return WriteLine(lines[i], kColumns, row);
    const UserType& type = snapshot->types[(i - lines.size()) / 2];
    bool array = (i - lines.size()) % 2;
    bool is_enum = type.type.id() == duckdb::LogicalTypeId::ENUM;
    bool composite = type.type.id() == duckdb::LogicalTypeId::STRUCT;
    // An alias of another type is a domain over it.
    bool domain = !is_enum && !composite;
    row.Number(array ? type.array_oid : type.oid);
    row.Text(array ? "_" + type.name : type.name);
    row.Number(type.namespace_oid).Number(Snapshot::kOwner);
    TypeRef base = TypeRefOf(type.type);
    TypeLayout layout = array || composite ? TypeLayout{-1, false, array ? 'i' : 'd', 'x', 0}
                        : domain           ? LayoutOf(base.oid)
                                           : TypeLayout{4, true, 'i', 'p', 0};
    row.Number(layout.length).Bool(layout.by_value);
    row.Char(array ? 'b' : is_enum ? 'e' : composite ? 'c' : 'd');
    row.Char(array ? 'A' : is_enum ? 'E' : composite ? 'C' : 'U').Bool(false).Bool(true);
    row.Char(',').Number(0).Number(array ? kArraySubscript : 0).Number(array ? type.oid : 0);
    row.Number(array ? 0 : type.array_oid);
    row.Number(array ? kArrayIn : is_enum ? kEnumIn : domain ? kDomainIn : 2290);
    row.Number(array ? kArrayOut : is_enum ? kEnumOut : 2291);
    row.Number(array ? kArrayRecv : is_enum ? kEnumRecv : domain ? kDomainRecv : 2402);
    row.Number(array ? kArraySend : is_enum ? kEnumSend : 2403);
    row.Number(0).Number(0).Number(array ? kArrayAnalyze : 0);
    row.Char(layout.align).Char(layout.storage).Bool(false);
    row.Number(domain && !array ? base.oid : 0).Number(domain && !array ? base.typmod : -1);
    row.Number(0).Number(layout.collation).Nulls(3);
  });
}

Rows OpenEnum(duckdb::ClientContext&, const SnapshotPtr& snapshot, const Restriction& restriction) {
  std::vector<std::pair<const UserType*, duckdb::idx_t>> labels;
  for (const UserType& type : snapshot->types) {
    if (type.type.id() != duckdb::LogicalTypeId::ENUM || !restriction.Admits("enumtypid", type.oid))
      continue;
    for (duckdb::idx_t i = 0; i < duckdb::EnumType::GetSize(type.type); ++i)
      labels.emplace_back(&type, i);
  }
  size_t count = labels.size();
  return MakeRows(count, [snapshot, labels = std::move(labels)](size_t i, RowWriter& row) {
    auto [type, position] = labels[i];
    std::string label = duckdb::EnumType::GetString(type->type, position).GetString();
    row.Number(row.Wanted() ? StableOid("enum", "", std::to_string(type->oid), label) : 0);
    row.Number(type->oid).Number(static_cast<int64_t>(position + 1)).Text(label);
  });
}

Rows OpenProc(duckdb::ClientContext& context, const SnapshotPtr& snapshot,
              const Restriction& restriction) {
  std::vector<std::string_view> lines;
  for (std::string_view line : SplitFields(StaticData("pg_proc"), '\n')) {
    auto fields = SplitFields(line, '\t');
    if (restriction.Admits("oid", static_cast<uint32_t>(std::stoul(std::string(fields[0])))) &&
        restriction.Admits("proname", std::string(fields[1]))) {
      lines.push_back(line);
    }
  }
  auto functions = std::make_shared<std::vector<Function>>();
  for (const Function& function : snapshot->Functions(context)) {
    if (restriction.Admits("oid", function.oid) && restriction.Admits("proname", function.name) &&
        restriction.Admits("pronamespace", function.namespace_oid)) {
      functions->push_back(function);
    }
  }
  return MakeRows(lines.size() + functions->size(), [functions, lines = std::move(lines)](
                                                        size_t i, RowWriter& row) {
    constexpr size_t kColumns = 30;
    if (i < lines.size()) return WriteLine(lines[i], kColumns, row);
    const Function& function = (*functions)[i - lines.size()];
    constexpr int kInternal = 12, kSqlLanguage = 14;
    row.Number(function.oid).Text(function.name).Number(function.namespace_oid);
    row.Number(Snapshot::kOwner).Number(function.source.empty() ? kInternal : kSqlLanguage);
    row.Number(1).Number(function.returns_set ? 1000 : 0);
    row.Number(function.variadic).Number(0).Char(function.kind).Bool(false).Bool(false);
    row.Bool(false).Bool(function.returns_set).Char(function.volatility).Char('s');
    row.Number(static_cast<int64_t>(function.argument_types.size())).Number(0);
    row.Number(function.return_type).Oids(function.argument_types).Nulls(2);
    if (row.Wanted() && !function.argument_names.empty()) {
      duckdb::vector<duckdb::Value> names;
      for (const std::string& name : function.argument_names) names.emplace_back(name);
      row.Value(duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, std::move(names)));
    } else {
      row.Null();
    }
    row.Nulls(2).Text(function.source.empty() ? function.name : function.source).Nulls(4);
  });
}

}  // namespace

namespace {
const std::map<uint32_t, std::string_view>& BuiltinFunctions() {
  static const auto* all = [] {
    auto* names = new std::map<uint32_t, std::string_view>();
    for (std::string_view line : SplitFields(StaticData("pg_proc"), '\n')) {
      auto fields = SplitFields(line, '\t');
      (*names)[static_cast<uint32_t>(std::stoul(std::string(fields[0])))] = fields[1];
    }
    return names;
  }();
  return *all;
}
}  // namespace

namespace {
/// "(a, b) AS ...", as CREATE MACRO takes it.
std::string MacroText(const duckdb::MacroFunction& macro) {
  std::string text = "(";
  for (const auto& parameter : macro.parameters)
    text += (text.size() > 1 ? ", " : "") + parameter->GetName();
  if (macro.type == duckdb::MacroType::SCALAR_MACRO)
    return text + ") AS " + macro.Cast<duckdb::ScalarMacroFunction>().expression->ToString();
  return text + ") AS TABLE " + macro.Cast<duckdb::TableMacroFunction>().query_node->ToString();
}
}  // namespace

std::string BuiltinFunctionName(uint32_t oid) {
  auto found = BuiltinFunctions().find(oid);
  return found == BuiltinFunctions().end() ? std::string() : std::string(found->second);
}

uint32_t BuiltinFunctionOid(std::string_view name) {
  for (const auto& [oid, known] : BuiltinFunctions()) {
    if (known == name) return oid;
  }
  return 0;
}

std::vector<Function> ListFunctions(duckdb::ClientContext& context, const Snapshot& snapshot) {
  std::vector<Function> functions;
  auto types = [&](const duckdb::vector<duckdb::LogicalType>& given) {
    std::vector<uint32_t> oids;
    for (const auto& type : given) oids.push_back(FunctionTypeOid(snapshot, type));
    return oids;
  };
  auto finish = [&](Function function, const std::string& schema) {
    std::string signature = function.name + "(";
    for (uint32_t type : function.argument_types) signature += std::to_string(type) + ",";
    for (const std::string& name : function.argument_names) signature += name + ",";
    function.oid = StableOid("function", snapshot.database, schema, signature + function.kind);
    functions.push_back(std::move(function));
  };
  auto add_schema = [&](duckdb::SchemaCatalogEntry& schema, uint32_t namespace_oid, bool internal) {
    schema.Scan(
        context, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, [&](duckdb::CatalogEntry& entry) {
          if (entry.internal != internal) return;
          Function base;
          base.name = entry.name;
          base.namespace_oid = namespace_oid;
          if (entry.type == duckdb::CatalogType::SCALAR_FUNCTION_ENTRY) {
            for (auto& one : entry.Cast<duckdb::ScalarFunctionCatalogEntry>().functions.functions) {
              Function function = base;
              function.argument_types = types(one.arguments);
              function.return_type = FunctionTypeOid(snapshot, one.GetReturnType());
              function.variadic = one.HasVarArgs() ? FunctionTypeOid(snapshot, one.varargs) : 0;
              auto stability = one.GetStability();
              function.volatility = stability == duckdb::FunctionStability::VOLATILE     ? 'v'
                                    : stability == duckdb::FunctionStability::CONSISTENT ? 'i'
                                                                                         : 's';
              finish(std::move(function), schema.name);
            }
          } else if (entry.type == duckdb::CatalogType::AGGREGATE_FUNCTION_ENTRY) {
            for (auto& one :
                 entry.Cast<duckdb::AggregateFunctionCatalogEntry>().functions.functions) {
              Function function = base;
              function.kind = 'a';
              function.argument_types = types(one.arguments);
              function.return_type = FunctionTypeOid(snapshot, one.GetReturnType());
              finish(std::move(function), schema.name);
            }
          } else if (entry.type == duckdb::CatalogType::MACRO_ENTRY) {
            for (auto& one : entry.Cast<duckdb::MacroCatalogEntry>().macros) {
              Function function = base;
              for (auto& parameter : one->parameters) {
                function.argument_names.push_back(parameter->GetName());
                function.argument_types.push_back(kAnyElement);
              }
              function.return_type = kAnyElement;
              function.source = MacroText(*one);
              finish(std::move(function), schema.name);
            }
          }
        });
    schema.Scan(
        context, duckdb::CatalogType::TABLE_FUNCTION_ENTRY, [&](duckdb::CatalogEntry& entry) {
          if (entry.internal != internal) return;
          Function base;
          base.name = entry.name;
          base.namespace_oid = namespace_oid;
          base.returns_set = true;
          base.return_type = kRecord;
          if (entry.type == duckdb::CatalogType::TABLE_FUNCTION_ENTRY) {
            for (auto& one : entry.Cast<duckdb::TableFunctionCatalogEntry>().functions.functions) {
              Function function = base;
              function.argument_types = types(one.arguments);
              finish(std::move(function), schema.name);
            }
          } else if (entry.type == duckdb::CatalogType::TABLE_MACRO_ENTRY) {
            for (auto& one : entry.Cast<duckdb::MacroCatalogEntry>().macros) {
              Function function = base;
              for (auto& parameter : one->parameters) {
                function.argument_names.push_back(parameter->GetName());
                function.argument_types.push_back(kAnyElement);
              }
              function.source = MacroText(*one);
              finish(std::move(function), schema.name);
            }
          }
        });
  };
  for (auto& schema : duckdb::Catalog::GetSystemCatalog(context).GetSchemas(context)) {
    if (schema.get().name == DEFAULT_SCHEMA || schema.get().name == "pg_catalog")
      add_schema(schema.get(), Snapshot::kPgCatalog, true);
  }
  for (const Namespace& space : snapshot.namespaces) {
    if (space.database == "system") continue;
    auto schema = duckdb::Catalog::GetSchema(context, space.database, space.real_name,
                                             duckdb::OnEntryNotFound::RETURN_NULL);
    if (schema) add_schema(*schema, space.oid, false);
  }
  return functions;
}

uint32_t FunctionTypeOid(const Snapshot& snapshot, const duckdb::LogicalType& type) {
  switch (type.id()) {
    case duckdb::LogicalTypeId::ANY:
    case duckdb::LogicalTypeId::TEMPLATE:
    case duckdb::LogicalTypeId::INVALID:
    case duckdb::LogicalTypeId::UNKNOWN:
    case duckdb::LogicalTypeId::LAMBDA:
      return kAnyElement;
    case duckdb::LogicalTypeId::STRUCT:
    case duckdb::LogicalTypeId::MAP:
    case duckdb::LogicalTypeId::UNION:
    case duckdb::LogicalTypeId::VARIANT:
      return kJson;
    case duckdb::LogicalTypeId::DECIMAL:
      return kNumeric;
    case duckdb::LogicalTypeId::ENUM:
      return type.AuxInfo() ? snapshot.TypeOid(type) : kAnyEnum;
    case duckdb::LogicalTypeId::ARRAY:
      return kAnyArray;
    case duckdb::LogicalTypeId::LIST: {
      if (!type.AuxInfo()) return kAnyArray;
      auto child = duckdb::ListType::GetChildType(type).id();
      bool simple = child != duckdb::LogicalTypeId::ANY &&
                    child != duckdb::LogicalTypeId::TEMPLATE &&
                    !duckdb::ListType::GetChildType(type).IsNested();
      return simple ? snapshot.TypeOid(type) : kAnyArray;
    }
    case duckdb::LogicalTypeId::TABLE:
    case duckdb::LogicalTypeId::POINTER:
    case duckdb::LogicalTypeId::AGGREGATE_STATE:
    case duckdb::LogicalTypeId::UNBOUND:
      return kAnyElement;
    default:
      return snapshot.TypeOid(type);
  }
}

const std::vector<NamedRows>& TypeRows() {
  static const std::vector<NamedRows> rows = {
      {"pg_type", OpenType}, {"pg_enum", OpenEnum}, {"pg_proc", OpenProc}};
  return rows;
}

}  // namespace skein::engine::postgres_catalog
