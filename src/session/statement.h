#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/statement.h"
#include "sql/session_statement.h"

namespace arrow {
class Schema;
}

namespace skein::session {

/// One statement of a client's text, parsed and not yet bound. Most are the engine's; those about
/// the session itself (sql/session_statement.h) are the session's own, and some of them carry a
/// statement of the engine within: the query of a cursor. Move-only.
class Statement {
 public:
  /// `offset`: where it begins in the client's text, in bytes.
  Statement(engine::ParsedStatement statement, size_t offset);
  /// `inner_offset`: where the text of `inner` begins in `text`.
  Statement(sql::SessionStatement own, std::string text, size_t offset,
            std::optional<engine::ParsedStatement> inner = {}, size_t inner_offset = 0);

  /// What a door asks for without SQL text: `shown` is what a log has in its place.
  Statement(std::string command, std::string shown)
      : text_(shown), log_text_(std::move(shown)), command_(std::move(command)) {}

  const std::string& text() const { return text_; }
  size_t offset() const { return offset_; }
  /// The text as a log may keep it: credentials are left out.
  const std::string& log_text() const { return log_text_; }
  const std::string& command() const { return command_; }
  engine::TransactionVerb transaction_verb() const { return verb_; }
  /// What it is when it is the session's own, else nullptr.
  const sql::SessionStatement* own() const { return own_ ? &*own_ : nullptr; }

 private:
  friend class Prepared;
  friend class Session;
  std::string text_;
  size_t offset_ = 0;
  std::string log_text_;
  std::string command_;
  engine::TransactionVerb verb_ = engine::TransactionVerb::kNone;
  std::optional<sql::SessionStatement> own_;
  std::optional<engine::ParsedStatement> inner_;
  size_t inner_offset_ = 0;
};

/// A statement ready to run any number of times, one run at a time. Belongs to the session that
/// made it and must not outlive it.
class Prepared {
 public:
  const std::string& text() const { return statement_.text_; }
  size_t offset() const { return statement_.offset_; }
  const std::string& log_text() const { return statement_.log_text_; }
  const std::string& command() const { return statement_.command_; }
  engine::TransactionVerb transaction_verb() const { return statement_.verb_; }
  const sql::SessionStatement* own() const { return statement_.own(); }

  engine::Returns returns() const;
  /// Nothing that a transaction could undo is done by it.
  bool read_only() const;
  /// As engine::Prepared.
  bool ordered() const;
  int64_t estimated_bytes() const;
  /// Its result; no fields unless returns() is kRows.
  const std::shared_ptr<arrow::Schema>& schema() const;
  /// DuckDB type names, one for each of $1, $2, ...
  const std::vector<std::string>& parameter_types() const;
  /// PostgreSQL's numbers of those types that somebody made, 0 for others.
  const std::vector<uint32_t>& parameter_oids() const;

 private:
  friend class Session;
  explicit Prepared(Statement statement) : statement_(std::move(statement)) {}
  /// The engine's part when its result is the statement's result, else nullptr.
  const engine::Prepared* shown() const;
  /// EXECUTE: what it runs, else nullptr.
  const Prepared* executed() const;

  Statement statement_;
  /// The engine's part: the statement itself, or the query within. What the session does alone has
  /// none.
  std::unique_ptr<engine::Prepared> engine_;
  /// DECLARE and PREPARE: the query that gets a name. EXECUTE: what it runs.
  std::shared_ptr<Prepared> target_;
  /// Rows that the session makes itself; null when it makes none.
  std::shared_ptr<arrow::Schema> own_schema_;
};

/// A prepared statement with a name: of PREPARE, or of the protocol's Parse.
struct NamedStatement {
  std::string text;
  /// Null when the text holds no statement.
  std::shared_ptr<Prepared> prepared;
  /// PostgreSQL's types of $1, $2, ...
  struct Parameter {
    uint32_t oid = 0;
    /// The type whose text and binary forms the values have: the labels of an enum are text.
    uint32_t form = 0;
  };
  std::vector<Parameter> parameters;
  bool from_sql = false;
  std::chrono::system_clock::time_point made = std::chrono::system_clock::now();

  /// Fills `parameters`: as declared where the number is not 0, else as the statement needs them.
  Status DescribeParameters(const std::vector<Parameter>& declared);
};

}  // namespace skein::session
