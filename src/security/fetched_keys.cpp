#include "security/fetched_keys.h"

namespace skein::security {

FetchedKeys::FetchedKeys(Options options, Fetch fetch)
    : options_(std::move(options)), fetch_(std::move(fetch)), thread_([this] { Run(); }) {}

FetchedKeys::~FetchedKeys() {
  (void)cancel_.Cancel(errors::ShuttingDown("the server is stopping"));
  {
    std::lock_guard lock(mu_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

KeySource::Keys FetchedKeys::Get() {
  std::lock_guard lock(mu_);
  return keys_;
}

KeySource::Keys FetchedKeys::Newer(const Keys& seen) {
  std::unique_lock lock(mu_);
  if (keys_ != seen) return keys_;
  if (!fetching_ && !wanted_) {
    if (Clock::now() - started_ < options_.min_interval) return keys_;
    wanted_ = true;
    changed_.notify_all();
  }
  changed_.wait_for(lock, options_.wait,
                    [&, before = fetches_] { return ended_ || fetches_ != before; });
  return keys_;
}

void FetchedKeys::Run() {
  std::unique_lock lock(mu_);
  while (!ended_) {
    fetching_ = true;
    wanted_ = false;
    started_ = Clock::now();
    lock.unlock();
    auto text = fetch_(cancel_);
    Status status = text.status();
    Keys keys;
    if (status.ok()) {
      auto parsed = ParseJsonWebKeys(*text);
      status = parsed.status();
      if (status.ok()) keys = std::make_shared<const std::vector<JsonWebKey>>(*std::move(parsed));
    }
    if (!status.ok() && !cancel_.cancelled()) options_.on_failure(status);
    lock.lock();
    if (keys) keys_ = std::move(keys);
    fetching_ = false;
    ++fetches_;
    changed_.notify_all();
    auto pause = status.ok() ? options_.period : std::min(options_.min_interval, options_.period);
    changed_.wait_for(lock, pause, [&] { return ended_ || wanted_; });
  }
}

}  // namespace skein::security
