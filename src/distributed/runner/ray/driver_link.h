#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "distributed/runner/ray/driver_process.h"

namespace skein::distributed::ray {

/// What the driver says of one query, for the thread that runs it.
class QueryEvents {
 public:
  /// Waits for a message; an error when the driver is gone, or the query was cancelled while
  /// `cancellable`, or at the deadline.
  Result<FromDriver> Next(bool cancellable, Deadline deadline);

  void Add(FromDriver message);
  void Lose(const Status& why);
  /// Ends Next and the token of StartLocal. For a callback: short, and never blocks.
  void Cancel();
  /// A token for what the query runs in this process.
  std::shared_ptr<CancelToken> LocalToken();

 private:
  std::mutex mu_;
  std::condition_variable changed_;
  std::deque<FromDriver> messages_;  // guarded by mu_, as are those below
  Status lost_;
  bool cancelled_ = false;
  std::shared_ptr<CancelToken> local_;
};

/// Blocks of an output, and where those after them are.
struct FetchedBlocks {
  std::vector<Block> blocks;
  uint64_t position = 0;
  bool end = false;
};

/// One driver's life: hands what it says to those who wait for it. When the driver is gone, all
/// who wait, and all who come later, get the same error. Thread-safe.
class DriverLink {
 public:
  explicit DriverLink(std::unique_ptr<DriverProcess> process) : process_(std::move(process)) {}

  /// Reads until the driver is gone; gives why. `on_message` gets what is for no query.
  Status Serve(const std::function<void(const FromDriver&)>& on_message);
  void Abort() { process_->Abort(); }
  void Stop(Deadline deadline) { process_->Stop(deadline); }
  DriverProcess& process() { return *process_; }

  std::shared_ptr<QueryEvents> Register(const std::string& query_id);
  void Unregister(const std::string& query_id);

  Status Send(const ToDriver& message, const std::vector<Block>& blocks = {});

  /// Asks for blocks of an output, from `position` on (0 at first).
  std::future<Result<FetchedBlocks>> Fetch(ToDriver::Fetch fetch);

 private:
  void Lose(const Status& why);
  void Deliver(const FromDriver::Blocks& message, DriverProcess::Payload payload);

  std::unique_ptr<DriverProcess> process_;
  std::mutex mu_;
  Status lost_;  // guarded by mu_, as are those below
  std::map<std::string, std::shared_ptr<QueryEvents>> queries_;
  std::map<uint64_t, std::promise<Result<FetchedBlocks>>> fetches_;
  uint64_t last_request_ = 0;
};

}  // namespace skein::distributed::ray
