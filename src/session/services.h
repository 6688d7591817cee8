#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "common/status.h"
#include "common/timer.h"
#include "engine/engine.h"
#include "session/distributed_queries.h"

namespace skein::session {

class Session;

/// What the end of a run is reported with, once for each statement.
struct RunRecord {
  std::string query_id;
  std::string session_id;
  std::string user;
  std::string door;
  std::string peer;
  std::string command;
  /// Credentials are left out.
  std::string sql;
  std::chrono::microseconds duration{0};
  int64_t rows = 0;
  size_t bytes = 0;
  Status status;
};

/// What is told of statements and sessions as they come and go; the server connects it to the log
/// and the metrics. Called from any thread; must not block.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void SessionOpened(const std::string& door) = 0;
  virtual void SessionClosed(const std::string& door) = 0;
  virtual void RunStarted(const std::string& door) = 0;
  virtual void RunEnded(const RunRecord& record) = 0;
  /// Somebody was not let in: no session came of it.
  virtual void LoginRefused(const std::string& door, const std::string& user,
                            const std::string& peer, const Status& why) = 0;
};

/// What all sessions share. Thread-safe.
struct Services {
  std::shared_ptr<engine::Engine> engine;
  std::shared_ptr<Timer> timer;
  std::shared_ptr<Observer> observer;
  /// Null when there is no cluster.
  std::shared_ptr<DistributedQueries> distributed;
  /// A statement's longest run; 0 = no limit. A session's statement_timeout can only shorten it.
  std::chrono::milliseconds query_timeout{0};
  /// Where results are spooled that a later statement pushed aside.
  std::string spool_dir;
  /// The most that one such result may take, in bytes.
  int64_t max_spool_size = int64_t{10} << 30;

  /// All open sessions, so that a stop can end them.
  std::mutex mu;
  std::set<Session*> sessions;  // guarded by mu
  bool stopping = false;        // guarded by mu; no statement starts any more

  /// No new statement starts; running ones go on.
  void StopAccepting();
  /// Ends every running statement with `reason`.
  void TerminateAll(const Status& reason);
  /// Statements running now.
  std::atomic<int> running{0};
};

}  // namespace skein::session
