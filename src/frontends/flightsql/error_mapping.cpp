#include "frontends/flightsql/error_mapping.h"

#include <memory>
#include <string>
#include <string_view>

#include <arrow/flight/types.h>

#include "common/utf8.h"
#include "frontends/flightsql/command_codec.h"

namespace skein::frontends::flightsql {
namespace {

using arrow::flight::FlightStatusCode;

// An error travels in HTTP/2 trailers, which clients limit to 8 KB, up to three times over.
constexpr size_t kMaxMessage = 800;
constexpr size_t kMaxRemark = 300;

std::string Cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  text = text.substr(0, limit);
  return std::string(text.substr(0, FindInvalidUtf8(text))) + "...";
}

std::string MessageOf(const Status& status) {
  std::string text = Cut(status.message(), kMaxMessage);
  if (!status.detail().empty()) text += "\nDETAIL: " + Cut(status.detail(), kMaxRemark);
  if (!status.hint().empty()) text += "\nHINT: " + Cut(status.hint(), kMaxRemark);
  return text + " [SQLSTATE " + status.sqlstate() + "]";
}

/// The details of an error whose code is Arrow's own: those of Flight's codes have a place for
/// more.
class SqlStateDetail : public arrow::StatusDetail {
 public:
  explicit SqlStateDetail(std::string sqlstate) : sqlstate_(std::move(sqlstate)) {}
  const char* type_id() const override { return "skein::SqlState"; }
  std::string ToString() const override { return "SQLSTATE " + sqlstate_; }

 private:
  const std::string sqlstate_;
};

arrow::Status Own(arrow::StatusCode code, const Status& status) {
  return arrow::Status(code, MessageOf(status),
                       std::make_shared<SqlStateDetail>(status.sqlstate()));
}

arrow::Status Flights(FlightStatusCode code, int grpc_code, const Status& status) {
  std::string message = MessageOf(status);
  std::string details = EncodeErrorDetails(grpc_code, message, status.sqlstate());
  return arrow::flight::MakeFlightError(code, std::move(message), std::move(details));
}

}  // namespace

arrow::Status ToArrow(const Status& status) {
  if (status.ok()) return arrow::Status::OK();
  // The numbers are gRPC's.
  switch (status.code()) {
    case StatusCode::kOk:
      break;
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
      return Own(arrow::StatusCode::Invalid, status);
    case StatusCode::kNotFound:
      return Own(arrow::StatusCode::KeyError, status);
    case StatusCode::kAlreadyExists:
      return Own(arrow::StatusCode::AlreadyExists, status);
    case StatusCode::kUnimplemented:
      return Own(arrow::StatusCode::NotImplemented, status);
    case StatusCode::kUnauthenticated:
      return Flights(FlightStatusCode::Unauthenticated, 16, status);
    case StatusCode::kPermissionDenied:
      return Flights(FlightStatusCode::Unauthorized, 7, status);
    case StatusCode::kCancelled:
      return Flights(FlightStatusCode::Cancelled, 1, status);
    case StatusCode::kDeadlineExceeded:
      return Flights(FlightStatusCode::TimedOut, 4, status);
    case StatusCode::kUnavailable:
      return Flights(FlightStatusCode::Unavailable, 14, status);
    case StatusCode::kResourceExhausted:
      // Arrow has no word for it: the call ends as UNKNOWN, and the details must agree.
      return Flights(FlightStatusCode::Failed, 2, status);
    case StatusCode::kInternal:
      break;
  }
  return Flights(FlightStatusCode::Internal, 13, status);
}

Status FromArrow(const arrow::Status& status) {
  if (status.ok()) return Status::OK();
  if (status.IsNotImplemented()) return errors::NotSupported(status.message());
  if (status.IsInvalid() || status.IsTypeError())
    return errors::ProtocolViolation(status.message());
  return errors::ConnectionLost(status.message());
}

}  // namespace skein::frontends::flightsql
