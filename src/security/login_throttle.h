#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/status.h"

namespace skein::security {

/// Slows down who guesses passwords, without holding a thread: after kFreeFailures wrong ones,
/// further attempts are refused at once until a pause has passed, which doubles with each failure
/// up to kLongestPause. An attempt within the pause is refused whether the password is right or
/// not, so that it tells nothing, and does not make the pause longer.
///
/// Counts for each pair of address and user; and for each address over all users, since many people
/// may come from one, with kAddressFactor times as many free failures, of which one is forgotten
/// every kAddressRecovery. A success forgets the pair, an hour without failures forgets all. Holds
/// kMaxEntries at most: the one not touched for longest goes. Thread-safe, short.
class LoginThrottle {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  static constexpr int kFreeFailures = 5;
  static constexpr int kAddressFactor = 10;
  static constexpr std::chrono::seconds kAddressRecovery{5};
  static constexpr std::chrono::seconds kLongestPause{60};
  static constexpr std::chrono::hours kForgetAfter{1};
  static constexpr size_t kMaxEntries = 10'000;

  /// `clock` is for tests.
  explicit LoginThrottle(Clock clock = &std::chrono::steady_clock::now)
      : clock_(std::move(clock)) {}

  /// Whether an attempt may be made now; if not, 28P01 and how long to wait.
  Status Check(std::string_view address, std::string_view user);
  void Failed(std::string_view address, std::string_view user);
  void Succeeded(std::string_view address, std::string_view user);

  size_t size() const;

 private:
  struct Entry {
    int failures = 0;
    std::chrono::steady_clock::time_point last_failure;
    std::chrono::steady_clock::time_point blocked_until;
    std::list<std::string>::iterator place;
  };

  /// When attempts with this key may be made again; the past when they may now.
  std::chrono::steady_clock::time_point BlockedUntil(const std::string& key,
                                                     std::chrono::steady_clock::time_point now);
  /// `recovery`: after how long one failure is forgotten; 0: never.
  void Count(const std::string& key, int free_failures, std::chrono::seconds recovery,
             std::chrono::steady_clock::time_point now);

  const Clock clock_;
  mutable std::mutex mu_;
  std::unordered_map<std::string, Entry> entries_;  // guarded by mu_
  std::list<std::string> recent_;                   // guarded by mu_; the latest first
};

}  // namespace skein::security
