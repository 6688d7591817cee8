#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "common/cancellation.h"
#include "common/status.h"
#include "frontends/flightsql/conversation.h"
#include "frontends/flightsql/wire_types.h"
#include "results/batch_store.h"
#include "session/session.h"

namespace skein::frontends::flightsql {

/// One query's rows, cut into parts that are read on their own, each from its beginning as often as
/// somebody likes, while the query runs once.
///
/// Whoever reads pulls: a reader that has given all that was pulled for its part pulls the next
/// batch from the engine itself, so a query goes as fast as its readers read. The batch belongs to
/// the reader's part; of an ordered result it belongs to the part of its place: each takes
/// `part_bytes`, the last one the rest. A reader whose part is still to come then helps: it pulls
/// for the part whose turn it is, as long as that has a reader and memory has room for what that
/// reader has not taken yet; without such a reader what it pulls waits in memory or the file.
///
/// What was given stays in the store, so that it can be given again: in memory, then in the store's
/// file. What is to be read `once` is forgotten when it grows beyond kKeptBytes. When there is no
/// room, what was given is forgotten; for what nobody reads yet readers wait up to kRoomWait, and
/// then the result fails (53100).
///
/// When the last reader leaves before its part's end, and no other one comes within kGrace, the
/// query is ended and everything is freed.
///
/// Lock order: the conversation's, then this one's; neither is held while a batch goes to a socket
/// or a file. Thread-safe, but for what says that the conversation's lock is held.
class SharedResult {
 public:
  static constexpr int64_t kKeptBytes = int64_t{16} << 20;
  static constexpr std::chrono::milliseconds kGrace{700};
  static constexpr std::chrono::seconds kRoomWait{30};

  struct Options {
    size_t parts = 1;
    bool ordered = false;
    /// Each part may be read again until it expires.
    bool promised = false;
    /// What is not promised is not kept beyond kKeptBytes.
    bool once = false;
    WireTypes types;
    int64_t part_bytes = int64_t{64} << 20;
    std::shared_ptr<results::StoreBudget> budget;
    std::string directory;
  };

  SharedResult(std::shared_ptr<session::Prepared> prepared, std::vector<ParameterRow> rows,
               Options options);

  /// As the client sees it: what Read gives is still the engine's (ToWire).
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  bool ordered() const { return options_.ordered; }
  bool promised() const { return options_.promised; }
  size_t parts() const;
  /// All of it was pulled, or it failed.
  bool complete() const;
  /// How it ended; OK while it has not.
  Status end() const;
  int64_t rows() const;
  int64_t bytes() const;
  bool has_readers() const;
  /// It runs and nobody reads it any more: to be ended rather than to be put aside.
  bool orphaned() const;

  /// A reader of a part begins, or leaves; `broken`: before the part's end, which may wait for
  /// kGrace. The conversation's lock is not held.
  void Attach(size_t part);
  void Leave(Conversation& conversation, size_t part, bool broken);

  /// Batch `index` of `part`, nullptr behind the last one. Runs the query when nobody has. The
  /// conversation's lock is not held.
  Result<std::shared_ptr<arrow::RecordBatch>> Read(Conversation& conversation,
                                                   const arrow::flight::ServerCallContext& context,
                                                   size_t part, size_t index);

  /// Runs the query to its end, keeping all of it. The conversation's lock is held.
  Status RunToEnd(Conversation& conversation, const arrow::flight::ServerCallContext& context);

  /// Runs it with nobody to read, a batch at a time, until it is complete. The lock is not held.
  void RunInBackground(Conversation& conversation);
  /// Waits until it is complete, but not longer than to `deadline`.
  void WaitComplete(Clock::time_point deadline);
  /// Cuts a complete result of one part into `parts` of about the same size, in order. The first
  /// call decides: its parts may be read from then on.
  void Split(size_t parts);

  /// Ends the query; readers are told `why`. False when it had ended. What it holds goes with Free.
  /// One that is about to start may not notice: to be called again while the lock is not to be had.
  bool Cancel(const Status& why);
  /// Ends it and gives back all it holds. The conversation's lock is held.
  void Free(Conversation& conversation, const Status& why);

 private:
  /// A batch of a part: still in the hands of who pulled it, or kept, or (neither) forgotten.
  struct Slot {
    std::shared_ptr<arrow::RecordBatch> fresh;
    std::shared_ptr<const results::StoredBatch> kept;
    bool given = false;
  };
  struct Pulled {
    std::shared_ptr<arrow::RecordBatch> batch;  ///< null: the end
    size_t part = 0;
    size_t index = 0;
  };

  /// Pulls the next batch for whichever part it belongs to. `context` is null when nobody asked.
  /// The conversation's lock is held.
  Result<Pulled> Pull(Conversation& conversation, const arrow::flight::ServerCallContext* context,
                      size_t part);
  Result<std::shared_ptr<arrow::RecordBatch>> NextBatch(
      Conversation& conversation, const arrow::flight::ServerCallContext* context);
  /// Puts what was pulled into the store; `given`: its reader has it already.
  Status Keep(Conversation& conversation, const arrow::flight::ServerCallContext* context,
              const Pulled& pulled, bool given);
  /// The part that the next batch belongs to when `reader` pulls it.
  size_t PartOfLocked(size_t reader) const;
  bool HasReaderLocked(size_t part) const {
    return part < part_readers_.size() && part_readers_[part] > 0;
  }
  void DropRun(Conversation& conversation);
  void EndLocked(const Status& why);

  const Options options_;
  const std::shared_ptr<arrow::Schema> schema_;
  results::BatchStore store_;

  // Guarded by the conversation's lock.
  std::shared_ptr<session::Prepared> prepared_;
  const std::vector<ParameterRow> parameters_;
  size_t next_row_ = 0;
  std::unique_ptr<session::Execution> execution_;

  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::vector<std::vector<Slot>> parts_;  // guarded by mu_
  int64_t rows_ = 0;                      // guarded by mu_
  int64_t bytes_ = 0;                     // guarded by mu_
  bool forgets_ = false;                  // guarded by mu_
  bool begun_ = false;                    // guarded by mu_
  bool complete_ = false;                 // guarded by mu_
  Status end_;                            // guarded by mu_
  Status cancelled_;                      // guarded by mu_
  int readers_ = 0;                       // guarded by mu_
  std::vector<int> part_readers_;         // guarded by mu_
  uint64_t attached_ = 0;                 // guarded by mu_; how often
  bool left_broken_ = false;              // guarded by mu_
  bool split_ = false;                    // guarded by mu_
  CancelToken* running_ = nullptr;        // guarded by mu_
  /// Whose statement starts, which may take until its first rows: there is no token of it yet.
  session::Session* starting_ = nullptr;  // guarded by mu_
};

}  // namespace skein::frontends::flightsql
