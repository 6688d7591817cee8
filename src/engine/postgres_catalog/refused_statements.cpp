#include "engine/postgres_catalog/refused_statements.h"

#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "engine/postgres_catalog/tokens.h"
#include "engine/postgres_functions/sql_error.h"

namespace skein::engine::postgres_catalog {
namespace {

constexpr std::string_view kMacros = "CREATE MACRO makes functions of SQL.";
constexpr std::string_view kRoles =
    "Who may log in is said by the server's users file and its rules, not by SQL.";
constexpr std::string_view kStored = "CREATE TABLE AS keeps the rows of a query.";
constexpr std::string_view kLocks =
    "Nothing waits for a lock: of two transactions that write the same row the second fails with "
    "40001. pg_advisory_lock() keeps other sessions out.";
constexpr std::string_view kTies =
    "A subquery with rank() OVER (the same order) finds the rows that tie.";
constexpr std::string_view kWithTheTable =
    "Such constraints are made with their table: CREATE TABLE ... (..., CONSTRAINT ...).";
constexpr std::string_view kInTurn =
    "A WITH holds queries: in a transaction one statement after the other does the same, and "
    "RETURNING gives the rows that it wrote.";
constexpr std::string_view kPathOfKeys =
    "An array to which the recursive query appends each row's key orders the rows, and finds "
    "those that come again: WHERE NOT key = ANY (path).";
constexpr std::string_view kTableLike =
    "CREATE TABLE name AS SELECT * FROM other LIMIT 0 makes the same columns, without their "
    "defaults and constraints.";
constexpr std::string_view kNothing = {};

struct Unsupported {
  /// What the statement begins with, without OR REPLACE and its like.
  std::string_view words;
  std::string_view hint;
};
constexpr std::array kUnsupported = std::to_array<Unsupported>({
    {"create procedure", kMacros},
    {"create aggregate", kMacros},
    {"create operator", kMacros},
    {"create cast", kNothing},
    {"create trigger", kNothing},
    {"create constraint trigger", kNothing},
    {"create event trigger", kNothing},
    {"create rule", kNothing},
    {"create policy", kNothing},
    {"create role", kRoles},
    {"create user", kRoles},
    {"create group", kRoles},
    {"create extension", "The server brings its extensions: SELECT * FROM duckdb_extensions()."},
    {"create domain", "A CHECK constraint of the column says what values it takes."},
    {"create materialized view", kStored},
    {"create database", "ATTACH opens a database."},
    {"create tablespace", kNothing},
    {"create collation", kNothing},
    {"create conversion", kNothing},
    {"create language", kNothing},
    {"create text search", kNothing},
    {"create statistics", kNothing},
    {"create publication", kNothing},
    {"create subscription", kNothing},
    {"create server", kNothing},
    {"create foreign", kNothing},
    {"create access method", kNothing},
    {"alter aggregate", kMacros},
    {"alter procedure", kMacros},
    {"alter routine", kMacros},
    {"alter operator", kMacros},
    {"alter collation", kNothing},
    {"alter conversion", kNothing},
    {"alter event trigger", kNothing},
    {"alter foreign", kNothing},
    {"alter index", "DROP INDEX and CREATE INDEX make it anew."},
    {"alter language", kNothing},
    {"alter publication", kNothing},
    {"alter rule", kNothing},
    {"alter server", kNothing},
    {"alter statistics", kNothing},
    {"alter subscription", kNothing},
    {"alter tablespace", kNothing},
    {"alter text search", kNothing},
    {"alter trigger", kNothing},
    {"alter role", kRoles},
    {"alter user", kRoles},
    {"alter group", kRoles},
    {"alter function", kMacros},
    {"alter system", "The server's settings are in its configuration file."},
    {"alter type", kNothing},
    {"alter domain", kNothing},
    {"alter extension", kNothing},
    {"alter policy", kNothing},
    {"alter default privileges", kRoles},
    {"alter materialized view", kStored},
    {"drop role", kRoles},
    {"drop user", kRoles},
    {"drop group", kRoles},
    {"drop database", "DETACH closes a database."},
    {"drop domain", kNothing},
    {"drop owned", kRoles},
    {"drop policy", kNothing},
    {"drop access method", kNothing},
    {"drop aggregate", kMacros},
    {"drop cast", kNothing},
    {"drop collation", kNothing},
    {"drop conversion", kNothing},
    {"drop event trigger", kNothing},
    {"drop extension", "The server brings its extensions: SELECT * FROM duckdb_extensions()."},
    {"drop foreign", kNothing},
    {"drop language", kNothing},
    {"drop operator", kMacros},
    {"drop procedure", kMacros},
    {"drop publication", kNothing},
    {"drop routine", kMacros},
    {"drop server", kNothing},
    {"drop statistics", kNothing},
    {"drop subscription", kNothing},
    {"drop text search", kNothing},
    {"drop transform", kNothing},
    {"drop trigger", kNothing},
    {"drop materialized view", kStored},
    {"drop rule", kNothing},
    {"drop tablespace", kNothing},
    {"refresh materialized view", kStored},
    {"reassign owned", kRoles},
    {"grant", kRoles},
    {"revoke", kRoles},
    {"do", kMacros},
    {"lock", kLocks},
    {"cluster", kNothing},
    {"reindex", kNothing},
    {"security label", kNothing},
    {"import foreign schema", kNothing},
});

/// What makes a statement that DuckDB has one that it has not, anywhere behind its beginning.
struct UnsupportedPart {
  std::string_view beginning;
  std::string_view words;
  std::string_view what;
  std::string_view hint;
};
constexpr std::array kUnsupportedParts = std::to_array<UnsupportedPart>({
    {"create function", "returns", "CREATE FUNCTION ... RETURNS", kMacros},
    {"create function", "language", "CREATE FUNCTION ... LANGUAGE", kMacros},
    {"create type", "as (", "CREATE TYPE ... AS (...)",
     "CREATE TYPE name AS STRUCT(a INTEGER, b VARCHAR) makes a type of several values."},
    {"create table", "partition by", "PARTITION BY", kNothing},
    {"create table", "inherits (", "INHERITS", kNothing},
    {"create table", "( like", "CREATE TABLE ... (LIKE ...)", kTableLike},
    {"create table", ", like", "CREATE TABLE ... (LIKE ...)", kTableLike},
    {"with", "( insert into", "INSERT in WITH", kInTurn},
    {"with", "( update", "UPDATE in WITH", kInTurn},
    {"with", "( delete from", "DELETE in WITH", kInTurn},
    {"with", "( merge into", "MERGE in WITH", kInTurn},
    {"with", ") search breadth first by", "SEARCH BREADTH FIRST", kPathOfKeys},
    {"with", ") search depth first by", "SEARCH DEPTH FIRST", kPathOfKeys},
    {"with", ") cycle", "CYCLE", kPathOfKeys},
    {"truncate", "restart identity", "TRUNCATE ... RESTART IDENTITY",
     "SELECT setval(pg_get_serial_sequence('t', 'id'), 1, false) lets t.id begin again."},
    {"truncate", "continue identity", "TRUNCATE ... CONTINUE IDENTITY",
     "It is what TRUNCATE does without it."},
    {"truncate", ",", "TRUNCATE of several tables", "One TRUNCATE for each does it."},
    {"select", "with ties", "FETCH FIRST ... WITH TIES", kTies},
    {"with", "with ties", "FETCH FIRST ... WITH TIES", kTies},
    {"alter database", "set", "ALTER DATABASE ... SET",
     "SET holds for a session; the server's settings are in its configuration file."},
    {"alter database", "reset", "ALTER DATABASE ... RESET",
     "SET holds for a session; the server's settings are in its configuration file."},
    {"alter database", "rename to", "ALTER DATABASE ... RENAME", kNothing},
    {"alter database", "owner to", "ALTER DATABASE ... OWNER TO", kRoles},
    {"alter schema", "owner to", "ALTER SCHEMA ... OWNER TO", kRoles},
    {"alter schema", "rename to", "ALTER SCHEMA ... RENAME", kNothing},
    {"alter view", "owner to", "ALTER VIEW ... OWNER TO", kRoles},
    {"alter sequence", "owner to", "ALTER SEQUENCE ... OWNER TO", kRoles},
    {"alter table", "foreign key", "ALTER TABLE ... ADD FOREIGN KEY", kWithTheTable},
    {"alter table", "check (", "ALTER TABLE ... ADD CHECK", kWithTheTable},
    {"alter table", "unique (", "ALTER TABLE ... ADD UNIQUE",
     "CREATE UNIQUE INDEX name ON table (columns) does the same."},
    {"alter table", "unique using index", "ALTER TABLE ... ADD UNIQUE USING INDEX",
     "The unique index alone does the same."},
    {"alter table", "drop constraint", "ALTER TABLE ... DROP CONSTRAINT",
     "CREATE TABLE AS makes a table of the same rows without it."},
    {"alter table", "validate constraint", "ALTER TABLE ... VALIDATE CONSTRAINT", kNothing},
    {"alter table", "alter constraint", "ALTER TABLE ... ALTER CONSTRAINT", kNothing},
    {"alter table", "trigger", "ALTER TABLE ... TRIGGER", kNothing},
    {"alter table", "rule", "ALTER TABLE ... RULE", kNothing},
    {"alter table", "replica identity", "REPLICA IDENTITY", kNothing},
    {"alter table", "cluster on", "ALTER TABLE ... CLUSTER ON", kNothing},
    {"alter table", "set schema", "ALTER TABLE ... SET SCHEMA", kNothing},
    {"alter table", "set tablespace", "ALTER TABLE ... SET TABLESPACE", kNothing},
    {"alter table", "attach partition", "ATTACH PARTITION", kNothing},
    {"alter table", "detach partition", "DETACH PARTITION", kNothing},
    {"alter table", "owner to", "ALTER TABLE ... OWNER TO", kRoles},
    {"alter table", "row level security", "ROW LEVEL SECURITY", kNothing},
});

/// OR REPLACE and the like, which stand between CREATE and what is created.
bool Skipped(const std::string& word) {
  return word == "or" || word == "replace" || word == "temp" || word == "temporary" ||
         word == "trusted" || word == "procedural";
}

std::string Upper(std::string_view words) {
  std::string upper(words);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

/// `words` as a whole at the start of `text`, both in lower case and with one blank between words.
bool Begins(std::string_view text, std::string_view words) {
  return text.starts_with(words) && (text.size() == words.size() || text[words.size()] == ' ');
}

[[noreturn]] void Throw(const std::string& what, std::string_view hint) {
  ThrowSql("0A000", what + " is not supported", std::string(hint));
}

/// FOR UPDATE and its kin, at the end of a SELECT.
void CheckLockingClause(const std::vector<Token>& tokens) {
  if (tokens[0].text != "select" && tokens[0].text != "with") return;
  for (size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (tokens[i].quoted || tokens[i].text != "for") continue;
    size_t at = i + 1;
    if (tokens[at].text == "no" && at + 1 < tokens.size() && tokens[at + 1].text == "key") at += 2;
    if (tokens[at].text == "key" && at + 1 < tokens.size()) ++at;
    if (at < tokens.size() && (tokens[at].text == "update" || tokens[at].text == "share"))
      Throw("SELECT ... FOR " + Upper(tokens[at].text), kLocks);
  }
}

}  // namespace

void ThrowIfUnsupportedStatement(const std::string& sql) {
  auto tokens = Tokens(sql);
  if (tokens.empty() || tokens[0].quoted) return;
  CheckLockingClause(tokens);
  std::string words = tokens[0].text;
  bool skips = words == "create";
  for (size_t i = 1; i < tokens.size(); ++i) {
    skips = skips && Skipped(tokens[i].text);
    // What is quoted is no keyword.
    if (!skips) words += tokens[i].quoted ? " ''" : " " + tokens[i].text;
  }
  for (const Unsupported& one : kUnsupported) {
    if (Begins(words, one.words)) Throw(Upper(one.words), one.hint);
  }
  for (const UnsupportedPart& one : kUnsupportedParts) {
    if (!Begins(words, one.beginning)) continue;
    for (size_t at = 0; (at = words.find(one.words, at + 1)) != std::string::npos;) {
      if (words[at - 1] == ' ' && Begins(std::string_view(words).substr(at), one.words))
        Throw(std::string(one.what), one.hint);
    }
  }
}

}  // namespace skein::engine::postgres_catalog
