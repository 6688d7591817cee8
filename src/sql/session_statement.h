#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/status.h"
#include "sql/copy_statement.h"

namespace skein::sql {

// The statements of PostgreSQL that are about the session itself and that DuckDB's parser does not
// know, or means otherwise. Names are folded as PostgreSQL does (lower case unless quoted). Texts
// of queries are what the client wrote; `..._offset` says where they begin in the statement.

/// A part of the client's own text.
struct Slice {
  std::string text;
  size_t offset = 0;
};

/// SHOW name; SHOW ALL has the name "all". The long spellings (SHOW TIME ZONE) have the setting's
/// name.
struct ShowStatement {
  std::string name;
};

/// SET [SESSION | LOCAL] name = value, ...; also SET TIME ZONE, NAMES, SCHEMA, ROLE and SESSION
/// AUTHORIZATION, under the setting's name. RESET and = DEFAULT have no values.
struct SetStatement {
  /// One value: its text, and whether it was written as a string.
  struct Value {
    std::string text;
    bool quoted = false;
  };
  std::string name;
  std::vector<Value> values;
  bool local = false;
  /// Back to the default; the name "all" means every setting.
  bool reset = false;
  /// Written RESET, which is its tag too.
  bool by_reset = false;
};

enum class DiscardTarget { kAll, kPlans, kSequences, kTemp };
struct DiscardStatement {
  DiscardTarget target = DiscardTarget::kAll;
};

enum class IsolationLevel { kReadUncommitted, kReadCommitted, kRepeatableRead, kSerializable };

/// What BEGIN and SET TRANSACTION say of a transaction; what they do not say is not set.
struct TransactionModes {
  std::optional<IsolationLevel> isolation;
  std::optional<bool> read_only;
  std::optional<bool> deferrable;
  bool empty() const { return !isolation && !read_only && !deferrable; }
};

struct BeginStatement {
  TransactionModes modes;
  bool start = false;  ///< written START TRANSACTION, which is its tag too
};
struct CommitStatement {
  bool chain = false;
};
struct RollbackStatement {
  bool chain = false;
};
/// SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION.
struct SetTransactionStatement {
  TransactionModes modes;
  bool session = false;
};
struct SavepointStatement {
  std::string name;
};
struct RollbackToStatement {
  std::string name;
};
struct ReleaseStatement {
  std::string name;
};

struct DeclareStatement {
  std::string name;
  bool binary = false;
  bool hold = false;
  /// SCROLL, NO SCROLL, or neither.
  std::optional<bool> scroll;
  Slice query;
};

/// FETCH and MOVE. `count` of kAll means to the end, or to the start when backward.
struct FetchStatement {
  enum class Direction { kForward, kBackward, kAbsolute, kRelative };
  static constexpr int64_t kAll = INT64_MAX;
  std::string cursor;
  Direction direction = Direction::kForward;
  int64_t count = 1;
  bool move = false;
};

/// No name: CLOSE ALL.
struct CloseStatement {
  std::optional<std::string> name;
};

struct PrepareStatement {
  std::string name;
  /// Types as written, such as "double precision" or "numeric(10, 2)".
  std::vector<std::string> types;
  Slice query;
};
/// EXECUTE name(arguments): each an expression as the client wrote it.
struct ExecuteStatement {
  std::string name;
  std::vector<Slice> arguments;
};
/// No name: DEALLOCATE ALL.
struct DeallocateStatement {
  std::optional<std::string> name;
};

/// LISTEN, NOTIFY, and UNLISTEN, where no channel means *.
struct ListenStatement {
  enum class Verb { kListen, kNotify, kUnlisten };
  Verb verb = Verb::kListen;
  std::optional<std::string> channel;
};

/// EXPLAIN with options that DuckDB's does not know. DuckDB shows all it knows always, so the
/// options that ask for more or less detail are taken and change nothing.
struct ExplainStatement {
  enum class Format { kText, kJson, kXml, kYaml };
  bool analyze = false;
  /// Of our own: how the query is cut over a cluster.
  bool distributed = false;
  /// It is in DuckDB's grammar, too, which answers in columns of its own.
  bool plain = false;
  Format format = Format::kText;
  Slice query;
};

using SessionStatement =
    std::variant<ShowStatement, SetStatement, DiscardStatement, BeginStatement, CommitStatement,
                 RollbackStatement, SetTransactionStatement, SavepointStatement,
                 RollbackToStatement, ReleaseStatement, DeclareStatement, FetchStatement,
                 CloseStatement, PrepareStatement, ExecuteStatement, DeallocateStatement,
                 ListenStatement, ExplainStatement, CopyStatement>;

/// Reads one statement (a Piece of Split). nullopt: it is none of the above and DuckDB's parser is
/// to see it. An error (42601, with its position in the text): it can be nothing else, and is
/// wrong.
///
/// Pure; allocates no more than the text's own size justifies.
Result<std::optional<SessionStatement>> Recognise(std::string_view statement);

/// What PostgreSQL calls it in CommandComplete: "SHOW", "DECLARE CURSOR", "DISCARD ALL", ...
std::string CommandOf(const SessionStatement& statement);

}  // namespace skein::sql
