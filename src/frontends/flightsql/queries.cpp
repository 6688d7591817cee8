// What a query is asked for with: its description, its tickets, how far it is.

#include <algorithm>

#include <arrow/api.h>

#include "frontends/flightsql/call_headers.h"
#include "frontends/flightsql/error_mapping.h"
#include "frontends/flightsql/metadata.h"
#include "frontends/flightsql/parameters.h"
#include "frontends/flightsql/service.h"

namespace skein::frontends::flightsql {
namespace {

namespace fl = arrow::flight;

constexpr char kEndpointsHeader[] = "x-skein-endpoints";
constexpr char kKeepHeader[] = "x-skein-keep";
/// A poll is answered at once when the query ends, else after this.
constexpr std::chrono::milliseconds kPollWait{250};
constexpr int64_t kMinPartBytes = int64_t{1} << 20;

fl::Timestamp WallClock(Clock::time_point when) {
  auto time = std::chrono::system_clock::now() + (when - Clock::now());
  // Python's own times have no nanoseconds, and refuse to hold some.
  return std::chrono::floor<std::chrono::microseconds>(time);
}

}  // namespace

Result<FlightService::Query> FlightService::FindQuery(const Context& context,
                                                      const Command& command) {
  Query query;
  if (const auto* statement = std::get_if<StatementQuery>(&command)) {
    query.conversation = ConversationOf(context, statement->transaction_id);
    SKEIN_ASSIGN_OR_RETURN(query.lock, query.conversation->Acquire(context));
    SKEIN_RETURN_IF_ERROR(query.conversation->CheckTransaction(statement->transaction_id));
    SKEIN_ASSIGN_OR_RETURN(query.prepared, query.conversation->PrepareOne(statement->query));
    SKEIN_RETURN_IF_ERROR(CheckNoParameters(*query.prepared));
    query.rows.resize(1);
    return query;
  }
  if (const auto* named = std::get_if<PreparedQuery>(&command)) {
    query.conversation = ConversationOf(context, named->handle);
    SKEIN_ASSIGN_OR_RETURN(query.lock, query.conversation->Acquire(context));
    SKEIN_ASSIGN_OR_RETURN(auto* statement, FindPrepared(*query.conversation, named->handle));
    query.prepared = statement->prepared;
    query.rows = statement->bound ? statement->rows : std::vector<ParameterRow>(1);
    return query;
  }
  return errors::NotSupported("the Flight SQL command gives no result: it is sent with DoPut");
}

// Drivers fetch in the background what they were told has no columns, and close it before it ran:
// what returns no rows runs when it is described, and its ticket gives an empty result.
Result<FlightService::Described> FlightService::RunNow(const Context& context, Query& query) {
  Conversation& conversation = *query.conversation;
  if (query.rows.size() > 1)
    SKEIN_RETURN_IF_ERROR(conversation.session->BeginImplicit(query.prepared->transaction_verb()));
  Status status;
  for (size_t i = 0; i < query.rows.size() && status.ok(); ++i) {
    status = conversation.Run(&context, query.prepared, query.rows[i]).status();
  }
  Status ended = conversation.session->EndImplicit(status.ok());
  if (!status.ok()) return status;
  SKEIN_RETURN_IF_ERROR(ended);
  Described described;
  described.schema = arrow::schema({});
  described.endpoints.emplace_back();
  described.endpoints.back().ticket.ticket = EncodeStatementTicket(kEmptyTicket);
  return described;
}

Result<SharedResult::Options> FlightService::CutOf(const Context& context, const Query& query,
                                                   bool polled) {
  SKEIN_ASSIGN_OR_RETURN(auto wanted, DecodeEndpoints(HeaderOf(context, kEndpointsHeader)));
  SharedResult::Options options;
  options.budget = budget_;
  options.directory = spool_dir_;
  SKEIN_ASSIGN_OR_RETURN(options.types, TypesOf(context, *query.conversation));
  SKEIN_ASSIGN_OR_RETURN(auto keep, DecodeKeep(HeaderOf(context, kKeepHeader)));
  options.once = keep == false;
  // A large result that is cut without being asked keeps the order in which its rows come, as many
  // rely on it; who asks for endpoints gets that only by ORDER BY, and the faster way else.
  options.ordered = query.prepared->ordered() || !wanted || query.rows.size() > 1;
  options.promised = polled || !query.prepared->read_only();
  if (options.promised) {
    options.ordered = query.prepared->ordered();
    return options;
  }
  int64_t expected = query.prepared->estimated_bytes();
  if (wanted) {
    options.parts = *wanted;
  } else if (query.rows.size() == 1) {
    int64_t pieces = std::max<int64_t>(expected / options_.endpoint_bytes, 1);
    options.parts = static_cast<size_t>(
        std::min(pieces, static_cast<int64_t>(std::max<size_t>(options_.endpoints, 1))));
  }
  options.promised = keep == true || (options.parts > 1 && !options.once);
  if (options.parts == 1) options.ordered = query.prepared->ordered();
  options.part_bytes = options_.endpoint_bytes;
  if (expected > 0) {
    options.part_bytes = std::max(expected / static_cast<int64_t>(options.parts), kMinPartBytes);
  }
  return options;
}

Result<std::string> FlightService::AddResult(const std::shared_ptr<SharedResult>& result,
                                             Query& query) {
  std::string handle = query.conversation->NewHandle();
  ResultTable::Freed freed;
  Status added = query.conversation->results().Add(handle, result,
                                                   Clock::now() + options_.ticket_timeout, &freed);
  query.conversation->Free(freed, errors::UndefinedCursor("the result is no longer kept"));
  if (!added.ok()) {
    query.conversation->Free({result}, added);
    return added;
  }
  return handle;
}

FlightService::Described FlightService::DescribeResult(const std::string& handle,
                                                       const SharedResult& result) const {
  Described described;
  described.schema = result.schema();
  described.ordered = result.ordered();
  for (size_t part = 0; part < result.parts(); ++part) {
    fl::FlightEndpoint endpoint;
    endpoint.ticket.ticket = EncodeStatementTicket(TicketName{handle, part}.Text());
    if (result.promised())
      endpoint.expiration_time = WallClock(Clock::now() + options_.ticket_timeout);
    described.endpoints.push_back(std::move(endpoint));
  }
  if (result.complete()) {
    described.rows = result.rows();
    described.bytes = result.bytes();
  }
  return described;
}

Result<FlightService::Described> FlightService::Describe(const Context& context,
                                                         const std::string& bytes) {
  SKEIN_ASSIGN_OR_RETURN(Command command, DecodeCommand(bytes));
  if (auto schema = MetadataSchema(command)) {
    Described described;
    described.schema = std::move(schema);
    described.endpoints.emplace_back();
    described.endpoints.back().ticket.ticket = bytes;
    return described;
  }
  SKEIN_ASSIGN_OR_RETURN(Query query, FindQuery(context, command));
  if (query.prepared->returns() != engine::Returns::kRows) return RunNow(context, query);
  SKEIN_ASSIGN_OR_RETURN(auto options, CutOf(context, query, false));
  bool writes = !query.prepared->read_only();
  bool several = query.rows.size() > 1;
  auto result =
      std::make_shared<SharedResult>(query.prepared, std::move(query.rows), std::move(options));
  if (writes) {
    session::Session& session = *query.conversation->session;
    if (several) SKEIN_RETURN_IF_ERROR(session.BeginImplicit(query.prepared->transaction_verb()));
    Status ran = result->RunToEnd(*query.conversation, context);
    Status ended = session.EndImplicit(ran.ok());
    SKEIN_RETURN_IF_ERROR(ran);
    SKEIN_RETURN_IF_ERROR(ended);
  }
  SKEIN_ASSIGN_OR_RETURN(std::string handle, AddResult(result, query));
  return DescribeResult(handle, *result);
}

Result<fl::FlightInfo> FlightService::MakeInfo(const Described& described,
                                               const fl::FlightDescriptor& descriptor) {
  auto info = fl::FlightInfo::Make(*described.schema, descriptor, described.endpoints,
                                   described.rows, described.bytes, described.ordered);
  if (!info.ok()) return FromArrow(info.status());
  return *std::move(info);
}

Result<std::unique_ptr<fl::PollInfo>> FlightService::Poll(const Context& context,
                                                          const fl::FlightDescriptor& request) {
  SKEIN_ASSIGN_OR_RETURN(Command command, DecodeCommand(request.cmd));
  auto poll = std::make_unique<fl::PollInfo>();
  auto finished = [&](const Described& described) -> Status {
    SKEIN_ASSIGN_OR_RETURN(auto info, MakeInfo(described, request));
    poll->info = std::make_unique<fl::FlightInfo>(std::move(info));
    poll->progress = 1.0;
    return Status::OK();
  };
  std::shared_ptr<Conversation> conversation;
  std::shared_ptr<SharedResult> result;
  std::string handle;
  if (const auto* ticket = std::get_if<StatementTicket>(&command)) {
    auto name = TicketName::Parse(ticket->handle);
    if (!name) return errors::UndefinedCursor("the query that is polled does not exist");
    handle = name->handle;
    conversation = ConversationOf(context, handle);
    SKEIN_ASSIGN_OR_RETURN(
        result, conversation->results().Renew(handle, Clock::now() + options_.ticket_timeout));
  } else if (MetadataSchema(command)) {
    SKEIN_ASSIGN_OR_RETURN(auto described, Describe(context, request.cmd));
    SKEIN_RETURN_IF_ERROR(finished(described));
    return poll;
  } else {
    SKEIN_ASSIGN_OR_RETURN(Query query, FindQuery(context, command));
    if (query.prepared->returns() != engine::Returns::kRows) {
      SKEIN_ASSIGN_OR_RETURN(auto described, RunNow(context, query));
      SKEIN_RETURN_IF_ERROR(finished(described));
      return poll;
    }
    SKEIN_ASSIGN_OR_RETURN(auto options, CutOf(context, query, true));
    result =
        std::make_shared<SharedResult>(query.prepared, std::move(query.rows), std::move(options));
    SKEIN_ASSIGN_OR_RETURN(handle, AddResult(result, query));
    conversation = query.conversation;
    SKEIN_RETURN_IF_ERROR(
        runs_.Start([conversation, result] { result->RunInBackground(*conversation); }));
  }
  result->WaitComplete(Clock::now() + kPollWait);
  if (result->complete()) {
    SKEIN_RETURN_IF_ERROR(result->end());
    SKEIN_ASSIGN_OR_RETURN(auto wanted, DecodeEndpoints(HeaderOf(context, kEndpointsHeader)));
    auto pieces = static_cast<size_t>(result->bytes() / options_.endpoint_bytes);
    result->Split(wanted.value_or(std::min(pieces, options_.endpoints)));
    SKEIN_RETURN_IF_ERROR(finished(DescribeResult(handle, *result)));
    return poll;
  }
  // The descriptor names the query, so that a FlightInfo that has no endpoints yet can be
  // cancelled.
  auto next = fl::FlightDescriptor::Command(EncodeStatementTicket(TicketName{handle, 0}.Text()));
  Described so_far;
  so_far.schema = result->schema();
  so_far.ordered = result->ordered();
  SKEIN_ASSIGN_OR_RETURN(auto info, MakeInfo(so_far, next));
  poll->info = std::make_unique<fl::FlightInfo>(std::move(info));
  poll->descriptor = next;
  double percent = conversation->session->progress().percent;
  if (percent >= 0) poll->progress = std::min(percent / 100.0, 1.0);
  poll->expiration_time = WallClock(Clock::now() + options_.ticket_timeout);
  return poll;
}

void FlightService::StopRuns() {
  table_->CancelResults(errors::ShuttingDown("the server is stopping"));
  runs_.Join();
}

}  // namespace skein::frontends::flightsql
