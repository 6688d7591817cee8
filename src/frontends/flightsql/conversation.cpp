#include "frontends/flightsql/conversation.h"

#include <arrow/flight/server.h>

#include "common/random.h"
#include "frontends/flightsql/call_watch.h"
#include "frontends/flightsql/shared_result.h"

namespace skein::frontends::flightsql {
namespace {

constexpr std::chrono::milliseconds kLockPoll{100};
/// A conversation is not closed for another one's sake before it was idle for this long.
constexpr std::chrono::seconds kMinIdle{10};

Status CallerGone() {
  return errors::Cancelled("canceling statement because the client went away");
}

}  // namespace

Conversation::Conversation(std::string id, std::string user,
                           std::unique_ptr<session::Session> opened, std::shared_ptr<Timer> timer)
    : session(std::move(opened)),
      id_(std::move(id)),
      user_(std::move(user)),
      timer_(std::move(timer)) {}

Conversation::~Conversation() {
  // Prepared statements must be gone before their session.
  Free(results_.TakeAll(), errors::Cancelled("the session has ended"));
  statements.clear();
  session.reset();
}

Result<Conversation::Lock> Conversation::Acquire(const arrow::flight::ServerCallContext& context,
                                                 For use) {
  Lock lock(mu_, std::defer_lock);
  const auto until = Clock::now() + kRowsWait;
  while (!lock.try_lock_for(kLockPoll)) {
    if (context.is_cancelled()) return CallerGone();
  }
  while (awaits_rows_ && use == For::kStatement) {
    if (context.is_cancelled()) return CallerGone();
    if (Clock::now() > until) {
      return Status(StatusCode::kFailedPrecondition, "55006",
                    "the session waits for rows that its client sends with another call")
          .WithHint("Use another session, or end that call first.");
    }
    rows_came_.wait_for(lock, kLockPoll);
  }
  // What nobody reads any more must not be put aside for the next statement's sake.
  if (open_results > 0) {
    Free(results_.Orphans(), errors::Cancelled("the result was given up for the next statement"));
  }
  return lock;
}

Conversation::Lock Conversation::AcquireForStatement() {
  Lock lock(mu_);
  rows_came_.wait(lock, [this] { return !awaits_rows_; });
  return lock;
}

Conversation::RowsAwaited::RowsAwaited(Conversation& conversation, Lock& lock)
    : conversation_(conversation), lock_(lock) {
  conversation_.awaits_rows_ = true;
  lock_.unlock();
}

Conversation::RowsAwaited::~RowsAwaited() {
  lock_.lock();
  conversation_.awaits_rows_ = false;
  conversation_.rows_came_.notify_all();
}

std::string Conversation::NewHandle() const { return id_ + "." + RandomHex(16); }

std::string Conversation::IdOf(const std::string& handle) {
  return handle.substr(0, handle.find('.'));
}

Result<std::unique_ptr<session::Execution>> Conversation::Run(
    const arrow::flight::ServerCallContext* context, std::shared_ptr<session::Prepared> prepared,
    const ParameterRow& row) {
  if (open_results > 0) {
    // Another result that is still being read is put aside first, so that what is cancelled below
    // can only be this statement: preparing anything does that. Its own outcome says nothing here.
    (void)PrepareOne("SELECT 1");
  }
  std::optional<CallWatch> watch;
  if (context)
    watch.emplace(timer_.get(), context, [this] { session->CancelCurrent(CallerGone()); });
  return session->Execute(std::move(prepared), row);
}

void Conversation::Free(const ResultTable::Freed& results, const Status& why) {
  for (const auto& result : results) {
    result->Cancel(why);
    result->Free(*this, why);
  }
}

void Conversation::CancelResults(const Status& why) {
  for (const auto& result : results_.All()) result->Cancel(why);
}

Status Conversation::RunPlain(const arrow::flight::ServerCallContext& context,
                              const std::string& sql) {
  SKEIN_ASSIGN_OR_RETURN(auto prepared, PrepareOne(sql));
  return Run(&context, std::move(prepared), {}).status();
}

Result<std::shared_ptr<session::Prepared>> Conversation::PrepareOne(
    const std::string& sql, const std::vector<std::string>& declared_types) {
  SKEIN_ASSIGN_OR_RETURN(auto parsed, session->Parse(sql));
  if (parsed.empty()) return errors::Syntax("the request holds no SQL statement");
  if (parsed.size() > 1) {
    return Status(errors::Syntax("cannot insert multiple commands into a prepared statement"))
        .WithHint("Send the statements one by one.");
  }
  return session->Prepare(std::move(parsed[0]), declared_types);
}

Status Conversation::CheckTransaction(const std::string& id) const {
  if (id.empty() || id == transaction_id) return Status::OK();
  return {StatusCode::kInvalidArgument, "25000", "the transaction is not open in this session"};
}

ConversationTable::ConversationTable(std::shared_ptr<session::Services> services, Options options)
    : services_(std::move(services)), options_(options) {}

ConversationTable::~ConversationTable() { CloseAll(); }

Result<ConversationTable::Found> ConversationTable::Find(const Client& client) {
  std::string peer_key = "p:" + client.peer + '\n' + client.user;
  std::string key = peer_key;
  if (!client.token.empty()) {
    key = "t:" + client.token;
  } else if (!client.cookie.empty()) {
    key = "c:" + client.cookie + '\n' + client.user;
  }
  std::vector<std::shared_ptr<Conversation>> closed;
  auto look_up = [&](const std::string& wanted) -> Entry* {
    auto it = keys_.find(wanted);
    if (it == keys_.end()) return nullptr;
    Entry& entry = entries_.at(it->second);
    entry.last_used = Clock::now();
    return &entry;
  };
  {
    std::lock_guard lock(mu_);
    if (Entry* entry = look_up(key)) {
      // A client that sends its cookie needs its address no more; another client may get that one
      // day.
      if (key[0] == 'c') {
        auto at = keys_.find(peer_key);
        if (at != keys_.end() && at->second == entry->conversation->id()) keys_.erase(at);
      }
      return Found{entry->conversation, key[0] == 'p' ? entry->cookie : std::string()};
    }
    // A cookie that is not known is not taken over: the client is known by its address, and told
    // another one.
    if (key[0] == 'c') {
      key = peer_key;
      if (Entry* entry = look_up(key)) return Found{entry->conversation, entry->cookie};
    }
    if (entries_.size() >= options_.max_sessions && !MakeRoomLocked(&closed)) {
      return Status(StatusCode::kResourceExhausted, "53300",
                    "too many sessions are open at this server's Flight SQL door")
          .WithHint("Close connections that are not used.");
    }
  }
  closed.clear();
  SKEIN_ASSIGN_OR_RETURN(
      auto session,
      session::Session::Open(services_, session::Identity{client.user, "flightsql", client.peer},
                             {engine::Dialect::kDuckDb, engine::Unions::kArrow}));
  Entry entry;
  entry.conversation = std::make_shared<Conversation>(RandomHex(16), client.user,
                                                      std::move(session), services_->timer);
  entry.last_used = Clock::now();
  entry.keys.push_back(key);
  if (key[0] == 'p') {
    entry.cookie = RandomHex(32);
    entry.keys.push_back("c:" + entry.cookie + '\n' + client.user);
  }
  std::lock_guard lock(mu_);
  // Another call of the same client may have been quicker; then its conversation is the one, and
  // this one ends unused.
  if (Entry* other = look_up(key)) return Found{other->conversation, other->cookie};
  Found found{entry.conversation, entry.cookie};
  for (const std::string& name : entry.keys) keys_[name] = entry.conversation->id();
  std::string id = entry.conversation->id();
  entries_.emplace(std::move(id), std::move(entry));
  return found;
}

std::shared_ptr<Conversation> ConversationTable::FindByHandle(const std::string& handle,
                                                              const std::string& user) {
  std::lock_guard lock(mu_);
  auto it = entries_.find(Conversation::IdOf(handle));
  if (it == entries_.end() || it->second.conversation->user() != user) return nullptr;
  it->second.last_used = Clock::now();
  return it->second.conversation;
}

void ConversationTable::EraseLocked(const std::string& id,
                                    std::vector<std::shared_ptr<Conversation>>* closed) {
  auto it = entries_.find(id);
  if (it == entries_.end()) return;
  for (const std::string& key : it->second.keys) {
    auto at = keys_.find(key);
    if (at != keys_.end() && at->second == id) keys_.erase(at);
  }
  closed->push_back(std::move(it->second.conversation));
  entries_.erase(it);
}

// References are only handed out under mu_, so one reference means that no call and no open result
// uses it.
bool ConversationTable::MakeRoomLocked(std::vector<std::shared_ptr<Conversation>>* closed) {
  const Entry* oldest = nullptr;
  for (const auto& [id, entry] : entries_) {
    if (entry.conversation.use_count() > 1) continue;
    if (!oldest || entry.last_used < oldest->last_used) oldest = &entry;
  }
  if (!oldest || Clock::now() - oldest->last_used < kMinIdle) return false;
  EraseLocked(std::string(oldest->conversation->id()), closed);
  return true;
}

void ConversationTable::Close(const std::shared_ptr<Conversation>& conversation) {
  std::vector<std::shared_ptr<Conversation>> closed;
  std::lock_guard lock(mu_);
  EraseLocked(conversation->id(), &closed);
}

void ConversationTable::CloseAll() {
  std::vector<std::shared_ptr<Conversation>> closed;
  {
    std::lock_guard lock(mu_);
    for (auto& [id, entry] : entries_) closed.push_back(std::move(entry.conversation));
    entries_.clear();
    keys_.clear();
  }
}

void ConversationTable::Sweep() {
  std::vector<std::shared_ptr<Conversation>> closed;
  std::vector<std::shared_ptr<Conversation>> living;
  auto now = Clock::now();
  {
    std::lock_guard lock(mu_);
    std::vector<std::string> idle;
    for (auto& [id, entry] : entries_) {
      if (entry.conversation.use_count() == 1 && now - entry.last_used > options_.idle_timeout) {
        idle.push_back(id);
        continue;
      }
      if (entry.conversation.use_count() > 1) entry.last_used = now;
      living.push_back(entry.conversation);
    }
    for (const std::string& id : idle) EraseLocked(id, &closed);
  }
  closed.clear();
  for (auto& conversation : living) {
    auto expired = conversation->results().TakeExpired(now);
    if (expired.empty()) continue;
    for (const auto& result : expired) result->Cancel(errors::Cancelled("the ticket has expired"));
    auto lock = conversation->AcquireForCleanup();
    conversation->Free(expired, errors::Cancelled("the ticket has expired"));
  }
}

void ConversationTable::CancelResults(const Status& why) {
  std::vector<std::shared_ptr<Conversation>> living;
  {
    std::lock_guard lock(mu_);
    for (auto& [id, entry] : entries_) living.push_back(entry.conversation);
  }
  for (auto& conversation : living) conversation->CancelResults(why);
}

size_t ConversationTable::size() const {
  std::lock_guard lock(mu_);
  return entries_.size();
}

}  // namespace skein::frontends::flightsql
