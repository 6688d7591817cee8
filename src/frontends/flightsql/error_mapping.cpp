#include "frontends/flightsql/error_mapping.h"

#include <string>

#include <arrow/flight/types.h>

namespace skein::frontends::flightsql {
namespace {

using arrow::flight::FlightStatusCode;
using arrow::flight::MakeFlightError;

std::string MessageOf(const Status& status) {
  std::string text = status.message();
  if (!status.detail().empty()) text += "\nDETAIL: " + status.detail();
  if (!status.hint().empty()) text += "\nHINT: " + status.hint();
  return text + " [SQLSTATE " + status.sqlstate() + "]";
}

}  // namespace

arrow::Status ToArrow(const Status& status) {
  if (status.ok()) return arrow::Status::OK();
  std::string message = MessageOf(status);
  switch (status.code()) {
    case StatusCode::kOk:
      break;
    case StatusCode::kInvalidArgument:
    case StatusCode::kFailedPrecondition:
      return arrow::Status::Invalid(message);
    case StatusCode::kNotFound:
      return arrow::Status::KeyError(message);
    case StatusCode::kAlreadyExists:
      return arrow::Status::AlreadyExists(message);
    case StatusCode::kUnimplemented:
      return arrow::Status::NotImplemented(message);
    case StatusCode::kUnauthenticated:
      return MakeFlightError(FlightStatusCode::Unauthenticated, message);
    case StatusCode::kPermissionDenied:
      return MakeFlightError(FlightStatusCode::Unauthorized, message);
    case StatusCode::kCancelled:
      return MakeFlightError(FlightStatusCode::Cancelled, message);
    case StatusCode::kDeadlineExceeded:
      return MakeFlightError(FlightStatusCode::TimedOut, message);
    case StatusCode::kUnavailable:
      return MakeFlightError(FlightStatusCode::Unavailable, message);
    case StatusCode::kResourceExhausted:
      return MakeFlightError(FlightStatusCode::Failed, message);
    case StatusCode::kInternal:
      break;
  }
  return MakeFlightError(FlightStatusCode::Internal, message);
}

Status FromArrow(const arrow::Status& status) {
  if (status.ok()) return Status::OK();
  if (status.IsNotImplemented()) return errors::NotSupported(status.message());
  if (status.IsInvalid() || status.IsTypeError())
    return errors::ProtocolViolation(status.message());
  return errors::ConnectionLost(status.message());
}

}  // namespace skein::frontends::flightsql
