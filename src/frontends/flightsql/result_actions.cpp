// The actions of the Flight protocol itself: ending and renewing results, session options.

#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/service.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;

constexpr std::chrono::seconds kCancelWait{5};

template <typename Request>
Result<Request> ReadBody(const fl::Action& action) {
  std::string_view body = action.body ? std::string_view(*action.body) : std::string_view();
  auto request = Request::Deserialize(body);
  if (!request.ok()) {
    return errors::ProtocolViolation("the body does not belong to the action " + action.type);
  }
  return *std::move(request);
}

template <typename Answer>
Result<std::optional<std::string>> Body(const Answer& answer) {
  auto bytes = answer.SerializeToString();
  if (!bytes.ok()) return FromArrow(bytes.status());
  return std::optional(*std::move(bytes));
}

/// The result that a ticket or the descriptor of a polled query names; nullopt for what names none.
std::optional<TicketName> NameIn(const std::string& bytes) {
  auto command = DecodeCommand(bytes);
  if (!command.ok()) return std::nullopt;
  const auto* ticket = std::get_if<StatementTicket>(&*command);
  return ticket ? TicketName::Parse(ticket->handle) : std::nullopt;
}

}  // namespace

Result<fl::CancelStatus> FlightService::CancelInfo(const Context& context,
                                                   const fl::FlightInfo& info) {
  std::vector<TicketName> names;
  for (const auto& endpoint : info.endpoints()) {
    if (auto name = NameIn(endpoint.ticket.ticket)) names.push_back(*std::move(name));
  }
  if (auto name = NameIn(info.descriptor().cmd)) names.push_back(*std::move(name));
  if (names.empty()) return fl::CancelStatus::kNotCancellable;
  Status missing;
  Status why = errors::Cancelled("canceling statement due to user request");
  for (const TicketName& name : names) {
    auto conversation = ConversationOf(context, name.handle);
    auto result = conversation->results().Find(name.handle);
    if (!result.ok()) {
      missing = result.status();
      continue;
    }
    // First without the lock: whoever reads may hold it.
    (*result)->Cancel(why);
    const auto until = Clock::now() + kCancelWait;
    Conversation::Lock lock;
    while (!(lock = conversation->TryAcquire())) {
      (*result)->Cancel(why);
      // Another statement has the session: what is kept goes when the ticket expires.
      if (Clock::now() > until) return fl::CancelStatus::kCancelling;
    }
    conversation->results().Remove(name.handle);
    conversation->Free({*result}, why);
    return fl::CancelStatus::kCancelled;
  }
  return missing;
}

Result<fl::FlightEndpoint> FlightService::RenewEndpoint(const Context& context,
                                                        const fl::FlightEndpoint& endpoint) {
  auto name = NameIn(endpoint.ticket.ticket);
  if (!name) return errors::UndefinedCursor("the endpoint's ticket is none that expires");
  auto conversation = ConversationOf(context, name->handle);
  SKEIN_ASSIGN_OR_RETURN(auto result, conversation->results().Renew(
                                          name->handle, Clock::now() + options_.ticket_timeout));
  auto described = DescribeResult(name->handle, *result);
  if (name->part >= described.endpoints.size())
    return errors::UndefinedCursor("the ticket does not exist: its result has fewer parts");
  return described.endpoints[name->part];
}

Result<std::optional<std::string>> FlightService::ActOfFlight(const Context& context,
                                                              const fl::Action& action) {
  if (action.type == fl::ActionType::kCancelFlightInfo.type) {
    SKEIN_ASSIGN_OR_RETURN(auto request, ReadBody<fl::CancelFlightInfoRequest>(action));
    if (!request.info) return errors::ProtocolViolation("what is to be cancelled is not said");
    SKEIN_ASSIGN_OR_RETURN(auto status, CancelInfo(context, *request.info));
    return Body(fl::CancelFlightInfoResult(status));
  }
  if (action.type == fl::ActionType::kRenewFlightEndpoint.type) {
    SKEIN_ASSIGN_OR_RETURN(auto request, ReadBody<fl::RenewFlightEndpointRequest>(action));
    SKEIN_ASSIGN_OR_RETURN(auto endpoint, RenewEndpoint(context, request.endpoint));
    return Body(endpoint);
  }
  if (action.type == fl::ActionType::kSetSessionOptions.type) {
    SKEIN_ASSIGN_OR_RETURN(auto request, ReadBody<fl::SetSessionOptionsRequest>(action));
    SKEIN_ASSIGN_OR_RETURN(auto answer, SetOptions(context, request));
    return Body(answer);
  }
  if (action.type == fl::ActionType::kGetSessionOptions.type) {
    SKEIN_RETURN_IF_ERROR(ReadBody<fl::GetSessionOptionsRequest>(action).status());
    SKEIN_ASSIGN_OR_RETURN(auto answer, GetOptions(context));
    return Body(answer);
  }
  return std::optional<std::string>();
}

}  // namespace skein::frontends::flightsql
