// Functions that write the definition of something: keys, indexes, views, functions.

#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/statement/select_statement.hpp"

#include "engine/postgres_catalog/functions.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/row_function.h"
#include "engine/postgres_catalog/view_text.h"

namespace skein::engine::postgres_catalog {
namespace {

using duckdb::ClientContext;
using duckdb::LogicalType;

/// Whether the bracket that a condition begins with is closed by its last.
bool IsBracketed(const std::string& sql) {
  if (!sql.starts_with('(')) return false;
  int open = 0;
  char quote = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++open;
    } else if (c == ')' && --open == 0) {
      return i + 1 == sql.size();
    }
  }
  return false;
}

void ConstraintDefinition(RowCall& call, ClientContext& context) {
  for (const Constraint& constraint : Snapshot::Of(context)->constraints) {
    if (constraint.oid != call.Oid(0)) continue;
    // Printed for people a condition has one pair of brackets.
    bool pretty = call.Count() > 1 && call.Bool(1) && IsBracketed(constraint.check_sql);
    return call.Return(pretty ? "CHECK " + constraint.check_sql : constraint.definition);
  }
  call.Null();
}

void IndexDefinition(RowCall& call, ClientContext& context) {
  auto snapshot = Snapshot::Of(context);
  for (const Index& index : snapshot->indexes) {
    const Relation& relation = snapshot->relations[index.relation];
    if (relation.oid != call.Oid(0)) continue;
    int64_t column = call.Count() > 1 ? call.Int(1) : 0;
    if (column > 0) {
      if (column > static_cast<int64_t>(index.key_sql.size())) return call.Return(std::string());
      return call.Return(index.key_sql[static_cast<size_t>(column - 1)]);
    }
    const Namespace* space = snapshot->FindNamespace(relation.namespace_oid);
    std::string keys;
    for (const std::string& key : index.key_sql) keys += (keys.empty() ? "" : ", ") + key;
    std::string schema = space ? QuoteIdentifier(space->name) + "." : "";
    return call.Return(std::string("CREATE ") + (index.unique ? "UNIQUE " : "") + "INDEX " +
                       QuoteIdentifier(relation.name) + " ON " + schema +
                       QuoteIdentifier(snapshot->relations[index.table].name) + " USING btree (" +
                       keys + ")");
  }
  call.Null();
}

std::string TextOfView(const Relation& relation) {
  if (!relation.file_pattern.empty()) {
    return " SELECT * FROM " + relation.file_reader + "(" + QuoteLiteral(relation.file_pattern) +
           ");";
  }
  if (relation.kind != 'v' || !relation.entry) return {};
  return " " + ViewText(relation.entry->Cast<duckdb::ViewCatalogEntry>().GetQuery()) + ";";
}

void ViewDefinition(RowCall& call, ClientContext& context) {
  const Relation* relation = Snapshot::Of(context)->FindRelation(call.Oid(0));
  std::string text = relation ? TextOfView(*relation) : std::string();
  text.empty() ? call.Null() : call.Return(text);
}

void ViewDefinitionByName(RowCall& call, ClientContext& context) {
  const Relation* relation = Snapshot::Of(context)->FindRelation(call.Text(0));
  std::string text = relation ? TextOfView(*relation) : std::string();
  text.empty() ? call.Null() : call.Return(text);
}

/// Calls `write(function, snapshot)` for the function of a number.
template <typename Write>
void WithFunction(RowCall& call, ClientContext& context, Write write) {
  auto snapshot = Snapshot::Of(context);
  if (const Function* function = snapshot->FindFunction(context, call.Oid(0)))
    return write(*function, *snapshot);
  call.Null();
}

std::string ArgumentList(const Function& function, const Snapshot& snapshot) {
  std::string text;
  for (size_t i = 0; i < function.argument_types.size(); ++i) {
    if (i > 0) text += ", ";
    if (i < function.argument_names.size())
      text += QuoteIdentifier(function.argument_names[i]) + " ";
    text += snapshot.TypeName(function.argument_types[i], -1).value_or("???");
  }
  if (function.variadic) {
    text += (text.empty() ? "" : ", ") + std::string("VARIADIC ") +
            snapshot.TypeName(function.variadic, -1).value_or("???");
  }
  return text;
}

void FunctionArguments(RowCall& call, ClientContext& context) {
  WithFunction(call, context, [&](const Function& function, const Snapshot& snapshot) {
    call.Return(ArgumentList(function, snapshot));
  });
}

void FunctionResult(RowCall& call, ClientContext& context) {
  WithFunction(call, context, [&](const Function& function, const Snapshot& snapshot) {
    call.Return((function.returns_set ? "SETOF " : "") +
                snapshot.TypeName(function.return_type, -1).value_or("???"));
  });
}

void FunctionDefinition(RowCall& call, ClientContext& context) {
  WithFunction(call, context, [&](const Function& function, const Snapshot& snapshot) {
    if (function.source.empty()) return call.Null();
    const Namespace* space = snapshot.FindNamespace(function.namespace_oid);
    std::string schema = space ? QuoteIdentifier(space->name) + "." : "";
    call.Return("CREATE OR REPLACE MACRO " + schema + QuoteIdentifier(function.name) +
                function.source + "\n");
  });
}

}  // namespace

std::vector<duckdb::ScalarFunctionSet> DefinitionFunctions() {
  std::map<std::string, duckdb::ScalarFunctionSet> sets;
  auto add = [&](const char* name, duckdb::vector<LogicalType> arguments,
                 void (*body)(RowCall&, ClientContext&)) {
    auto [set, made] = sets.try_emplace(name, duckdb::ScalarFunctionSet(name));
    set->second.AddFunction(RowFunction(name, std::move(arguments), LogicalType::VARCHAR, body));
  };
  LogicalType oid = LogicalType::BIGINT;
  LogicalType pretty = LogicalType::BOOLEAN;
  LogicalType text = LogicalType::VARCHAR;
  add("pg_get_constraintdef", {oid}, ConstraintDefinition);
  add("pg_get_constraintdef", {oid, pretty}, ConstraintDefinition);
  add("pg_get_indexdef", {oid}, IndexDefinition);
  add("pg_get_indexdef", {oid, LogicalType::BIGINT, pretty}, IndexDefinition);
  add("pg_get_viewdef", {oid}, ViewDefinition);
  add("pg_get_viewdef", {oid, pretty}, ViewDefinition);
  add("pg_get_viewdef", {oid, LogicalType::BIGINT}, ViewDefinition);
  add("pg_get_viewdef", {text}, ViewDefinitionByName);
  add("pg_get_viewdef", {text, pretty}, ViewDefinitionByName);
  add("pg_get_functiondef", {oid}, FunctionDefinition);
  add("pg_get_function_arguments", {oid}, FunctionArguments);
  add("pg_get_function_identity_arguments", {oid}, FunctionArguments);
  add("pg_get_function_result", {oid}, FunctionResult);
  std::vector<duckdb::ScalarFunctionSet> all;
  for (auto& [name, set] : sets) all.push_back(std::move(set));
  return all;
}

}  // namespace skein::engine::postgres_catalog
