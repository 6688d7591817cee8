#include "engine/session_directory.h"

#include <algorithm>
#include <limits>

namespace skein::engine {

SessionEntry::SessionEntry(int32_t id, std::string user_name, std::string door_name,
                           std::string peer_address)
    : pid(id),
      user(std::move(user_name)),
      door(std::move(door_name)),
      peer(std::move(peer_address)),
      started(std::chrono::system_clock::now()) {
  state_.state_change = started;
}

void SessionEntry::Begin(std::string query) {
  std::lock_guard lock(mu_);
  state_.active = true;
  state_.query = std::move(query);
  state_.query_start = state_.state_change = std::chrono::system_clock::now();
}

void SessionEntry::End(bool in_transaction) {
  std::lock_guard lock(mu_);
  state_.active = false;
  state_.in_transaction = in_transaction;
  state_.state_change = std::chrono::system_clock::now();
}

void SessionEntry::SetApplicationName(std::string name) {
  std::lock_guard lock(mu_);
  state_.application_name = std::move(name);
}

void SessionEntry::SetNames(Names names) {
  std::lock_guard lock(mu_);
  names_ = std::move(names);
}

SessionEntry::Names SessionEntry::names() const {
  std::lock_guard lock(mu_);
  return names_;
}

std::shared_ptr<SessionEntry> SessionDirectory::Add(
    std::string user, std::string door, std::string peer,
    std::function<bool(Status, bool terminate)> stop) {
  std::lock_guard lock(mu_);
  auto taken = [&](int32_t pid) {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const auto& entry) { return entry->pid == pid; });
  };
  while (taken(next_pid_))
    next_pid_ = next_pid_ == std::numeric_limits<int32_t>::max() ? 1 : next_pid_ + 1;
  std::shared_ptr<SessionEntry> entry(
      new SessionEntry(next_pid_, std::move(user), std::move(door), std::move(peer)));
  next_pid_ = next_pid_ == std::numeric_limits<int32_t>::max() ? 1 : next_pid_ + 1;
  entry->stop_ = std::move(stop);
  entries_.push_back(entry);
  return entry;
}

void SessionDirectory::Remove(const std::shared_ptr<SessionEntry>& entry) {
  {
    std::lock_guard lock(mu_);
    std::erase(entries_, entry);
  }
  std::lock_guard lock(entry->mu_);
  entry->stop_ = nullptr;
}

std::vector<std::shared_ptr<SessionEntry>> SessionDirectory::List() const {
  std::lock_guard lock(mu_);
  return entries_;
}

std::shared_ptr<SessionEntry> SessionDirectory::Find(int32_t pid) const {
  std::lock_guard lock(mu_);
  for (const auto& entry : entries_) {
    if (entry->pid == pid) return entry;
  }
  return nullptr;
}

bool SessionDirectory::Stop(SessionEntry& entry, Status reason, bool terminate) {
  // Under the entry's lock, so that Remove can wait for it. A session's own lock is taken within.
  std::lock_guard lock(entry.mu_);
  return entry.stop_ && entry.stop_(std::move(reason), terminate);
}

}  // namespace skein::engine
