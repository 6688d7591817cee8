#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"
#include "common/timer.h"
#include "frontends/flightsql/result_table.h"
#include "session/session.h"

namespace arrow::flight {
class ServerCallContext;
}

namespace skein::frontends::flightsql {

using ParameterRow = std::vector<engine::BoundValue>;

/// A prepared statement of a client, and what it bound last.
struct PreparedStatement {
  std::string sql;
  std::shared_ptr<session::Prepared> prepared;
  std::vector<ParameterRow> rows;
  bool bound = false;
};

/// One client's conversation: its session, and the handles the client holds.
///
/// Calls of one client come on many threads and its results are read between them: whoever touches
/// the session, an execution or a field below holds the lock. Shared by the table, the calls and
/// the open results; the session ends with the last of them.
class Conversation {
 public:
  /// A client that never closes what it prepares is stopped here.
  static constexpr size_t kMaxStatements = 10'000;
  static constexpr std::chrono::seconds kRowsWait{30};

  Conversation(std::string id, std::string user, std::unique_ptr<session::Session> session,
               std::shared_ptr<Timer> timer);
  ~Conversation();

  const std::string& id() const { return id_; }
  const std::string& user() const { return user_; }
  Timer* timer() const { return timer_.get(); }

  using Lock = std::unique_lock<std::timed_mutex>;
  /// What the lock is wanted for: a statement, or rows of one that runs already.
  enum class For { kStatement, kOpenResult };
  /// Waits for the other calls of this client, unless the caller goes away meanwhile (57014). For a
  /// statement also while a call awaits its client's rows, up to kRowsWait (55006).
  Result<Lock> Acquire(const arrow::flight::ServerCallContext& context, For use = For::kStatement);
  /// The same for a statement that nobody waits for, however long it takes.
  Lock AcquireForStatement();
  /// Waits for a moment; the lock may then not be held.
  Lock TryAcquire() { return Lock(mu_, std::chrono::milliseconds(100)); }
  /// Waits however long it takes: for putting things away.
  Lock AcquireForCleanup() { return Lock(mu_); }

  /// Lets other calls of this client read its open results, but run nothing, while this one awaits
  /// the client's rows: they may be what it reads. The lock is held before and after.
  class RowsAwaited {
   public:
    RowsAwaited(Conversation& conversation, Lock& lock);
    ~RowsAwaited();
    RowsAwaited(const RowsAwaited&) = delete;
    RowsAwaited& operator=(const RowsAwaited&) = delete;

   private:
    Conversation& conversation_;
    Lock& lock_;
  };

  /// A handle nobody can guess, that names this conversation.
  std::string NewHandle() const;
  /// The conversation's id within a handle.
  static std::string IdOf(const std::string& handle);

  /// Runs a statement, and ends it when the caller goes away while it runs (nullptr: nobody calls).
  /// The lock is held.
  Result<std::unique_ptr<session::Execution>> Run(const arrow::flight::ServerCallContext* context,
                                                  std::shared_ptr<session::Prepared> prepared,
                                                  const ParameterRow& row);
  /// Ends these results and frees what they hold. The lock is held.
  void Free(const ResultTable::Freed& results, const Status& why);
  /// Ends all that run; thread-safe without the lock.
  void CancelResults(const Status& why);

  /// Thread-safe without the lock.
  ResultTable& results() { return results_; }
  /// A statement of the door's own, such as COMMIT.
  Status RunPlain(const arrow::flight::ServerCallContext& context, const std::string& sql);
  /// The one statement of `sql`; 42601 when there are none or several.
  Result<std::shared_ptr<session::Prepared>> PrepareOne(
      const std::string& sql, const std::vector<std::string>& declared_types = {});
  /// That `transaction_id` (empty: none was sent) is the open transaction's; 25000 otherwise.
  Status CheckTransaction(const std::string& transaction_id) const;

  // Guarded by the lock.
  std::unique_ptr<session::Session> session;
  std::map<std::string, PreparedStatement> statements;
  std::string transaction_id;
  /// The session option `column_types`: what WireTypes::Parse reads.
  std::string column_types;
  /// The names of savepoints that the client set by action, by their ids.
  std::map<std::string, std::string> savepoints;
  int open_results = 0;

 private:
  const std::string id_;
  const std::string user_;
  const std::shared_ptr<Timer> timer_;
  std::timed_mutex mu_;
  std::condition_variable_any rows_came_;
  bool awaits_rows_ = false;  // guarded by mu_
  ResultTable results_;
};

/// All conversations, by what their clients are known by.
///
/// A client that sends a bearer token is known by it; else one that sends the cookie it was given,
/// by that; else by its connection's address, as a gRPC channel keeps one. A handle also names its
/// conversation, for the same user. Idle conversations are closed by Sweep; when the table is full
/// the one that was idle longest makes room. Thread-safe.
class ConversationTable {
 public:
  struct Options {
    std::chrono::milliseconds idle_timeout{std::chrono::minutes(30)};
    size_t max_sessions = 1000;
  };
  struct Client {
    std::string user;
    std::string token;   ///< empty: none
    std::string cookie;  ///< empty: none
    std::string peer;
  };
  struct Found {
    std::shared_ptr<Conversation> conversation;
    /// To be told to the client; empty when it knows.
    std::string set_cookie;
  };

  ConversationTable(std::shared_ptr<session::Services> services, Options options);
  ~ConversationTable();

  /// The client's conversation; a new one is opened for a client that has none.
  Result<Found> Find(const Client& client);
  /// The conversation a handle names, if it is the same user's; else nullptr.
  std::shared_ptr<Conversation> FindByHandle(const std::string& handle, const std::string& user);
  /// Forgets it: the client's next call opens another one.
  void Close(const std::shared_ptr<Conversation>& conversation);
  void CloseAll();
  /// Ends every result that is still being made.
  void CancelResults(const Status& why);
  /// Closes what was idle too long and forgets tickets that were never fetched.
  void Sweep();
  size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<Conversation> conversation;
    std::string cookie;
    std::vector<std::string> keys;
    Clock::time_point last_used;
  };
  void EraseLocked(const std::string& id, std::vector<std::shared_ptr<Conversation>>* closed);
  bool MakeRoomLocked(std::vector<std::shared_ptr<Conversation>>* closed);

  const std::shared_ptr<session::Services> services_;
  const Options options_;

  mutable std::mutex mu_;
  std::map<std::string, Entry> entries_;     // guarded by mu_; by conversation id
  std::map<std::string, std::string> keys_;  // guarded by mu_; client key -> conversation id
};

}  // namespace skein::frontends::flightsql
