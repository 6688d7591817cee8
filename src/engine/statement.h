#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/status.h"

namespace arrow {
class Schema;
struct Scalar;
}  // namespace arrow

namespace skein::engine {

enum class TransactionVerb { kNone, kBegin, kCommit, kRollback };

/// One parsed statement, not yet bound to the catalogue. Move-only; owned by one session at a time.
class ParsedStatement {
 public:
  struct Impl;
  explicit ParsedStatement(std::unique_ptr<Impl> impl);
  ParsedStatement(ParsedStatement&&) noexcept;
  ParsedStatement& operator=(ParsedStatement&&) noexcept;
  ~ParsedStatement();

  /// The statement's own text, without its neighbours in the same request.
  const std::string& text() const;
  /// The text as a log may keep it: credentials are left out.
  const std::string& log_text() const;
  /// What PostgreSQL calls it: "SELECT", "INSERT", "CREATE TABLE", "BEGIN", ...
  const std::string& command() const;
  TransactionVerb transaction_verb() const;

  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// What a statement gives back.
enum class Returns {
  kRows,         ///< a stream of batches with the statement's schema
  kChangedRows,  ///< a count
  kNothing,
};

/// A statement bound to the catalogue, ready to run any number of times, one run at a time. Belongs
/// to the Connection that made it and must not outlive it.
class Prepared {
 public:
  struct Impl;
  explicit Prepared(std::unique_ptr<Impl> impl);
  ~Prepared();

  const std::string& text() const;
  const std::string& log_text() const;
  const std::string& command() const;
  TransactionVerb transaction_verb() const;
  Returns returns() const;
  /// No table of any attached database is changed by it.
  bool read_only() const;
  /// It changes something, and that is temporary tables alone.
  bool temporary_only() const;
  /// It writes so few rows at once that when it meets a constraint or a value that does not fit it
  /// has written nothing.
  bool all_or_nothing() const;
  /// The query says in which order its rows come.
  bool ordered() const;
  /// About how many bytes its rows will take, as far as the optimizer can tell; 0 when it cannot.
  int64_t estimated_bytes() const;
  /// Fields carry their DuckDB type in the metadata key results::kTypeMetadataKey; no fields unless
  /// returns() is kRows.
  const std::shared_ptr<arrow::Schema>& schema() const;
  /// DuckDB type names, one for each of $1, $2, ...; what could not be inferred is VARCHAR.
  const std::vector<std::string>& parameter_types() const;
  /// PostgreSQL's numbers of those types that somebody made (enums, arrays of them), 0 for others.
  const std::vector<uint32_t>& parameter_oids() const;

  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// A value for $n. `value` null or of Arrow type null is SQL's NULL; `type` names the DuckDB type
/// it is cast to first, or is empty to leave that to the statement.
struct BoundValue {
  std::shared_ptr<arrow::Scalar> value;
  std::string type;
};

}  // namespace skein::engine
