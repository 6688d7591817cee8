#include "common/status.h"

#include <fmt/format.h>

namespace skein {
namespace {
const std::string kEmpty;
const std::string kSuccess = "00000";
}  // namespace

Status::Status(StatusCode code, std::string_view sqlstate, std::string message)
    : state_(std::make_shared<State>(
          State{code, std::string(sqlstate), std::move(message), {}, {}, {}, {}, std::nullopt})) {}

const std::string& Status::sqlstate() const { return state_ ? state_->sqlstate : kSuccess; }
const std::string& Status::message() const { return state_ ? state_->message : kEmpty; }
const std::string& Status::hint() const { return state_ ? state_->hint : kEmpty; }
const std::string& Status::detail() const { return state_ ? state_->detail : kEmpty; }
const std::string& Status::context() const { return state_ ? state_->context : kEmpty; }
const std::string& Status::subject() const { return state_ ? state_->subject : kEmpty; }
std::optional<size_t> Status::position() const { return state_ ? state_->position : std::nullopt; }

Status::State& Status::Mutable() {
  // Copies share their state; a copy that is being changed gets its own.
  if (!state_) {
    state_ = std::make_shared<State>(State{StatusCode::kInternal,
                                           "XX000",
                                           "a hint was given to a success",
                                           {},
                                           {},
                                           {},
                                           {},
                                           std::nullopt});
  } else if (state_.use_count() > 1) {
    state_ = std::make_shared<State>(*state_);
  }
  return *state_;
}

Status&& Status::WithHint(std::string hint) && {
  Mutable().hint = std::move(hint);
  return std::move(*this);
}
Status&& Status::WithDetail(std::string detail) && {
  Mutable().detail = std::move(detail);
  return std::move(*this);
}
Status&& Status::WithContext(std::string context) && {
  Mutable().context = std::move(context);
  return std::move(*this);
}
Status&& Status::WithSubject(std::string subject) && {
  Mutable().subject = std::move(subject);
  return std::move(*this);
}
Status&& Status::WithPosition(size_t byte_offset) && {
  Mutable().position = byte_offset;
  return std::move(*this);
}
Status&& Status::WithOrigin(Origin origin) && {
  Mutable().origin = origin;
  return std::move(*this);
}
Status&& Status::Retriable() && {
  Mutable().retriable = true;
  return std::move(*this);
}

std::string Status::ToString() const {
  if (ok()) return "OK";
  if (hint().empty()) return fmt::format("{}: {}", sqlstate(), message());
  return fmt::format("{}: {} ({})", sqlstate(), message(), hint());
}

namespace errors {
Status Syntax(std::string message) {
  return {StatusCode::kInvalidArgument, "42601", std::move(message)};
}
Status InvalidParameter(std::string message) {
  return {StatusCode::kInvalidArgument, "22023", std::move(message)};
}
Status ProtocolViolation(std::string message) {
  return {StatusCode::kInvalidArgument, "08P01", std::move(message)};
}
Status InvalidText(std::string message) {
  return {StatusCode::kInvalidArgument, "22P02", std::move(message)};
}
Status NotSupported(std::string message) {
  return {StatusCode::kUnimplemented, "0A000", std::move(message)};
}
Status UndefinedStatement(std::string message) {
  return {StatusCode::kNotFound, "26000", std::move(message)};
}
Status UndefinedCursor(std::string message) {
  return {StatusCode::kNotFound, "34000", std::move(message)};
}
Status PermissionDenied(std::string message) {
  return {StatusCode::kPermissionDenied, "42501", std::move(message)};
}
Status Unauthenticated(std::string message) {
  return {StatusCode::kUnauthenticated, "28P01", std::move(message)};
}
Status TooLarge(std::string message) {
  return {StatusCode::kResourceExhausted, "54000", std::move(message)};
}
Status Cancelled(std::string message) {
  return {StatusCode::kCancelled, "57014", std::move(message)};
}
Status TimedOut(std::string message) {
  return {StatusCode::kDeadlineExceeded, "57014", std::move(message)};
}
Status ShuttingDown(std::string message) {
  return Status(StatusCode::kUnavailable, "57P01", std::move(message))
      .WithOrigin(Origin::kServer)
      .Retriable();
}
Status ConnectionLost(std::string message) {
  return Status(StatusCode::kUnavailable, "08006", std::move(message)).WithOrigin(Origin::kPeer);
}
Status IoError(std::string message) {
  return Status(StatusCode::kUnavailable, "58030", std::move(message)).WithOrigin(Origin::kStorage);
}
Status Internal(std::string message) {
  return Status(StatusCode::kInternal, "XX000", std::move(message)).WithOrigin(Origin::kServer);
}
}  // namespace errors
}  // namespace skein
