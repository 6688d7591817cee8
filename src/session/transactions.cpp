// Transactions: PostgreSQL's statements over DuckDB's BEGIN, COMMIT and ROLLBACK.

#include <algorithm>

#include "session/session.h"

namespace skein::session {

using engine::TransactionState;
using engine::TransactionVerb;

namespace {

Status Notice(const char* sqlstate, const char* message) {
  return Status(StatusCode::kFailedPrecondition, sqlstate, message);
}

}  // namespace

TransactionState Session::transaction_state() const {
  TransactionState state = connection_->transaction_state();
  return state == TransactionState::kOpen && transaction_.failed ? TransactionState::kFailed
                                                                 : state;
}

TransactionState Session::visible_transaction_state() const {
  return implicit_ ? TransactionState::kIdle : transaction_state();
}

void Session::FailTransaction() {
  if (connection_->transaction_state() != TransactionState::kIdle) transaction_.failed = true;
}

Status Session::CheckNotFailed(const sql::SessionStatement* own) const {
  if (transaction_state() != TransactionState::kFailed) return Status::OK();
  if (own && (std::holds_alternative<sql::CommitStatement>(*own) ||
              std::holds_alternative<sql::RollbackStatement>(*own) ||
              std::holds_alternative<sql::RollbackToStatement>(*own))) {
    return Status::OK();
  }
  return Status(StatusCode::kFailedPrecondition, "25P02",
                "current transaction is aborted, commands ignored until end of transaction block");
}

Status Session::CheckMayWrite(const engine::Prepared& prepared, const std::string& command) const {
  if (prepared.read_only()) return Status::OK();
  bool read_only = connection_->transaction_state() == TransactionState::kIdle || implicit_
                       ? store_.Show("default_transaction_read_only") == "on"
                       : transaction_.read_only;
  if (!read_only) return Status::OK();
  bool data =
      command == "INSERT" || command == "UPDATE" || command == "DELETE" || command == "MERGE";
  if (data && prepared.temporary_only()) return Status::OK();
  return Status(StatusCode::kFailedPrecondition, "25006",
                "cannot execute " + command + " in a read-only transaction");
}

bool Session::InBlock() const {
  return connection_->transaction_state() != TransactionState::kIdle && !implicit_;
}

Status Session::StartTransaction(const sql::TransactionModes& modes) {
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  SKEIN_RETURN_IF_ERROR(connection_->Begin());
  transaction_ = Transaction{};
  transaction_.read_only =
      modes.read_only.value_or(store_.Show("default_transaction_read_only") == "on");
  store_.BeginTransaction();
  return Status::OK();
}

Status Session::FinishTransaction(bool commit) {
  implicit_ = false;
  CloseCursors(commit);
  if (commit) {
    SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  } else if (open_) {
    open_->Break(Status(StatusCode::kFailedPrecondition, "25P02",
                        "the transaction of this result was rolled back"));
    open_ = nullptr;
  }
  Status ended = commit ? connection_->Commit() : connection_->Rollback();
  transaction_ = Transaction{};
  Status settings = commit && ended.ok() ? store_.Commit() : store_.Rollback();
  return ended.ok() ? settings : ended;
}

Status Session::ApplyModes(Execution& execution, const sql::TransactionModes& modes) {
  if (modes.isolation == sql::IsolationLevel::kSerializable) {
    execution.notice_ = Notice("01000",
                               "transactions run on a snapshot (repeatable read): two that read "
                               "what the other writes are not kept apart");
  }
  if (!modes.read_only || *modes.read_only == transaction_.read_only) return Status::OK();
  if (!*modes.read_only && transaction_.queried) {
    return Notice("25001", "transaction read-write mode must be set before any query");
  }
  transaction_.read_only = *modes.read_only;
  return Status::OK();
}

Status Session::RunBegin(Execution& execution, const sql::BeginStatement& begin) {
  if (InBlock()) {
    execution.notice_ = Notice("25001", "there is already a transaction in progress");
    return Status::OK();
  }
  // What was implicit goes on as the client's own.
  if (!std::exchange(implicit_, false)) SKEIN_RETURN_IF_ERROR(StartTransaction(begin.modes));
  return ApplyModes(execution, begin.modes);
}

Status Session::RunEnd(Execution& execution, bool commit, bool chain) {
  if (!InBlock()) {
    if (chain) {
      return Notice("25P01", commit ? "COMMIT AND CHAIN can only be used in transaction blocks"
                                    : "ROLLBACK AND CHAIN can only be used in transaction blocks");
    }
    execution.notice_ = Notice("25P01", "there is no transaction in progress");
    if (!implicit_) return Status::OK();
  }
  sql::TransactionModes modes;
  modes.read_only = transaction_.read_only;
  if (transaction_state() == TransactionState::kFailed) {
    // A failed transaction can only be rolled back, also by COMMIT.
    commit = false;
    execution.command_ = "ROLLBACK";
  }
  SKEIN_RETURN_IF_ERROR(FinishTransaction(commit));
  return chain ? StartTransaction(modes) : Status::OK();
}

Status Session::RunSetTransaction(Execution& execution, const sql::SetTransactionStatement& set) {
  if (set.session) {
    if (set.modes.read_only) {
      sql::SetStatement value;
      value.name = "default_transaction_read_only";
      value.values.push_back({*set.modes.read_only ? "on" : "off", false});
      SKEIN_RETURN_IF_ERROR(DetachOpenResult());
      SKEIN_RETURN_IF_ERROR(store_.Apply(value));
    }
    sql::TransactionModes level;
    level.isolation = set.modes.isolation;
    return ApplyModes(execution, level);
  }
  if (!InBlock()) {
    execution.notice_ = Notice("25P01", "SET TRANSACTION can only be used in transaction blocks");
    return Status::OK();
  }
  if (set.modes.isolation && transaction_.queried) {
    return Notice("25001", "SET TRANSACTION ISOLATION LEVEL must be called before any query");
  }
  return ApplyModes(execution, set.modes);
}

Status Session::RunSavepoint(const sql::SavepointStatement& savepoint) {
  if (!InBlock()) return Notice("25P01", "SAVEPOINT can only be used in transaction blocks");
  transaction_.savepoints.push_back(
      {savepoint.name, writes_, cursors_opened_, transaction_.read_only, store_.MakeMark()});
  return Status::OK();
}

Result<size_t> Session::FindSavepoint(const std::string& name) const {
  for (size_t i = transaction_.savepoints.size(); i-- > 0;) {
    if (transaction_.savepoints[i].name == name) return i;
  }
  return Status(StatusCode::kNotFound, "3B001", "savepoint \"" + name + "\" does not exist");
}

Status Session::RunRollbackTo(const sql::RollbackToStatement& rollback) {
  if (!InBlock())
    return Notice("25P01", "ROLLBACK TO SAVEPOINT can only be used in transaction blocks");
  SKEIN_ASSIGN_OR_RETURN(size_t index, FindSavepoint(rollback.name));
  if (transaction_.savepoints[index].writes != writes_) {
    return errors::NotSupported("cannot roll back to savepoint \"" + rollback.name +
                                "\": something was written since, and only a whole transaction can "
                                "be undone")
        .WithHint("ROLLBACK the transaction and run it again without what failed.");
  }
  CloseCursorsSince(transaction_.savepoints[index].cursors);
  SKEIN_RETURN_IF_ERROR(DetachOpenResult());
  // What failed since then wrote nothing.
  connection_->Revive();
  transaction_.failed = false;
  transaction_.savepoints.resize(index + 1);
  transaction_.read_only = transaction_.savepoints[index].read_only;
  return store_.RestoreTo(transaction_.savepoints[index].settings);
}

Status Session::RunRelease(const sql::ReleaseStatement& release) {
  if (!InBlock())
    return Notice("25P01", "RELEASE SAVEPOINT can only be used in transaction blocks");
  SKEIN_ASSIGN_OR_RETURN(size_t index, FindSavepoint(release.name));
  transaction_.savepoints.resize(index);
  return Status::OK();
}

Status Session::BeginImplicit(TransactionVerb verb) {
  if (implicit_ || verb != TransactionVerb::kNone ||
      connection_->transaction_state() != TransactionState::kIdle) {
    return Status::OK();
  }
  SKEIN_RETURN_IF_ERROR(StartTransaction({}));
  implicit_ = true;
  return Status::OK();
}

Status Session::EndImplicit(bool ok) {
  if (!implicit_) return Status::OK();
  implicit_ = false;
  TransactionState state = transaction_state();
  if (state == TransactionState::kIdle) return Status::OK();
  return FinishTransaction(ok && state == TransactionState::kOpen);
}

}  // namespace skein::session
