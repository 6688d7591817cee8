#include "engine/postgres_catalog/generators.h"

#include <map>
#include <set>
#include <string>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/duck_schema_entry.hpp"
#include "duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/scalar_macro_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_macro_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/type_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/catalog/default/default_functions.hpp"
#include "duckdb/catalog/default/default_generator.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/parser/parsed_data/create_macro_info.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "duckdb/parser/parsed_data/create_type_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/create_statement.hpp"

#include "engine/postgres_catalog/catalog_table_function.h"
#include "engine/postgres_catalog/direct_reads.h"
#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/relation_defs.h"
#include "engine/postgres_catalog/snapshot.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::CatalogEntry;
using duckdb::ClientContext;
using duckdb::StringUtil;
template <typename T>
using EntryPtr = duckdb::unique_ptr<T>;

enum class SqlKind : uint8_t { kView, kMacro, kTableMacro };

/// The statements of sql/*.sql by kind and "schema.name". Each begins at the start of a line with
/// CREATE VIEW or CREATE MACRO and ends with a semicolon at the end of a line.
class SqlObjects {
 public:
  static const SqlObjects& Get() {
    static const auto* all = new SqlObjects(CatalogSql());
    return *all;
  }

  const std::string_view* Find(SqlKind kind, const std::string& name) const {
    auto found = texts_[static_cast<size_t>(kind)].find(name);
    return found == texts_[static_cast<size_t>(kind)].end() ? nullptr : &found->second;
  }
  std::vector<std::string> Names(SqlKind kind, const std::string& schema) const {
    std::vector<std::string> names;
    for (const auto& [name, text] : texts_[static_cast<size_t>(kind)]) {
      if (StringUtil::StartsWith(name, schema + "."))
        names.push_back(name.substr(schema.size() + 1));
    }
    return names;
  }

 private:
  explicit SqlObjects(std::string_view sql) {
    // At the start of a line: comments have the word, too.
    for (size_t start = 0; (start = sql.find("\nCREATE ", start)) != std::string_view::npos;) {
      ++start;
      size_t end = sql.find(";\n", start);
      if (end == std::string_view::npos) end = sql.size();
      std::string_view text = sql.substr(start, end - start);
      constexpr std::string_view kView = "CREATE VIEW ", kMacro = "CREATE MACRO ";
      bool view = text.starts_with(kView);
      size_t name_start = view ? kView.size() : kMacro.size();
      std::string name(
          text.substr(name_start, text.find_first_of(" (\n", name_start) - name_start));
      SqlKind kind = view                                               ? SqlKind::kView
                     : text.find(" AS TABLE") != std::string_view::npos ? SqlKind::kTableMacro
                                                                        : SqlKind::kMacro;
      texts_[static_cast<size_t>(kind)].emplace(std::move(name), text);
      start = end;
    }
  }
  std::map<std::string, std::string_view> texts_[3];
};

class Generator : public duckdb::DefaultGenerator {
 public:
  explicit Generator(duckdb::SchemaCatalogEntry& schema)
      : DefaultGenerator(schema.catalog), schema_(schema) {}

 protected:
  std::string Qualified(const std::string& name) const {
    return schema_.name + "." + StringUtil::Lower(name);
  }
  /// A macro of the statements in sql/; null when they have none of the name.
  EntryPtr<CatalogEntry> Macro(const std::string& name, SqlKind kind);
  EntryPtr<CatalogEntry> Function(const duckdb::ScalarFunctionSet& functions,
                                  const std::string& name);
  duckdb::SchemaCatalogEntry& schema_;
};

class ViewGenerator : public Generator {
 public:
  using Generator::Generator;

  EntryPtr<CatalogEntry> CreateDefaultEntry(ClientContext&, const std::string& name) override {
    std::string lower = StringUtil::Lower(name);
    std::string query;
    if (const auto* text = SqlObjects::Get().Find(SqlKind::kView, Qualified(name))) {
      query = text->substr(text->find(" AS\n") + 4);
    } else if (FindRelationDef(schema_.name, lower)) {
      query = "SELECT * FROM pg_catalog." + std::string(kCatalogTableFunction) + "('" +
              schema_.name + "', '" + lower + "')";
    } else {
      return nullptr;
    }
    duckdb::CreateViewInfo info(schema_, lower);
    info.query = duckdb::CreateViewInfo::ParseSelect(query);
    ReadRelationsDirectly(*info.query->node);
    info.sql = "CREATE VIEW " + schema_.name + "." + lower + " AS " + query;
    info.internal = true;
    return duckdb::make_uniq_base<CatalogEntry, duckdb::ViewCatalogEntry>(catalog, schema_, info);
  }

