#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

#include "engine/postgres_functions/expressions.h"

namespace skein::engine {

/// What stands in FROM, as PostgreSQL means it.

/// unnest(a, b) is a subquery that unnests both side by side.
duckdb::unique_ptr<duckdb::TableRef> UnnestSideBySide(duckdb::TableFunctionRef& ref);

/// pg_partition_ancestors(t) WITH ORDINALITY: no table is a partition, so it is an empty relation
/// with the columns that its alias names. DuckDB has no ORDINALITY for it, nor calls of macros with
/// the columns of an outer query.
duckdb::unique_ptr<duckdb::TableRef> NoPartitionAncestors(const duckdb::TableFunctionRef& ref);

/// generate_series of whole numbers that are all written in the text counts in integer, DuckDB's
/// in bigint: the call becomes a subquery that casts. What else is in FROM stays. `name` is what
/// the column is called when nothing names it.
void CountInIntegers(duckdb::unique_ptr<duckdb::TableRef>& series, const std::string& name);

/// The relations of pg_catalog that a FROM clause names, by alias in lower case, with their
/// numbers: what the system column `tableoid` is in all of their rows.
using CatalogTables = std::map<std::string, uint32_t>;
CatalogTables CatalogTablesIn(const duckdb::TableRef* from);

/// The aliases in lower case of json_array_elements() and its kin in a FROM clause, but for those
/// whose column has an alias, too. PostgreSQL calls the column `value`, and reads the alias alone
/// as the element.
using ElementAliases = std::set<std::string>;
ElementAliases ElementAliasesIn(const duckdb::TableRef* from);

/// ORDER BY a name that two different columns of the select list have: throws 42702.
void CheckOrderNames(const duckdb::SelectNode& select);

}  // namespace skein::engine
