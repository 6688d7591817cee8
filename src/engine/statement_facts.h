#pragma once

#include <string>

#include "duckdb/parser/sql_statement.hpp"

#include "engine/statement.h"

namespace skein::engine {

// What can be said of a parsed statement before it is bound.

/// Whether it begins or ends a transaction.
TransactionVerb VerbOf(duckdb::SQLStatement& statement);

/// Whether it changes tables or what is in them, wherever they are.
bool Changes(const duckdb::SQLStatement& statement);

/// Whether it may change how later statements are bound, other than by what the catalogue holds.
bool MayChangeSettings(const duckdb::SQLStatement& statement);

/// An INSERT of literal rows that DuckDB appends in one piece, and checks before it does.
bool InsertsOneChunk(const duckdb::SQLStatement& statement);

/// An INSERT that updates the rows it conflicts with.
bool UpdatesOnConflict(const duckdb::SQLStatement& statement);

/// A SELECT with an ORDER BY of its own: its rows have an order.
bool Orders(const duckdb::SQLStatement& statement);

/// The statement without blanks and semicolons around it.
std::string Trimmed(const std::string& text);

/// Whether the word PIVOT is anywhere in the text, also where it means nothing.
bool MentionsPivot(const std::string& text);
/// The same of ALTER.
bool MentionsAlter(const std::string& text);

}  // namespace skein::engine
