#include "frontends/flightsql/background_runs.h"

namespace skein::frontends::flightsql {

Status BackgroundRuns::Start(std::function<void()> run) {
  Reap();
  std::lock_guard lock(mu_);
  if (stopped_) return errors::ShuttingDown("the server is stopping and takes no new statements");
  if (runs_.size() >= kMaxRuns) {
    return {StatusCode::kResourceExhausted, "53400", "too many queries are being polled"};
  }
  Run& added = runs_.emplace_back();
  added.thread = std::thread([this, &added, body = std::move(run)] {
    body();
    std::lock_guard done(mu_);
    added.done = true;
  });
  return Status::OK();
}

std::list<BackgroundRuns::Run> BackgroundRuns::TakeDoneLocked(bool all) {
  std::list<Run> taken;
  for (auto it = runs_.begin(); it != runs_.end();) {
    auto next = std::next(it);
    if (all || it->done) taken.splice(taken.end(), runs_, it);
    it = next;
  }
  return taken;
}

void BackgroundRuns::Reap() {
  std::list<Run> ended;
  {
    std::lock_guard lock(mu_);
    ended = TakeDoneLocked(false);
  }
  for (Run& run : ended) run.thread.join();
}

void BackgroundRuns::Join() {
  std::list<Run> all;
  {
    std::lock_guard lock(mu_);
    stopped_ = true;
    // The list's nodes stay where they are: their threads mark them.
    all = TakeDoneLocked(true);
  }
  for (Run& run : all) run.thread.join();
}

}  // namespace skein::frontends::flightsql
