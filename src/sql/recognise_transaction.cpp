#include "sql/recogniser.h"

namespace skein::sql {
namespace {

using Found = std::optional<SessionStatement>;

void SkipWork(TokenReader& in) {
  if (!in.TryWord("work")) in.TryWord("transaction");
}

/// [AND [NO] CHAIN], then the end.
Result<bool> Chain(TokenReader& in) {
  bool chain = false;
  if (in.TryWord("and")) {
    chain = !in.TryWord("no");
    SKEIN_RETURN_IF_ERROR(in.ExpectWord("chain"));
  }
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return chain;
}

/// [SAVEPOINT] name, then the end.
Result<std::string> SavepointName(TokenReader& in) {
  if (in.Peek(1).kind != TokenKind::kEnd) in.TryWord("savepoint");
  SKEIN_ASSIGN_OR_RETURN(std::string name, in.Name());
  SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
  return name;
}

}  // namespace

Result<TransactionModes> ReadTransactionModes(TokenReader& in) {
  TransactionModes modes;
  while (!in.AtEnd()) {
    if (in.TryWords({"isolation", "level"})) {
      if (in.TryWords({"read", "uncommitted"})) {
        modes.isolation = IsolationLevel::kReadUncommitted;
      } else if (in.TryWords({"read", "committed"})) {
        modes.isolation = IsolationLevel::kReadCommitted;
      } else if (in.TryWords({"repeatable", "read"})) {
        modes.isolation = IsolationLevel::kRepeatableRead;
      } else if (in.TryWord("serializable")) {
        modes.isolation = IsolationLevel::kSerializable;
      } else {
        return in.Error();
      }
    } else if (in.TryWords({"read", "only"})) {
      modes.read_only = true;
    } else if (in.TryWords({"read", "write"})) {
      modes.read_only = false;
    } else if (in.TryWords({"not", "deferrable"})) {
      modes.deferrable = false;
    } else if (in.TryWord("deferrable")) {
      modes.deferrable = true;
    } else {
      return in.Error();
    }
    if (in.TryOperator(',') && in.AtEnd()) return in.Error();
  }
  return modes;
}

Result<Found> RecogniseTransaction(std::string_view verb, TokenReader& in) {
  if (verb == "begin" || verb == "start") {
    BeginStatement begin;
    begin.start = verb == "start";
    if (begin.start) {
      SKEIN_RETURN_IF_ERROR(in.ExpectWord("transaction"));
    } else {
      SkipWork(in);
    }
    SKEIN_ASSIGN_OR_RETURN(begin.modes, ReadTransactionModes(in));
    return Found(begin);
  }
  if ((verb == "commit" || verb == "rollback") && in.Peek().Is("prepared")) {
    return errors::NotSupported("two-phase commit is not supported");
  }
  if (verb == "commit" || verb == "end") {
    SkipWork(in);
    SKEIN_ASSIGN_OR_RETURN(bool chain, Chain(in));
    return Found(CommitStatement{chain});
  }
  if (verb == "rollback" || verb == "abort") {
    SkipWork(in);
    if (verb == "rollback" && in.TryWord("to")) {
      SKEIN_ASSIGN_OR_RETURN(std::string name, SavepointName(in));
      return Found(RollbackToStatement{std::move(name)});
    }
    SKEIN_ASSIGN_OR_RETURN(bool chain, Chain(in));
    return Found(RollbackStatement{chain});
  }
  if (verb == "savepoint") {
    SKEIN_ASSIGN_OR_RETURN(std::string name, in.Name());
    SKEIN_RETURN_IF_ERROR(in.ExpectEnd());
    return Found(SavepointStatement{std::move(name)});
  }
  SKEIN_ASSIGN_OR_RETURN(std::string name, SavepointName(in));
  return Found(ReleaseStatement{std::move(name)});
}

}  // namespace skein::sql
