#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "frontends/pgwire/cancel_registry.h"
#include "frontends/pgwire/frontend_message.h"
#include "frontends/pgwire/pg_door.h"
#include "frontends/pgwire/portal.h"
#include "frontends/pgwire/startup_packet.h"
#include "net/connection_server.h"
#include "session/session.h"

namespace skein::frontends::pgwire {

/// One client of the PostgreSQL door: bytes in, session calls, bytes out.
///
/// States: startup (until the client is let in) -> ready (messages, one after the other) -> closed.
/// Serve runs on one thread at a time; Shutdown, CancelStatement and CancelIfAbandoned come from
/// others. Messages are handled one by one by the Handle... functions (simple_query.cpp,
/// extended_query.cpp); each answers into out_, which is sent when it is large, at Flush, Sync and
/// the end of a simple query. An error return of a Handle... function means that the connection
/// cannot go on; errors of statements are answers, not returns.
class PgConnection : public net::Connection {
 public:
  PgConnection(PgDoor& door, std::unique_ptr<net::Stream> stream);
  ~PgConnection() override;

  net::Next Serve() override;
  void Shutdown(Status why) override;
  void Abort() override;

  /// Ends what runs now. Thread-safe.
  void CancelStatement(Status reason);
  /// As above if something has run for a while and the client is gone. Thread-safe.
  void CancelIfAbandoned();

 private:
  enum class State { kStartup, kReady, kClosed };

  // startup.cpp
  Status StartUp();
  Result<StartupMessage> Negotiate();
  Status LetIn(const StartupMessage& startup);
  Status ApplyStartupSettings(const StartupMessage& startup);
  void AppendParameterStatuses(bool only_changed);

  // simple_query.cpp
  Status HandleQuery(std::string_view text);
  /// Runs one statement of a simple query to its end. False when it failed (the error is in out_).
  Result<bool> RunStatement(session::Statement statement, std::string_view sql, bool last);

  // extended_query.cpp
  Status HandleParse(const ParseMessage& message);
  Status HandleBind(const BindMessage& message);
  Status HandleDescribe(const DescribeMessage& message);
  Status HandleExecute(const ExecuteMessage& message);
  Status HandleClose(const CloseMessage& message);
  Status HandleSync();
  /// A portal of Bind, or a cursor of DECLARE by that name; nullptr when there is neither.
  Portal* FindPortal(std::string_view name);
  /// One that was started before gives more rows.
  Status ContinuePortal(Portal& portal);

  // pg_connection.cpp
  Status HandleMessage(char type, std::string_view payload);
  /// Sends rows of the portal until it ends or `max_rows` (0 = all) were sent; answers
  /// CommandComplete or PortalSuspended. An error of the statement is the inner Status.
  Status SendRows(Portal& portal, uint32_t max_rows, Status* failed);
  /// Starts the portal's execution, in an implicit transaction when `alone` is false and it writes.
  Status StartPortal(Portal& portal, bool alone);
  /// Outside of a transaction no portal outlives its Sync or its simple query.
  void DropPortals();
  void AfterCommand(const session::Execution& execution);
  void FailExtended(const Status& status, std::string_view sql = {});
  void AppendReady();
  TransactionStatus transaction_status() const;
  results::PgEncodeOptions EncodeOptions() const;

  /// Takes more bytes from the client into in_; false at its end. `wanted`: how many are needed in
  /// all, a hint.
  Result<bool> ReadMore(size_t wanted, Deadline deadline);
  /// How long it may be parked: the server's limit, or a shorter one of the session; 0 is for ever.
  /// Sets idle_end_.
  std::chrono::milliseconds IdleLimit();
  Status Flush();
  Status FlushIfLarge();
  std::string_view input() const { return std::string_view(in_).substr(in_begin_); }
  void Consume(size_t bytes);
  Status Goodbye(const Status& why);

  PgDoor& door_;
  std::unique_ptr<net::Stream> stream_;
  State state_ = State::kStartup;
  std::string in_;
  size_t in_begin_ = 0;
  std::string out_;
  std::chrono::milliseconds linger_;

  CancelRegistry::Key key_;
  Timer::Id startup_timer_ = 0;
  Timer::Id idle_timer_ = 0;
  std::atomic<bool> timed_out_{false};
  /// What the client is told when it idled too long.
  Status idle_end_;
  /// When the statement that runs now was started (steady clock ticks), 0 when none runs.
  std::atomic<int64_t> running_since_{0};

  std::unique_ptr<session::Session> session_;
  // After session_, so that they go before it.
  std::map<std::string, Portal, std::less<>> portals_;
  std::map<std::string, std::string> reported_settings_;
  /// The session's settings_version() that reported_settings_ is of.
  uint64_t reported_version_ = 0;
  /// After an error of the extended protocol everything is skipped until Sync.
  bool skip_until_sync_ = false;
  bool failed_since_sync_ = false;
  bool executed_since_sync_ = false;

  std::mutex shutdown_mu_;
  Status shutdown_;  // guarded by shutdown_mu_
};

}  // namespace skein::frontends::pgwire
