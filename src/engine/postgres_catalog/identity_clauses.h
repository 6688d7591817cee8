#pragma once

#include <string>
#include <vector>

#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/common/vector.hpp"

namespace duckdb {
class SQLStatement;
}

namespace skein::engine::postgres_catalog {

/// `GENERATED … AS IDENTITY (…)` of one column of a CREATE TABLE, which DuckDB's grammar reads and
/// its parser has no tree for.
struct IdentityClause {
  size_t start = 0;     ///< of the clause in the text
  bool always = false;  ///< GENERATED ALWAYS, not BY DEFAULT
  std::string column;   ///< as the catalogue names it
  std::string options;  ///< what stands in the brackets: those of CREATE SEQUENCE
};

/// Blanks these clauses in `sql`, whose other positions stay, and returns what they said.
std::vector<IdentityClause> TakeIdentityClauses(std::string* sql);

/// Notes in the trees of CREATE TABLE which of their columns had a clause. See numbered_columns.h.
void NoteIdentityColumns(const std::vector<IdentityClause>& clauses,
                         duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>& statements);

}  // namespace skein::engine::postgres_catalog
