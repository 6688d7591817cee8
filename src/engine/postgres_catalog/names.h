#pragma once

#include <functional>
#include <string>

#include "duckdb/common/unique_ptr.hpp"
#include "duckdb/common/vector.hpp"

namespace duckdb {
class ClientContext;
class SQLStatement;
}  // namespace duckdb

namespace skein::engine::postgres_catalog {

using ParsedStatements = duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>;

/// Parses `sql` with `parse`, which is DuckDB's parser, and resolves in the tree what PostgreSQL's
/// clients write and DuckDB does not know:
///
///   public.t, public.t.c     the schema main, where the current database has no schema public
///   pg_temp.t                the temporary schema
///   pg_catalog.f(x), x::pg_catalog.int4, OPERATOR(pg_catalog.=)   without the schema, as
///   pg_catalog
///                            is always on the search path
///   '{a,b}'::text[], x = ANY ('{a,b}')   the list that the text stands for
///   COLLATE "default", "C"   no collation: DuckDB compares by bytes
///   db.pg_catalog.pg_class   without the database, when it is the current one
///   GENERATED … AS IDENTITY  a column of a CREATE TABLE that numbers itself (identity_clauses.h)
///   name varchar_pattern_ops  of an index: nothing (operator_classes.h)
///
/// DuckDB's grammar refuses keywords as names of qualified types (`x::pg_catalog.text`) and
/// `OPERATOR(…) ANY (…)`, and it makes no tree of an identity column. Only a text that it has
/// refused is parsed again with the tokens of these qualifications and clauses blanked; everything
/// else, and every position, stays as it was.
///
/// In a session that speaks PostgreSQL's dialect the operators of json are written as
/// operator_tokens.h says; the dialect has to put the functions in their places.
///
/// Throws DuckDB's exceptions. Statements come as Parser gives them.
ParsedStatements ParseWithPostgresNames(
    duckdb::ClientContext& context, const std::string& sql, bool postgres_dialect,
    const std::function<ParsedStatements(const std::string&)>& parse);

}  // namespace skein::engine::postgres_catalog
