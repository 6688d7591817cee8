#pragma once

#include <string>

#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/sql_statement.hpp"
#include "duckdb/parser/tableref.hpp"

namespace duckdb {
struct CreateInfo;
}

namespace skein::engine::postgres_catalog {

/// Walks the tree of one statement and changes names in place. See names.h for what it resolves.
class NameResolver {
 public:
  struct Scope {
    /// The text that was parsed, where positions point to.
    std::string text;
    std::string database;
    /// public means main.
    bool maps_public = false;
    /// The statement names pg_catalog: it is a client's, about the catalogue.
    bool about_catalog = false;
  };
  explicit NameResolver(const Scope& scope) : scope_(scope) {}

  void Statement(duckdb::SQLStatement& statement);
  void Expression(duckdb::unique_ptr<duckdb::ParsedExpression>& expression);

 private:
  void Query(duckdb::QueryNode& node);
  void Ref(duckdb::TableRef& ref);
  void Source(duckdb::TableRef& ref);
  /// generate_series(...) in a SELECT list gives rows, in DuckDB a list.
  void SeriesInSelect(duckdb::QueryNode& node);
  void OptionalRef(duckdb::unique_ptr<duckdb::TableRef>& ref);
  void WithQueries(duckdb::CommonTableExpressionMap& map);
  void Create(duckdb::CreateInfo& info);
  void Table(std::string& catalog, std::string& schema);
  void Type(duckdb::LogicalType& type);
  void TypeTree(duckdb::unique_ptr<duckdb::ParsedExpression>& type);
  void Optional(duckdb::unique_ptr<duckdb::ParsedExpression>& expression) {
    if (expression) Expression(expression);
  }
  template <typename Expressions>
  void All(Expressions& expressions) {
    for (auto& expression : expressions) Optional(expression);
  }
  template <typename Sets>
  void Assignments(Sets& set) {
    if (!set) return;
    Optional(set->condition);
    All(set->expressions);
  }
  void QualifiedOperator(duckdb::unique_ptr<duckdb::ParsedExpression>& expression);

  const Scope& scope_;
};

}  // namespace skein::engine::postgres_catalog
