#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace skein {

/// What kind of failure it is; each door maps it to its own vocabulary in one place (its
/// error_mapping).
enum class StatusCode {
  kOk,
  kInvalidArgument,     ///< the request is wrong: syntax, names, types, values
  kNotFound,            ///< a table, file, statement, portal or ticket is not there
  kAlreadyExists,       ///< the thing to be made is there already
  kUnauthenticated,     ///< who is asking is not known
  kPermissionDenied,    ///< who is asking may not
  kFailedPrecondition,  ///< right request, wrong state: transaction aborted, session closed
  kResourceExhausted,   ///< memory, disk or a limit ran out
  kCancelled,           ///< the client asked to stop, or went away
  kDeadlineExceeded,    ///< a timeout set by the client or the server passed
  kUnavailable,         ///< the server is stopping, or a peer cannot be reached; try again
  kUnimplemented,       ///< understood, and not supported
  kInternal,            ///< a bug of ours or of the engine
};

/// Whose fault it is; decides the log level, and whether the text may be shown as it is.
enum class Origin { kUser, kServer, kPeer, kStorage };

/// The outcome of a call that can fail. Cheap when it is OK (one null pointer).
///
/// An error carries an SQLSTATE (five characters, PostgreSQL's appendix A), a message for the
/// person who reads it, optionally what would be right (hint), more facts (detail) and where in the
/// statement it is. Immutable once made, save for the With... setters used while building it.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string_view sqlstate, std::string message);

  static Status OK() { return Status(); }

  bool ok() const { return state_ == nullptr; }
  StatusCode code() const { return state_ ? state_->code : StatusCode::kOk; }
  /// Five characters; "00000" when OK.
  const std::string& sqlstate() const;
  const std::string& message() const;
  const std::string& hint() const;
  const std::string& detail() const;
  /// Where the work was when it failed ("COPY t, line 3, column b"); else empty.
  const std::string& context() const;
  /// The name the error is about (the table that is not there), for doors that word their own
  /// message; else empty.
  const std::string& subject() const;
  /// Byte offset into the statement's text where the error is, from 0.
  std::optional<size_t> position() const;
  Origin origin() const { return state_ ? state_->origin : Origin::kUser; }
  /// True when the same call may succeed if it is made again.
  bool retriable() const { return state_ && state_->retriable; }

  Status&& WithHint(std::string hint) &&;
  Status&& WithDetail(std::string detail) &&;
  Status&& WithContext(std::string context) &&;
  Status&& WithSubject(std::string subject) &&;
  Status&& WithPosition(size_t byte_offset) &&;
  Status&& WithOrigin(Origin origin) &&;
  Status&& Retriable() &&;

  /// "SQLSTATE: message (hint)" for logs and tests.
  std::string ToString() const;

 private:
  struct State {
    StatusCode code;
    std::string sqlstate;
    std::string message;
    std::string hint;
    std::string detail;
    std::string context;
    std::string subject;
    std::optional<size_t> position;
    Origin origin = Origin::kUser;
    bool retriable = false;
  };
  State& Mutable();
  std::shared_ptr<State> state_;
};

/// A value or the Status that says why there is none. Never holds an OK status.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : value_(std::move(status)) {}  // NOLINT(google-explicit-constructor)
  template <typename U>
    requires(std::is_convertible_v<U, T> && !std::is_same_v<std::decay_t<U>, T> &&
             !std::is_same_v<std::decay_t<U>, Status> &&
             !std::is_same_v<std::decay_t<U>, Result<T>>)
  Result(U&& value) : value_(T(std::forward<U>(value))) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return value_.index() == 0; }
  Status status() const { return ok() ? Status() : std::get<1>(value_); }

  /// Preconditions of the four below: ok().
  T& operator*() & { return std::get<0>(value_); }
  const T& operator*() const& { return std::get<0>(value_); }
  T&& operator*() && { return std::get<0>(std::move(value_)); }
  T* operator->() { return &std::get<0>(value_); }
  const T* operator->() const { return &std::get<0>(value_); }

 private:
  std::variant<T, Status> value_;
};

/// The usual errors, by whose fault they are.
namespace errors {
Status Syntax(std::string message);              ///< 42601
Status InvalidParameter(std::string message);    ///< 22023
Status ProtocolViolation(std::string message);   ///< 08P01
Status InvalidText(std::string message);         ///< 22P02
Status NotSupported(std::string message);        ///< 0A000
Status UndefinedStatement(std::string message);  ///< 26000
Status UndefinedCursor(std::string message);     ///< 34000
Status PermissionDenied(std::string message);    ///< 42501
Status Unauthenticated(std::string message);     ///< 28P01
Status TooLarge(std::string message);            ///< 54000
Status Cancelled(std::string message);           ///< 57014
Status TimedOut(std::string message);            ///< 57014
Status ShuttingDown(std::string message);        ///< 57P01
Status ConnectionLost(std::string message);      ///< 08006
Status IoError(std::string message);             ///< 58030
Status Internal(std::string message);            ///< XX000
}  // namespace errors

#define SKEIN_CONCAT_(a, b) a##b
#define SKEIN_CONCAT(a, b) SKEIN_CONCAT_(a, b)

/// Returns from the enclosing function when `expr` (a Status) is an error.
#define SKEIN_RETURN_IF_ERROR(expr)                                                     \
  do {                                                                                  \
    if (::skein::Status skein_status = (expr); !skein_status.ok()) return skein_status; \
  } while (false)

#define SKEIN_ASSIGN_OR_RETURN_(tmp, lhs, expr) \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return tmp.status();           \
  lhs = *std::move(tmp)

/// Assigns the value of `expr` (a Result) to `lhs`, or returns its error from the enclosing
/// function.
#define SKEIN_ASSIGN_OR_RETURN(lhs, expr) \
  SKEIN_ASSIGN_OR_RETURN_(SKEIN_CONCAT(skein_result_, __COUNTER__), lhs, expr)

}  // namespace skein
