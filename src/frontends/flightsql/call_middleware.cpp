#include "frontends/flightsql/call_middleware.h"

#include <arrow/flight/server.h>

#include "frontends/flightsql/call_headers.h"
#include "frontends/flightsql/command_codec.h"
#include "frontends/flightsql/error_mapping.h"

namespace skein::frontends::flightsql {
namespace {

using arrow::flight::FlightMethod;

}  // namespace

std::string_view HeaderOf(const arrow::flight::ServerCallContext& context, std::string_view name) {
  const auto& headers = context.incoming_headers();
  auto it = headers.find(name);
  return it == headers.end() ? std::string_view() : it->second;
}

void CallMiddleware::SendingHeaders(arrow::flight::AddCallHeaders* headers) {
  if (caller_.new_token) headers->AddHeader("authorization", "Bearer " + caller_.token);
  if (!found_.set_cookie.empty()) {
    headers->AddHeader("set-cookie", std::string(kCookieName) + "=" + found_.set_cookie);
  }
}

arrow::Status CallMiddlewareFactory::StartCall(
    const arrow::flight::CallInfo& info, const arrow::flight::ServerCallContext& context,
    std::shared_ptr<arrow::flight::ServerMiddleware>* middleware) {
  bool starts_work = info.method == FlightMethod::GetFlightInfo ||
                     info.method == FlightMethod::PollFlightInfo ||
                     info.method == FlightMethod::GetSchema || info.method == FlightMethod::DoPut ||
                     info.method == FlightMethod::Handshake;
  if (*stopping_ && starts_work) {
    return ToArrow(errors::ShuttingDown("the server is stopping and takes no new statements"));
  }
  std::string_view authorization = HeaderOf(context, "authorization");
  // The classic handshake says who it is in its messages.
  if (info.method == FlightMethod::Handshake && authorization.empty()) return arrow::Status::OK();
  SKEIN_ARROW_ASSIGN(Caller caller, authenticator_->Authenticate(context.peer(), authorization,
                                                                 context.peer_identity()));
  ConversationTable::Found found;
  bool needs_session =
      info.method == FlightMethod::GetFlightInfo || info.method == FlightMethod::PollFlightInfo ||
      info.method == FlightMethod::GetSchema || info.method == FlightMethod::DoGet ||
      info.method == FlightMethod::DoPut || info.method == FlightMethod::DoAction;
  if (needs_session) {
    SKEIN_ARROW_ASSIGN(
        found, table_->Find({caller.user, caller.token, CookieIn(HeaderOf(context, "cookie")),
                             context.peer()}));
  }
  *middleware = std::make_shared<CallMiddleware>(std::move(caller), std::move(found));
  return arrow::Status::OK();
}

arrow::Status HandshakeHandler::Authenticate(const arrow::flight::ServerCallContext& context,
                                             arrow::flight::ServerAuthSender* outgoing,
                                             arrow::flight::ServerAuthReader* incoming) {
  if (context.GetMiddleware(kMiddlewareKey)) return arrow::Status::OK();
  std::string message;
  ARROW_RETURN_NOT_OK(incoming->Read(&message));
  // A client that has no name to tell is as welcome here as in any other call.
  if (message.empty()) {
    return ToArrow(authenticator_->Authenticate(context.peer(), {}, {}).status());
  }
  auto credentials = DecodeHandshake(message);
  if (!credentials) {
    return ToArrow(
        errors::Unauthenticated("the handshake's message holds no user name and password"));
  }
  SKEIN_ARROW_ASSIGN(Caller caller, authenticator_->SignIn(context.peer(), credentials->user,
                                                           credentials->password));
  return outgoing->Write(caller.token);
}

arrow::Status HandshakeHandler::IsValid(const arrow::flight::ServerCallContext&,
                                        const std::string& token, std::string* peer_identity) {
  *peer_identity = token;
  return arrow::Status::OK();
}

}  // namespace skein::frontends::flightsql
