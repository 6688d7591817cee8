#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "common/cancellation.h"
#include "common/status.h"
#include "security/jwt.h"

namespace skein::security {

/// An issuer's keys, fetched from where it publishes them: at once, each `period`, and when a token
/// names a key that is not known, which is how a change of keys is noticed.
///
/// What fails, or is no key set, changes nothing: the last good keys stay, `on_failure` hears of
/// it, and it is tried again after `min_interval`. Without any keys yet, Get gives none.
///
/// Lifecycle: a thread fetches from construction on; the destructor cancels what it does and joins
/// it. Thread-safe.
class FetchedKeys : public KeySource {
 public:
  /// Runs on the thread of this object; ends soon after `cancel` was cancelled, and by itself.
  using Fetch = std::function<Result<std::string>(const CancelToken& cancel)>;
  struct Options {
    std::chrono::milliseconds period{std::chrono::minutes(10)};
    /// Tokens with invented names of keys cause no more fetches than this allows.
    std::chrono::milliseconds min_interval{std::chrono::seconds(10)};
    /// How long Newer waits.
    std::chrono::milliseconds wait{std::chrono::seconds(5)};
    std::function<void(const Status& why)> on_failure = [](const Status&) {};
  };

  FetchedKeys(Options options, Fetch fetch);
  ~FetchedKeys() override;

  Keys Get() override;
  /// Fetches when the last fetch is long enough ago, and waits for one that runs.
  Keys Newer(const Keys& seen) override;

 private:
  void Run();

  const Options options_;
  const Fetch fetch_;
  CancelToken cancel_;

  std::mutex mu_;
  std::condition_variable changed_;
  Keys keys_ = std::make_shared<const std::vector<JsonWebKey>>();  // guarded by mu_
  Clock::time_point started_{};  // guarded by mu_; of the last fetch
  bool fetching_ = true;         // guarded by mu_
  bool wanted_ = false;          // guarded by mu_
  uint64_t fetches_ = 0;         // guarded by mu_; that ended
  bool ended_ = false;           // guarded by mu_
  std::thread thread_;
};

}  // namespace skein::security
