#include "distributed/runner/ray/driver_link.h"

namespace skein::distributed::ray {

Result<FromDriver> QueryEvents::Next(bool cancellable, Deadline deadline) {
  std::unique_lock lock(mu_);
  auto something = [&] { return !messages_.empty() || !lost_.ok() || (cancellable && cancelled_); };
  if (deadline) {
    if (!changed_.wait_until(lock, *deadline, something))
      return errors::TimedOut("the Ray driver took too long");
  } else {
    changed_.wait(lock, something);
  }
  if (cancellable && cancelled_)
    return errors::Cancelled("canceling statement due to user request");
  if (!lost_.ok()) return lost_;
  FromDriver message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

void QueryEvents::Add(FromDriver message) {
  {
    std::lock_guard lock(mu_);
    messages_.push_back(std::move(message));
  }
  changed_.notify_all();
}

void QueryEvents::Lose(const Status& why) {
  std::shared_ptr<CancelToken> local;
  {
    std::lock_guard lock(mu_);
    lost_ = why;
    local = local_;
  }
  changed_.notify_all();
  if (local) local->Cancel(why);
}

void QueryEvents::Cancel() {
  std::shared_ptr<CancelToken> local;
  {
    std::lock_guard lock(mu_);
    cancelled_ = true;
    local = local_;
  }
  changed_.notify_all();
  if (local) local->Cancel(errors::Cancelled("canceling statement due to user request"));
}

std::shared_ptr<CancelToken> QueryEvents::LocalToken() {
  auto token = std::make_shared<CancelToken>();
  std::lock_guard lock(mu_);
  if (cancelled_) token->Cancel(errors::Cancelled("canceling statement due to user request"));
  if (!lost_.ok()) token->Cancel(lost_);
  local_ = token;
  return token;
}

Status DriverLink::Serve(const std::function<void(const FromDriver&)>& on_message) {
  Status why;
  while (true) {
    FromDriver message;
    DriverProcess::Payload payload;
    why = process_->Receive(&message, &payload);
    if (!why.ok()) break;
    std::string query;
    switch (message.kind_case()) {
      case FromDriver::kBlocks:
        Deliver(message.blocks(), std::move(payload));
        continue;
      case FromDriver::kRunLocal:
        query = message.run_local().query_id();
        break;
      case FromDriver::kTaskDone:
        query = message.task_done().query_id();
        break;
      case FromDriver::kRunDone:
        query = message.run_done().query_id();
        break;
      default:
        on_message(message);
        continue;
    }
    std::shared_ptr<QueryEvents> events;
    {
      std::lock_guard lock(mu_);
      if (auto found = queries_.find(query); found != queries_.end()) events = found->second;
    }
    if (events) events->Add(std::move(message));
  }
  Lose(why);
  return why;
}

void DriverLink::Lose(const Status& why) {
  std::map<std::string, std::shared_ptr<QueryEvents>> queries;
  std::map<uint64_t, std::promise<Result<FetchedBlocks>>> fetches;
  Status told =
      Status(StatusCode::kUnavailable, "58000", "the query was lost, because " + why.message())
          .WithHint("Run it again: a new driver is started at once.")
          .WithOrigin(Origin::kServer)
          .Retriable();
  {
    std::lock_guard lock(mu_);
    lost_ = told;
    queries.swap(queries_);
    fetches.swap(fetches_);
  }
  for (auto& [id, events] : queries) events->Lose(told);
  for (auto& [request, promise] : fetches) promise.set_value(told);
}

void DriverLink::Deliver(const FromDriver::Blocks& message, DriverProcess::Payload payload) {
  std::promise<Result<FetchedBlocks>> promise;
  {
    std::lock_guard lock(mu_);
    auto found = fetches_.find(message.request());
    if (found == fetches_.end()) return;
    promise = std::move(found->second);
    fetches_.erase(found);
  }
  if (message.has_error()) {
    promise.set_value(FromMessage(message.error()));
    return;
  }
  FetchedBlocks fetched;
  fetched.position = message.position();
  fetched.end = message.end();
  std::shared_ptr<const char[]> owner(std::move(payload.bytes));
  size_t offset = 0;
  for (uint64_t size : message.sizes()) {
    if (size > payload.size - offset) {
      promise.set_value(errors::Internal("the Ray driver sent fewer bytes than it said"));
      return;
    }
    fetched.blocks.push_back({owner, owner.get() + offset, size, 0});
    offset += size;
  }
  promise.set_value(std::move(fetched));
}

std::shared_ptr<QueryEvents> DriverLink::Register(const std::string& query_id) {
  auto events = std::make_shared<QueryEvents>();
  std::lock_guard lock(mu_);
  if (lost_.ok())
    queries_[query_id] = events;
  else
    events->Lose(lost_);
  return events;
}

void DriverLink::Unregister(const std::string& query_id) {
  std::lock_guard lock(mu_);
  queries_.erase(query_id);
}

Status DriverLink::Send(const ToDriver& message, const std::vector<Block>& blocks) {
  Status sent = process_->Send(message, blocks);
  // A frame that was sent in part leaves nothing to go on with.
  if (sent.retriable()) process_->Abort();
  return sent;
}

std::future<Result<FetchedBlocks>> DriverLink::Fetch(ToDriver::Fetch fetch) {
  std::promise<Result<FetchedBlocks>> promise;
  auto future = promise.get_future();
  ToDriver message;
  {
    std::lock_guard lock(mu_);
    if (!lost_.ok()) {
      promise.set_value(lost_);
      return future;
    }
    fetch.set_request(++last_request_);
    fetches_.emplace(last_request_, std::move(promise));
  }
  *message.mutable_fetch() = std::move(fetch);
  // When it fails, Serve ends, and with it all fetches.
  (void)Send(message);
  return future;
}

}  // namespace skein::distributed::ray
