#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/cancellation.h"
#include "common/status.h"

namespace skein::frontends::flightsql {

class SharedResult;

/// A ticket: the handle of a result, and which of its parts is meant.
struct TicketName {
  std::string handle;
  size_t part = 0;

  std::string Text() const { return handle + "." + std::to_string(part); }
  /// nullopt for what Text never gives.
  static std::optional<TicketName> Parse(const std::string& text);
};

/// The results of one conversation, by their handles, until they expire.
///
/// Of results that were read to their end and are not promised to be kept, the last
/// kKeptUnpromised stay for a second reading. Thread-safe, apart from the conversation's lock: a
/// result is found while it runs.
class ResultTable {
 public:
  /// A client that asks for results and never fetches them is stopped here.
  static constexpr size_t kMaxResults = 10'000;
  static constexpr size_t kKeptUnpromised = 64;

  using Freed = std::vector<std::shared_ptr<SharedResult>>;

  /// `freed`: what made room; to be freed with the conversation's lock held. 54000 when there are
  /// too many.
  Status Add(const std::string& handle, std::shared_ptr<SharedResult> result,
             Clock::time_point expires, Freed* freed);
  /// 34000 when it is not there, or is there no more.
  Result<std::shared_ptr<SharedResult>> Find(const std::string& handle);
  /// As Find; it expires at `expires` then, if that is later.
  Result<std::shared_ptr<SharedResult>> Renew(const std::string& handle, Clock::time_point expires);
  void Remove(const std::string& handle);
  /// Those that nobody reads and whose time is over.
  Freed TakeExpired(Clock::time_point now);
  Freed TakeAll();
  /// Those that run and were left by their readers.
  Freed Orphans();
  std::vector<std::shared_ptr<SharedResult>> All();

 private:
  struct Entry {
    std::shared_ptr<SharedResult> result;
    Clock::time_point expires;
  };
  Status Missing(const std::string& handle) const;

  mutable std::mutex mu_;
  std::map<std::string, Entry> results_;  // guarded by mu_
  std::deque<std::string> order_;         // guarded by mu_; unpromised ones, oldest first
  std::deque<std::string> expired_;       // guarded by mu_; the last ones, for a better error
};

}  // namespace skein::frontends::flightsql