  duckdb::vector<std::string> GetDefaultEntries() override {
    std::set<std::string> names;
    for (const RelationDef& definition : RelationDefs()) {
      if (definition.schema == schema_.name) names.emplace(definition.name);
    }
    for (const std::string& name : SqlObjects::Get().Names(SqlKind::kView, schema_.name))
      names.insert(name);
    return {names.begin(), names.end()};
  }
};

duckdb::unique_ptr<duckdb::CreateMacroInfo> ParseMacro(std::string_view text,
                                                       const std::string& schema) {
  duckdb::Parser parser;
  parser.ParseQuery(std::string(text));
  auto& create = parser.statements.at(0)->Cast<duckdb::CreateStatement>();
  auto info =
      duckdb::unique_ptr_cast<duckdb::CreateInfo, duckdb::CreateMacroInfo>(std::move(create.info));
  info->schema = schema;
  info->internal = true;
  return info;
}

const std::map<std::string, duckdb::ScalarFunctionSet>& ScalarFunctions() {
  static const auto* all = [] {
    auto* sets = new std::map<std::string, duckdb::ScalarFunctionSet>();
    for (auto* make : {CatalogFunctions, DefinitionFunctions, LockFunctions, SequenceFunctions,
                       SessionFunctions, SettingFunctions, VectorFunctions}) {
      for (auto& set : make()) sets->emplace(set.name, std::move(set));
    }
    return sets;
  }();
  return *all;
}

EntryPtr<CatalogEntry> Generator::Macro(const std::string& name, SqlKind kind) {
  const auto* text = SqlObjects::Get().Find(kind, Qualified(name));
  if (!text) return nullptr;
  auto info = ParseMacro(*text, schema_.name);
  if (kind == SqlKind::kTableMacro) {
    return duckdb::make_uniq_base<CatalogEntry, duckdb::TableMacroCatalogEntry>(catalog, schema_,
                                                                                *info);
  }
  return duckdb::make_uniq_base<CatalogEntry, duckdb::ScalarMacroCatalogEntry>(catalog, schema_,
                                                                               *info);
}

EntryPtr<CatalogEntry> Generator::Function(const duckdb::ScalarFunctionSet& functions,
                                           const std::string& name) {
  duckdb::CreateScalarFunctionInfo info(functions);
  info.name = name;
  info.schema = schema_.name;
  info.internal = true;
  return duckdb::make_uniq_base<CatalogEntry, duckdb::ScalarFunctionCatalogEntry>(catalog, schema_,
                                                                                  info);
}

class FunctionGenerator : public Generator {
 public:
  explicit FunctionGenerator(duckdb::SchemaCatalogEntry& schema)
      : Generator(schema), duckdb_(schema.catalog, schema) {}

  EntryPtr<CatalogEntry> CreateDefaultEntry(ClientContext& context,
                                            const std::string& name) override {
    std::string lower = StringUtil::Lower(name);
    if (auto macro = Macro(name, SqlKind::kMacro)) return macro;
    if (schema_.name != "pg_catalog") return nullptr;
    if (lower == "json_build_object") return Renamed(context, "json_object", lower);
    auto found = ScalarFunctions().find(lower);
    // What we do not define is as DuckDB has it.
    if (found == ScalarFunctions().end()) return duckdb_.CreateDefaultEntry(context, name);
    return Function(found->second, lower);
  }

  duckdb::vector<std::string> GetDefaultEntries() override {
    std::set<std::string> names;
    for (const std::string& name : SqlObjects::Get().Names(SqlKind::kMacro, schema_.name))
      names.insert(name);
    if (schema_.name == "pg_catalog") {
      for (const auto& [name, set] : ScalarFunctions()) names.insert(name);
      for (const std::string& name : duckdb_.GetDefaultEntries()) names.insert(name);
    }
    return {names.begin(), names.end()};
  }

 private:
  /// DuckDB's function under PostgreSQL's name.
  EntryPtr<CatalogEntry> Renamed(ClientContext& context, const std::string& known,
                                 const std::string& name) {
    auto entry = catalog.GetEntry(context, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY,
                                  DEFAULT_SCHEMA, known, duckdb::OnEntryNotFound::RETURN_NULL);
    if (!entry || entry->type != duckdb::CatalogType::SCALAR_FUNCTION_ENTRY) return nullptr;
    return Function(entry->Cast<duckdb::ScalarFunctionCatalogEntry>().functions, name);
  }

  duckdb::DefaultFunctionGenerator duckdb_;
};

class TableFunctionGenerator : public Generator {
 public:
  using Generator::Generator;

  EntryPtr<CatalogEntry> CreateDefaultEntry(ClientContext&, const std::string& name) override {
    if (schema_.name == "pg_catalog" && StringUtil::CIEquals(name, kCatalogTableFunction)) {
      duckdb::CreateTableFunctionInfo info(CatalogTableFunction());
      info.schema = schema_.name;
      info.internal = true;
      return duckdb::make_uniq_base<CatalogEntry, duckdb::TableFunctionCatalogEntry>(catalog,
                                                                                     schema_, info);
    }
    return Macro(name, SqlKind::kTableMacro);
  }

