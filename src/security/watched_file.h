#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/status.h"

namespace skein::security {

/// What tells one state of a file from another; a file that was replaced has another inode.
struct FileVersion {
  int64_t seconds = 0;
  int64_t nanoseconds = 0;
  int64_t size = 0;
  uint64_t inode = 0;
  uint32_t mode = 0;
  bool operator==(const FileVersion&) const = default;
};

/// Both block on the disk; `what` names the file in an error ("the users file").
Result<FileVersion> StatFile(std::string_view what, const std::string& path);
Result<std::string> ReadWholeFile(std::string_view what, const std::string& path, size_t max_bytes);

/// The meaning of a file, kept up to date with it.
///
/// Thread-safe. Get may read the file, at most once in kCheckInterval and in one thread at a time;
/// the others are answered from what was read before. A changed file that is wrong, or is gone,
/// changes nothing: the last good one stays, and warning() says so until it is good again.
template <typename Value>
class WatchedFile {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Parse = Result<Value> (*)(std::string_view text);

  /// How long a change of the file may stay unseen.
  static constexpr std::chrono::seconds kCheckInterval{1};

  /// Reads the file; the error names it. `clock` is for tests.
  static Result<std::unique_ptr<WatchedFile>> Open(std::string what, std::string path,
                                                   size_t max_bytes, Parse parse,
                                                   Clock clock = &std::chrono::steady_clock::now) {
    std::unique_ptr<WatchedFile> file(
        new WatchedFile(std::move(what), std::move(path), max_bytes, parse, std::move(clock)));
    SKEIN_ASSIGN_OR_RETURN(Loaded loaded, file->Load());
    file->value_ = std::move(loaded.value);
    file->seen_ = loaded.version;
    file->mode_ = loaded.version.mode;
    file->next_check_ = file->clock_() + kCheckInterval;
    return file;
  }

  std::shared_ptr<const Value> Get() {
    LoadIfChanged();
    return Last();
  }
  /// As it was read last.
  std::shared_ptr<const Value> Last() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return value_;
  }
  /// Empty when the file on the disk is the one in use.
  std::string warning() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return warning_;
  }
  /// The permissions of the file in use.
  uint32_t mode() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return mode_;
  }
  const std::string& path() const { return path_; }

 private:
  struct Loaded {
    std::shared_ptr<const Value> value;
    FileVersion version;
  };

  WatchedFile(std::string what, std::string path, size_t max_bytes, Parse parse, Clock clock)
      : what_(std::move(what)),
        path_(std::move(path)),
        max_bytes_(max_bytes),
        parse_(parse),
        clock_(std::move(clock)) {}

  Result<Loaded> Load() const {
    // Looked at before it is read: a change in between is then seen at the next look.
    SKEIN_ASSIGN_OR_RETURN(FileVersion version, StatFile(what_, path_));
    SKEIN_ASSIGN_OR_RETURN(std::string text, ReadWholeFile(what_, path_, max_bytes_));
    Result<Value> value = parse_(text);
    if (!value.ok()) {
      return errors::InvalidParameter(fmt::format("{}: {}", path_, value.status().message()))
          .WithHint(value.status().hint());
    }
    return Loaded{std::make_shared<const Value>(*std::move(value)), version};
  }

  void LoadIfChanged() {
    std::unique_lock<std::mutex> reload(reload_mutex_, std::try_to_lock);
    if (!reload.owns_lock()) return;
    auto now = clock_();
    if (now < next_check_) return;
    next_check_ = now + kCheckInterval;
    Result<FileVersion> version = StatFile(what_, path_);
    if (version.ok() && seen_ == *version) return;
    Result<Loaded> loaded = version.ok() ? Load() : Result<Loaded>(version.status());
    seen_ = version.ok() ? std::optional<FileVersion>(*version) : std::nullopt;
    std::lock_guard<std::mutex> lock(mutex_);
    if (!loaded.ok()) {
      warning_ = fmt::format("{} changed and can not be used, that of before stays: {}", what_,
                             loaded.status().ToString());
      return;
    }
    value_ = std::move(loaded->value);
    mode_ = loaded->version.mode;
    warning_.clear();
  }

  const std::string what_;
  const std::string path_;
  const size_t max_bytes_;
  const Parse parse_;
  const Clock clock_;

  // Held while the file is looked at; taken before mutex_, never after it. A call that does not
  // get it goes on.
  std::mutex reload_mutex_;
  std::chrono::steady_clock::time_point next_check_;  // guarded by reload_mutex_
  std::optional<FileVersion> seen_;  // guarded by reload_mutex_; nullopt when the file is gone

  mutable std::mutex mutex_;
  std::shared_ptr<const Value> value_;  // guarded by mutex_
  uint32_t mode_ = 0;                   // guarded by mutex_
  std::string warning_;                 // guarded by mutex_
};

}  // namespace skein::security
