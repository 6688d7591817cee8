#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "security/scram.h"

namespace skein::security {

/// A users file is read whole; this is room for some hundred thousand users.
inline constexpr size_t kMaxUsersFileBytes = 32u << 20;

using UserMap = std::map<std::string, ScramVerifier, std::less<>>;

/// Reads the text of a users file: one `name:verifier` a line (see ScramVerifier), empty lines and
/// lines that begin with
/// '#' are skipped. Pure. The error (22023) names the line and says what would be right; it never
/// quotes a verifier.
Result<UserMap> ParseUsers(std::string_view text);

/// A name that can stand in a users file: not empty, UTF-8, no ':', no control characters, no blank
/// at its ends, not beginning with '#'.
Status CheckUserName(std::string_view name);

/// Sets or replaces one user's verifier in the file, leaving the other lines as they are; makes the
/// file, readable by its owner only, if there is none. The file is replaced in one step: a reader
/// sees it before or after. Blocks on the disk.
Status WriteUser(const std::string& path, std::string_view name, const ScramVerifier& verifier);

/// The users that a users file names, kept up to date with the file.
///
/// Does not authenticate: it gives the verifier to who does. When the file changes, users who are
/// signed in stay so. Thread-safe. A lookup may read the file, at most once in kCheckInterval and
/// in one thread at a time; the others are answered from what was read before. A changed file that
/// is wrong, or is gone, changes nothing: the users of the last good one stay, and warnings() says
/// so until it is good again.
class UserStore {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// How long a change of the file may stay unseen.
  static constexpr std::chrono::seconds kCheckInterval{1};

  /// Reads the file; the error names it. `clock` is for tests.
  static Result<std::unique_ptr<UserStore>> Open(std::string path,
                                                 Clock clock = &std::chrono::steady_clock::now);

  /// The user's verifier, or nullopt when there is no such user (use MockVerifier then).
  std::optional<ScramVerifier> Find(std::string_view name);

  /// What the operator should know, for the log: others can read the file; the changed file is
  /// wrong. A function of the last read, so that it can be asked often.
  std::vector<std::string> warnings() const;

  size_t size() const;
  const std::string& path() const { return path_; }

 private:
  // What tells one state of the file from another; a file that was replaced has another inode.
  struct Version {
    int64_t seconds = 0;
    int64_t nanoseconds = 0;
    int64_t size = 0;
    uint64_t inode = 0;
    uint32_t mode = 0;
    bool operator==(const Version&) const = default;
  };
  struct Loaded {
    UserMap users;
    Version version;
  };

  UserStore(std::string path, Clock clock) : path_(std::move(path)), clock_(std::move(clock)) {}

  static Result<Version> Stat(const std::string& path);
  static Result<Loaded> Load(const std::string& path);
  void ReloadIfChanged();

  const std::string path_;
  const Clock clock_;

  // Held while the file is looked at; taken before mutex_, never after it. A lookup that does not
  // get it goes on.
  std::mutex reload_mutex_;
  std::chrono::steady_clock::time_point next_check_;  // guarded by reload_mutex_
  std::optional<Version> seen_;  // guarded by reload_mutex_; nullopt when the file is gone

  mutable std::mutex mutex_;
  std::shared_ptr<const UserMap> users_;  // guarded by mutex_
  std::string open_to_others_;            // guarded by mutex_; the warning or empty
  std::string reload_error_;              // guarded by mutex_; the warning or empty
};

}  // namespace skein::security
