#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "duckdb/common/case_insensitive_map.hpp"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/parser/statement/attach_statement.hpp"
#include "duckdb/parser/statement/detach_statement.hpp"

#include "common/cancellation.h"
#include "common/status.h"
#include "engine/session_secrets.h"

namespace duckdb {
class Connection;
}

namespace skein::engine {

// The databases that a session attaches are its own: no other session finds them by name or in a
// list, or is in the way of their names, and they go with their session. DuckDB has one set of
// databases for the whole instance, by name. So each is attached under a key that nobody can guess,
// taken out of that set, called what the session calls it, and given to every transaction of that
// session when it begins: DuckDB looks for a name among the databases of the transaction first. The
// database in which a DuckLake keeps its catalogue stays in the set, under its key: DuckLake asks
// for it by that, from connections of its own.

/// A database as attached. Detaches it when the last session that has it lets go.
class Attached {
 public:
  /// Takes what was attached as `key`; `gone` is called when it is detached.
  Attached(duckdb::DatabaseInstance& instance, const std::string& key, const std::string& name,
           std::shared_ptr<void> counted, std::function<void()> gone);
  ~Attached();
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

  duckdb::shared_ptr<duckdb::AttachedDatabase>& database() { return database_; }

 private:
  duckdb::DatabaseInstance& instance_;
  const std::shared_ptr<void> counted_;
  const std::function<void()> gone_;
  duckdb::shared_ptr<duckdb::AttachedDatabase> database_;
};

/// An engine's: which databases are everybody's, and which files are attached. Thread-safe.
class Attachments {
 public:
  /// What is there now is everybody's. Call once, before the first session.
  void ShareAll(duckdb::DatabaseInstance& instance);
  /// Whether DuckDB's set may hold what is not everybody's; from before a session's ATTACH on.
  bool any_private() const { return private_ > 0; }
  /// Counts one that is about to be attached, until the last copy of what is returned goes.
  std::shared_ptr<void> CountPrivate();

  bool IsShared(duckdb::idx_t oid) const { return shared_.contains(oid); }
  bool IsShared(const std::string& name) const { return shared_names_.contains(name); }

  /// DuckDB opens a file once: sessions that attach one by the same words share it. Calls `open`
  /// when nobody has it; waits while another session opens or closes it.
  using Opener = std::function<Result<std::shared_ptr<Attached>>(std::function<void()> gone)>;
  Result<std::shared_ptr<Attached>> ShareFile(const std::string& words, CancelToken& cancel,
                                              const Opener& open);

 private:
  void Forget(const std::string& words);

  std::unordered_set<duckdb::idx_t> shared_;     // const after ShareAll
  duckdb::case_insensitive_set_t shared_names_;  // const after ShareAll
  std::atomic<int> private_ = 0;
  std::mutex mu_;
  std::condition_variable changed_;
  /// By the words of their ATTACH. Null: being opened; expired: being closed.
  std::map<std::string, std::optional<std::weak_ptr<Attached>>> files_;  // mu_
};

/// One session's. Registered with its connection, whose thread calls it where nothing else is said.
class SessionAttachments : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "skein_attachments";

  /// Both outlive it. `secrets`: where the session's are, or null.
  SessionAttachments(Attachments& everybody, SessionSecrets* secrets)
      : everybody_(everybody), secrets_(secrets) {}

  /// As the statement says; stays when the transaction around it is rolled back. Throws DuckDB's
  /// exceptions.
  Status Attach(duckdb::ClientContext& context, const duckdb::AttachStatement& statement,
                CancelToken& cancel);
  Status Detach(duckdb::ClientContext& context, const duckdb::DetachStatement& statement);

  /// Leaves the database in use, if it is one of them. Precondition: no transaction is open.
  void DetachAll(duckdb::ClientContext& context);

  /// The session's own, by any thread.
  std::vector<std::shared_ptr<Attached>> List();
  /// Whether there may be anything that is not everybody's, its own or another's. By any thread.
  bool AnyPrivate() const { return everybody_.any_private(); }
  /// Whether all sessions see what DuckDB has by this number, or name. By any thread.
  bool IsEverybodys(duckdb::ClientContext& context, duckdb::idx_t oid) const;
  bool IsEverybodys(const std::string& name) const { return everybody_.IsShared(name); }

  void TransactionBegin(duckdb::MetaTransaction& transaction, duckdb::ClientContext&) override;

 private:
  bool IsOwn(const std::string& name);
  Result<std::shared_ptr<Attached>> Open(duckdb::ClientContext& context,
                                         const duckdb::AttachStatement& statement,
                                         const std::string& name, CancelToken& cancel,
                                         std::function<void()> gone);
  void Remove(duckdb::ClientContext& context, const std::string& name);

  Attachments& everybody_;
  SessionSecrets* const secrets_;
  std::mutex mu_;
  duckdb::case_insensitive_map_t<std::shared_ptr<Attached>> own_;  // mu_; by name
};

/// Makes DuckDB's functions that list databases, or what is in them, list also what the session
/// attached, and nothing that belongs to others. Of its own they show what is committed. Call once
/// for each engine. Throws DuckDB's exceptions.
void ListAttachments(duckdb::Connection& connection);

}  // namespace skein::engine
