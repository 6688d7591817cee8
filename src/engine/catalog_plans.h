#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/common/types/value.hpp"
#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/parser/parsed_expression.hpp"
#include "duckdb/parser/sql_statement.hpp"

#include "engine/arrow_batch_builder.h"
#include "engine/column_origins.h"

namespace skein::engine {

namespace postgres_catalog {
class Snapshot;
}

/// A SELECT over relations of pg_catalog and information_schema, as clients send it again and again
/// for one table after the other: without the constants that say which (`c.oid = '16423'`,
/// `relname = 'orders'`), two of them are the same. Refers to the statement it was made of.
class CatalogQuery {
 public:
  /// Nothing when the statement is none, or has parameters of its own.
  static std::optional<CatalogQuery> Of(duckdb::SQLStatement& statement);

  /// The text between the constants.
  const std::string& key() const { return key_; }
  /// The constants, in their order.
  const std::vector<duckdb::Value>& values() const { return values_; }
  /// The statement with $1, $2, ... for the constants.
  duckdb::unique_ptr<duckdb::SQLStatement> WithParameters() const;

 private:
  friend class ConstantLifter;
  duckdb::SQLStatement* statement_ = nullptr;
  std::vector<duckdb::unique_ptr<duckdb::ParsedExpression>*> places_;
  std::vector<duckdb::Value> values_;
  std::string key_;
};

/// The plan of such a statement, with what was found out about its result.
struct CatalogPlan {
  CatalogPlan();
  ~CatalogPlan();
  CatalogPlan(const CatalogPlan&) = delete;
  CatalogPlan& operator=(const CatalogPlan&) = delete;

  std::shared_ptr<duckdb::PreparedStatement> prepared;
  /// What the catalogue was, in which names were found and texts of names were turned into numbers.
  std::weak_ptr<postgres_catalog::Snapshot> snapshot;
  std::vector<ColumnOrigin> origins;
  /// Null until whoever made the plan has described it.
  std::shared_ptr<const ArrowShape> shape;
};

/// The plans that one connection keeps: to plan one of psql's queries takes about as long as to run
/// it, or longer (docs/performance.md).
///
/// A plan is kept from the second time on that its statement comes, and used while the catalogue,
/// the search path and the settings are what they were, by one statement at a time. Used by the
/// connection's thread.
class CatalogPlans {
 public:
  struct Found {
    std::shared_ptr<CatalogPlan> plan;
    /// For its parameters.
    duckdb::vector<duckdb::Value> values;
  };
  /// The plan for `query`, made if it is time to; nothing when the statement is to be planned as it
  /// is.
  std::optional<Found> Find(duckdb::ClientContext& context, const CatalogQuery& query);
  /// To be called when a setting may have changed.
  void Forget();

 private:
  struct Known {
    size_t key = 0;
    /// To tell from others of the same hash; empty while there is no plan.
    std::string text;
    std::shared_ptr<CatalogPlan> plan;
    bool seen = false;
    /// Its plan cannot be kept.
    bool refused = false;
  };
  Known& Remember(const std::string& key);
  std::list<Known> known_;  // the last used first
};

}  // namespace skein::engine
