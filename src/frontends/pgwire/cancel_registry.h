#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace skein::frontends::pgwire {

class PgConnection;

/// The connections of the door by the process id they were given, for CancelRequest, which comes
/// over a connection of its own, and for noticing clients that went away while their query runs.
///
/// Thread-safe. Lock order: the registry's lock, then a session's.
class CancelRegistry {
 public:
  /// What BackendKeyData tells the client. `process_id`: no other connection has it. `key_bytes`: 4
  /// for protocol 3.0, 32 from 3.2 on.
  struct Key {
    uint32_t process_id = 0;
    std::string secret;
  };
  Key Add(PgConnection* connection, uint32_t process_id, size_t key_bytes);
  /// When this returns nobody calls the connection any more.
  void Remove(uint32_t process_id);

  /// Cancels what the connection runs if the key is right; says nothing either way, as the protocol
  /// wants.
  void Cancel(uint32_t process_id, std::string_view secret);

  /// Ends the statements of clients that are gone. Called by a timer, a few times a second.
  void CancelAbandoned();

 private:
  struct Entry {
    PgConnection* connection;
    std::string secret;
  };
  std::mutex mu_;
  std::map<uint32_t, Entry> entries_;  // guarded by mu_
};

}  // namespace skein::frontends::pgwire
