#include "security/login_throttle.h"

#include <algorithm>

#include <fmt/format.h>

namespace skein::security {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

/// Names are cut so that what a stranger sends does not decide how much is kept.
constexpr size_t kMaxNameBytes = 128;

std::string PairKey(std::string_view address, std::string_view user) {
  return fmt::format("{}\n{}", address.substr(0, kMaxNameBytes), user.substr(0, kMaxNameBytes));
}
std::string AddressKey(std::string_view address) {
  return std::string(address.substr(0, kMaxNameBytes));
}

}  // namespace

TimePoint LoginThrottle::BlockedUntil(const std::string& key, TimePoint now) {
  auto it = entries_.find(key);
  if (it == entries_.end()) return TimePoint();
  if (now - it->second.last_failure > kForgetAfter) {
    recent_.erase(it->second.place);
    entries_.erase(it);
    return TimePoint();
  }
  return it->second.blocked_until;
}

Status LoginThrottle::Check(std::string_view address, std::string_view user) {
  std::lock_guard lock(mu_);
  auto now = clock_();
  TimePoint until =
      std::max(BlockedUntil(PairKey(address, user), now), BlockedUntil(AddressKey(address), now));
  if (until <= now) return Status::OK();
  auto seconds = std::chrono::ceil<std::chrono::seconds>(until - now).count();
  return errors::Unauthenticated("too many log-ins failed; this one was not tried")
      .WithHint(fmt::format("Try again in {} s.", seconds));
}

void LoginThrottle::Count(const std::string& key, int free_failures, std::chrono::seconds recovery,
                          TimePoint now) {
  auto [it, added] = entries_.try_emplace(key);
  Entry& entry = it->second;
  if (added) {
    recent_.push_front(key);
    entry.place = recent_.begin();
  } else {
    recent_.splice(recent_.begin(), recent_, entry.place);
  }
  if (recovery.count() > 0) {
    auto forgotten = (now - entry.last_failure) / recovery;
    entry.failures = static_cast<int>(
        std::max<int64_t>(0, entry.failures - std::min<int64_t>(forgotten, entry.failures)));
  }
  entry.last_failure = now;
  int over = ++entry.failures - free_failures;
  if (over >= 0) {
    constexpr int kDoublings = 6;  // beyond which the longest pause holds anyway
    auto pause = std::chrono::seconds(1 << std::min(over, kDoublings));
    entry.blocked_until = now + std::min(pause, kLongestPause);
  }
  while (entries_.size() > kMaxEntries) {
    entries_.erase(recent_.back());
    recent_.pop_back();
  }
}

void LoginThrottle::Failed(std::string_view address, std::string_view user) {
  std::lock_guard lock(mu_);
  auto now = clock_();
  Count(PairKey(address, user), kFreeFailures, std::chrono::seconds(0), now);
  Count(AddressKey(address), kFreeFailures * kAddressFactor, kAddressRecovery, now);
}

void LoginThrottle::Succeeded(std::string_view address, std::string_view user) {
  std::lock_guard lock(mu_);
  auto it = entries_.find(PairKey(address, user));
  if (it == entries_.end()) return;
  recent_.erase(it->second.place);
  entries_.erase(it);
}

size_t LoginThrottle::size() const {
  std::lock_guard lock(mu_);
  return entries_.size();
}

}  // namespace skein::security
