#include "frontends/flightsql/result_table.h"

#include <algorithm>
#include <charconv>

#include "frontends/flightsql/shared_result.h"

namespace skein::frontends::flightsql {
namespace {
constexpr size_t kRemembered = 1000;
/// How many of the oldest are looked at for one that can go.
constexpr size_t kLookedAt = 16;
}  // namespace

std::optional<TicketName> TicketName::Parse(const std::string& text) {
  size_t dot = text.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  TicketName name;
  name.handle = text.substr(0, dot);
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data() + dot + 1, end, name.part);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return name;
}

Status ResultTable::Missing(const std::string& handle) const {
  bool expired = std::find(expired_.begin(), expired_.end(), handle) != expired_.end();
  return Status(errors::UndefinedCursor(expired ? "the ticket has expired"
                                                : "the ticket does not exist"))
      .WithHint(
          "A ticket is good for some minutes, by the user it was made for, as long as the session "
          "lasts.");
}

Status ResultTable::Add(const std::string& handle, std::shared_ptr<SharedResult> result,
                        Clock::time_point expires, Freed* freed) {
  std::lock_guard lock(mu_);
  bool promised = result->promised();
  for (size_t i = 0; order_.size() >= kKeptUnpromised && i < kLookedAt; ++i) {
    auto found = results_.find(order_.front());
    if (found == results_.end() || found->second.result->complete()) {
      if (found != results_.end()) {
        freed->push_back(std::move(found->second.result));
        results_.erase(found);
      }
      order_.pop_front();
    } else {
      order_.push_back(std::move(order_.front()));
      order_.pop_front();
    }
  }
  if (results_.size() >= kMaxResults) {
    return errors::TooLarge("too many results were asked for and never fetched in this session");
  }
  results_.emplace(handle, Entry{std::move(result), expires});
  if (!promised) order_.push_back(handle);
  return Status::OK();
}

Result<std::shared_ptr<SharedResult>> ResultTable::Find(const std::string& handle) {
  std::lock_guard lock(mu_);
  auto found = results_.find(handle);
  if (found == results_.end()) return Missing(handle);
  if (found->second.expires < Clock::now() && !found->second.result->has_readers()) {
    return Status(errors::UndefinedCursor("the ticket has expired"));
  }
  return found->second.result;
}

Result<std::shared_ptr<SharedResult>> ResultTable::Renew(const std::string& handle,
                                                         Clock::time_point expires) {
  std::lock_guard lock(mu_);
  auto found = results_.find(handle);
  if (found == results_.end()) return Missing(handle);
  found->second.expires = std::max(found->second.expires, expires);
  return found->second.result;
}

void ResultTable::Remove(const std::string& handle) {
  std::lock_guard lock(mu_);
  results_.erase(handle);
}

ResultTable::Freed ResultTable::TakeExpired(Clock::time_point now) {
  Freed taken;
  std::lock_guard lock(mu_);
  for (auto it = results_.begin(); it != results_.end();) {
    if (it->second.expires >= now || it->second.result->has_readers()) {
      ++it;
      continue;
    }
    taken.push_back(std::move(it->second.result));
    expired_.push_back(it->first);
    if (expired_.size() > kRemembered) expired_.pop_front();
    it = results_.erase(it);
  }
  return taken;
}

ResultTable::Freed ResultTable::TakeAll() {
  Freed taken;
  std::lock_guard lock(mu_);
  for (auto& [handle, entry] : results_) taken.push_back(std::move(entry.result));
  results_.clear();
  order_.clear();
  return taken;
}

ResultTable::Freed ResultTable::Orphans() {
  Freed found;
  std::lock_guard lock(mu_);
  for (auto& [handle, entry] : results_) {
    if (entry.result->orphaned()) found.push_back(entry.result);
  }
  return found;
}

std::vector<std::shared_ptr<SharedResult>> ResultTable::All() {
  Freed found;
  std::lock_guard lock(mu_);
  for (auto& [handle, entry] : results_) found.push_back(entry.result);
  return found;
}

}  // namespace skein::frontends::flightsql
