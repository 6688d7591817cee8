#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "duckdb/common/unique_ptr.hpp"

namespace duckdb {
class ClientContext;
class ColumnDefinition;
class ParsedExpression;
class SQLStatement;
struct LogicalType;
}  // namespace duckdb

namespace skein::engine {

/// What a column of text or json was declared as, which PostgreSQL's clients are told: DuckDB has
/// one type of each, and its catalogue keeps no length. It keeps the tree of a column's default, so
/// the declaration is a cast around that: DEFAULT CAST(NULL AS varchar(20)), and for jsonb
/// CAST(CAST(NULL AS json) AS json). Any DuckDB reads it, and it changes nothing.
struct DeclaredText {
  uint32_t oid = 0;     ///< varchar's, bpchar's or jsonb's
  int32_t typmod = -1;  ///< -1 without a length
};

/// Of a column of a parsed CREATE TABLE or ADD COLUMN, before its types are bound; `text` is the
/// statement's. Does nothing for text, for json, and for what is neither.
void KeepDeclaredText(duckdb::ColumnDefinition& column, const std::string& text);

/// The same for the new type in an ALTER COLUMN TYPE, whose tree then says by itself what the text
/// said.
void NameDeclaredText(duckdb::LogicalType& type, const std::string& text);

/// ALTER COLUMN SET DEFAULT and DROP DEFAULT of a declared column keep what it was declared as.
/// Opens a transaction for a moment when there is none.
void KeepDeclarationInDefault(duckdb::ClientContext& context, duckdb::SQLStatement& statement);

/// What has to be run behind an ALTER COLUMN TYPE, so that the column is declared as it now is;
/// null for every other statement and where nothing changes.
duckdb::unique_ptr<duckdb::SQLStatement> DeclareAfter(duckdb::ClientContext& context,
                                                      const duckdb::SQLStatement& statement);

/// ALTER COLUMN TYPE of a table to varchar(n) cuts blanks off what is there. Returns the query that
/// fails with 22001 where something else would have to be cut, which has to be run before it; null
/// for every other statement. Behind NameDeclaredText.
duckdb::unique_ptr<duckdb::SQLStatement> MeasureBefore(duckdb::SQLStatement& statement);

std::optional<DeclaredText> DeclaredTextOf(const duckdb::ColumnDefinition& column);

/// The default that was written, without the cast; null when there is none. Not for columns that
/// are computed.
const duckdb::ParsedExpression* WrittenDefault(const duckdb::ColumnDefinition& column);

}  // namespace skein::engine
