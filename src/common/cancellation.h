#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "common/status.h"

namespace skein {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;

/// The one way to stop work: every query has a token, everybody who can end it (the client's
/// cancel, a timeout, a client that went away, the server's stop) calls Cancel, everybody who waits
/// on its behalf listens.
///
/// Latches: the first Cancel wins and its Status is what the query ends with; later ones do
/// nothing. Thread-safe. Callbacks run on the cancelling thread, under the token's lock (so that
/// ~Registration can promise that its callback is not running): they must be short, must not block,
/// and must not touch the token again.
class CancelToken {
 public:
  /// Detaches its callback when it goes; when the destructor returns the callback is not running
  /// and never will.
  class Registration {
   public:
    Registration() = default;
    Registration(CancelToken* token, uint64_t id) : token_(token), id_(id) {}
    Registration(Registration&& other) noexcept { *this = std::move(other); }
    Registration& operator=(Registration&& other) noexcept;
    ~Registration() { Detach(); }
    void Detach();

   private:
    CancelToken* token_ = nullptr;
    uint64_t id_ = 0;
  };

  CancelToken() = default;
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  /// `reason` must not be OK. Returns whether this call was the one that cancelled.
  bool Cancel(Status reason);

  bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }
  /// OK while not cancelled, then the reason.
  Status status() const;

  /// Runs `callback` at Cancel; at once, on this thread, when cancelled already. One callback at a
  /// time is all a query needs (its engine); a second registration replaces nothing and is an error
  /// checked in debug builds.
  [[nodiscard]] Registration OnCancel(std::function<void()> callback);

 private:
  mutable std::mutex mu_;
  std::atomic<bool> cancelled_{false};
  Status reason_;                   // guarded by mu_
  std::function<void()> callback_;  // guarded by mu_
  uint64_t callback_id_ = 0;        // guarded by mu_
};

}  // namespace skein