  duckdb::vector<std::string> GetDefaultEntries() override {
    duckdb::vector<std::string> names;
    if (schema_.name == "pg_catalog") names.emplace_back(kCatalogTableFunction);
    for (const std::string& name : SqlObjects::Get().Names(SqlKind::kTableMacro, schema_.name))
      names.push_back(name);
    return names;
  }
};

class TypeGenerator : public Generator {
 public:
  using Generator::Generator;

  EntryPtr<CatalogEntry> CreateDefaultEntry(ClientContext&, const std::string& name) override {
    std::string lower = StringUtil::Lower(name);
    duckdb::LogicalType type;
    if (schema_.name == "pg_catalog") {
      // `char` and `oid` are DuckDB's own names, which its parser resolves before anybody is asked.
      if (!IsNamedType(lower)) return nullptr;
      type = NamedType(lower);
    } else if (lower == "sql_identifier") {
      type = NamedType("name");
    } else if (lower == "cardinal_number") {
      type = duckdb::LogicalType::INTEGER;
    } else if (lower == "character_data" || lower == "yes_or_no") {
      type = duckdb::LogicalType::VARCHAR;
    } else if (lower == "time_stamp") {
      type = duckdb::LogicalType::TIMESTAMP_TZ;
    } else {
      return nullptr;
    }
    duckdb::CreateTypeInfo info(lower, type);
    info.schema = schema_.name;
    info.internal = true;
    return duckdb::make_uniq_base<CatalogEntry, duckdb::TypeCatalogEntry>(catalog, schema_, info);
  }

  duckdb::vector<std::string> GetDefaultEntries() override {
    if (schema_.name == "pg_catalog") {
      return {"xid",          "cid",     "regclass",   "regtype",      "regproc",   "regprocedure",
              "regnamespace", "regrole", "regoper",    "regoperator",  "name",      "regcollation",
              "aclitem",      "pg_lsn",  "int2vector", "pg_node_tree", "regconfig", "oidvector"};
    }
    return {"sql_identifier", "cardinal_number", "character_data", "yes_or_no", "time_stamp"};
  }
};

class MainFunctionGenerator : public Generator {
 public:
  explicit MainFunctionGenerator(duckdb::SchemaCatalogEntry& schema)
      : Generator(schema), duckdb_(schema.catalog, schema) {}

  EntryPtr<CatalogEntry> CreateDefaultEntry(ClientContext& context,
                                            const std::string& name) override {
    std::string lower = StringUtil::Lower(name);
    if (auto macro = Macro(name, SqlKind::kMacro)) return macro;
    if (!Ours().contains(lower)) return duckdb_.CreateDefaultEntry(context, name);
    return Function(ScalarFunctions().at(lower), lower);
  }
  duckdb::vector<std::string> GetDefaultEntries() override { return duckdb_.GetDefaultEntries(); }

 private:
  static const std::set<std::string>& Ours() {
    static const auto* names = new std::set<std::string>{"current_user", "current_role",
                                                         "session_user", "user", "current_catalog"};
    return *names;
  }
  duckdb::DefaultFunctionGenerator duckdb_;
};

}  // namespace

bool IsViewOfRows(const std::string& schema, const std::string& name) {
  return FindRelationDef(schema, name) &&
         !SqlObjects::Get().Find(SqlKind::kView, schema + "." + name);
}

void SetMainGenerator(duckdb::SchemaCatalogEntry& entry) {
  entry.Cast<duckdb::DuckSchemaEntry>()
      .GetCatalogSet(duckdb::CatalogType::SCALAR_FUNCTION_ENTRY)
      .SetDefaultGenerator(duckdb::make_uniq<MainFunctionGenerator>(entry));
}

void SetGenerators(duckdb::SchemaCatalogEntry& entry) {
  using duckdb::CatalogType;
  auto& schema = entry.Cast<duckdb::DuckSchemaEntry>();
  schema.GetCatalogSet(CatalogType::VIEW_ENTRY)
      .SetDefaultGenerator(duckdb::make_uniq<ViewGenerator>(entry));
  schema.GetCatalogSet(CatalogType::SCALAR_FUNCTION_ENTRY)
      .SetDefaultGenerator(duckdb::make_uniq<FunctionGenerator>(entry));
  schema.GetCatalogSet(CatalogType::TABLE_FUNCTION_ENTRY)
      .SetDefaultGenerator(duckdb::make_uniq<TableFunctionGenerator>(entry));
  schema.GetCatalogSet(CatalogType::TYPE_ENTRY)
      .SetDefaultGenerator(duckdb::make_uniq<TypeGenerator>(entry));
}

}  // namespace skein::engine::postgres_catalog
