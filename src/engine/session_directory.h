#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/status.h"

namespace skein::engine {

/// What the engine tells of one client's session: who it is, what it runs.
///
/// Made by SessionDirectory::Add; thread-safe.
class SessionEntry {
 public:
  struct State {
    bool active = false;
    bool in_transaction = false;
    std::string query;
    std::string application_name;
    std::chrono::system_clock::time_point query_start;
    std::chrono::system_clock::time_point state_change;
  };

  /// What the session has given names to, for pg_prepared_statements and pg_cursors.
  struct Names {
    struct Statement {
      std::string name;
      std::string text;
      std::chrono::system_clock::time_point made;
      /// PostgreSQL's numbers of the types of $1, $2, ...
      std::vector<uint32_t> parameter_types;
      bool from_sql = false;
    };
    struct Cursor {
      std::string name;
      std::string text;
      std::chrono::system_clock::time_point made;
      bool hold = false;
      bool binary = false;
      bool scroll = false;
    };
    std::vector<Statement> statements;
    std::vector<Cursor> cursors;
  };

  const int32_t pid;
  const std::string user;
  /// "pg", "flight", "http".
  const std::string door;
  /// Address and port.
  const std::string peer;
  const std::chrono::system_clock::time_point started;

  State state() const {
    std::lock_guard lock(mu_);
    return state_;
  }
  void Begin(std::string query);
  void End(bool in_transaction);
  void SetApplicationName(std::string name);

  /// A statement of the session reads its names: from now on it tells them before each run. Few
  /// sessions ever ask.
  void AskForNames() { names_wanted_ = true; }
  bool names_wanted() const { return names_wanted_; }
  void SetNames(Names names);
  Names names() const;

 private:
  friend class SessionDirectory;
  SessionEntry(int32_t id, std::string user_name, std::string door_name, std::string peer_address);
  mutable std::mutex mu_;
  State state_;                                       // mu_
  Names names_;                                       // mu_
  std::function<bool(Status, bool terminate)> stop_;  // mu_
  std::atomic<bool> names_wanted_ = false;
};

/// The sessions of this process: what pg_stat_activity lists and pg_cancel_backend reaches.
///
/// Holds no session alive. Thread-safe.
class SessionDirectory {
 public:
  /// `stop` cancels the session's statement, or ends the session; called from other sessions'
  /// threads, until the entry is removed. Returns false when there is nothing to stop.
  std::shared_ptr<SessionEntry> Add(std::string user, std::string door, std::string peer,
                                    std::function<bool(Status, bool terminate)> stop);
  /// After this `stop` is not called any more; waits for a call that is under way.
  void Remove(const std::shared_ptr<SessionEntry>& entry);

  std::vector<std::shared_ptr<SessionEntry>> List() const;
  std::shared_ptr<SessionEntry> Find(int32_t pid) const;
  static bool Stop(SessionEntry& entry, Status reason, bool terminate);

 private:
  mutable std::mutex mu_;
  std::vector<std::shared_ptr<SessionEntry>> entries_;  // mu_
  int32_t next_pid_ = 1;                                // mu_
};

/// A session's place in the directory; gives it up when it goes.
class SessionRegistration {
 public:
  SessionRegistration(std::shared_ptr<SessionDirectory> directory,
                      std::shared_ptr<SessionEntry> entry)
      : directory_(std::move(directory)), entry_(std::move(entry)) {}
  ~SessionRegistration() { directory_->Remove(entry_); }
  SessionRegistration(const SessionRegistration&) = delete;
  SessionRegistration& operator=(const SessionRegistration&) = delete;
  SessionEntry& entry() { return *entry_; }

 private:
  std::shared_ptr<SessionDirectory> directory_;
  std::shared_ptr<SessionEntry> entry_;
};

}  // namespace skein::engine
