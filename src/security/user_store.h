#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "security/scram.h"
#include "security/watched_file.h"

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
/// signed in stay so. Thread-safe; lookups and changes of the file as WatchedFile has them.
class UserStore {
 public:
  using Clock = WatchedFile<UserMap>::Clock;
  static constexpr std::chrono::seconds kCheckInterval = WatchedFile<UserMap>::kCheckInterval;

  /// Reads the file; the error names it. `clock` is for tests.
  static Result<std::unique_ptr<UserStore>> Open(std::string path,
                                                 Clock clock = &std::chrono::steady_clock::now);

  /// The user's verifier, or nullopt when there is no such user (use MockVerifier then).
  std::optional<ScramVerifier> Find(std::string_view name);

  /// What the operator should know, for the log: others can read the file; the changed file is
  /// wrong. A function of the last read, so that it can be asked often.
  std::vector<std::string> warnings() const;

  size_t size() const;
  const std::string& path() const { return file_->path(); }

 private:
  explicit UserStore(std::unique_ptr<WatchedFile<UserMap>> file) : file_(std::move(file)) {}

  std::unique_ptr<WatchedFile<UserMap>> file_;
};

}  // namespace skein::security
