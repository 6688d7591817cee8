#include "frontends/flightsql/shared_result.h"

#include <algorithm>

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

#include "frontends/flightsql/call_watch.h"

namespace skein::frontends::flightsql {
namespace {

constexpr std::chrono::milliseconds kPoll{50};
/// A reader helps another one while there is room for this much more.
constexpr int64_t kAhead = int64_t{16} << 20;

Status Gone() { return errors::Cancelled("canceling statement because the client went away"); }

std::shared_ptr<arrow::Schema> SchemaOf(const session::Prepared& prepared) {
  if (prepared.returns() != engine::Returns::kRows || !prepared.schema()) return arrow::schema({});
  return prepared.schema();
}

}  // namespace

SharedResult::SharedResult(std::shared_ptr<session::Prepared> prepared,
                           std::vector<ParameterRow> rows, Options options)
    : options_(std::move(options)),
      schema_(options_.types.Apply(SchemaOf(*prepared))),
      store_(options_.budget, options_.directory),
      prepared_(std::move(prepared)),
      parameters_(std::move(rows)),
      parts_(options_.parts),
      part_readers_(options_.parts) {}

size_t SharedResult::parts() const {
  std::lock_guard lock(mu_);
  return parts_.size();
}

bool SharedResult::complete() const {
  std::lock_guard lock(mu_);
  return complete_;
}

Status SharedResult::end() const {
  std::lock_guard lock(mu_);
  return end_;
}

int64_t SharedResult::rows() const {
  std::lock_guard lock(mu_);
  return rows_;
}

int64_t SharedResult::bytes() const {
  std::lock_guard lock(mu_);
  return bytes_;
}

bool SharedResult::has_readers() const {
  std::lock_guard lock(mu_);
  return readers_ > 0;
}

bool SharedResult::orphaned() const {
  std::lock_guard lock(mu_);
  return begun_ && !complete_ && readers_ == 0 && left_broken_;
}

void SharedResult::Attach(size_t part) {
  std::lock_guard lock(mu_);
  ++readers_;
  ++part_readers_[part];
  ++attached_;
  left_broken_ = false;
  changed_.notify_all();
}

void SharedResult::Leave(Conversation& conversation, size_t part, bool broken) {
  {
    std::unique_lock lock(mu_);
    --readers_;
    --part_readers_[part];
    changed_.notify_all();
    if (!broken || readers_ > 0 || complete_) return;
    left_broken_ = true;
    // Somebody whose stream broke asks again at once; nobody else is waited for.
    uint64_t seen = attached_;
    changed_.wait_for(lock, kGrace, [&] { return attached_ != seen || complete_; });
    if (attached_ != seen || complete_) return;
  }
  // Another call may hold the conversation's lock because it puts this very result aside.
  Cancel(errors::Cancelled("the client closed the result"));
  auto lock = conversation.AcquireForCleanup();
  Free(conversation, errors::Cancelled("the result was given up when its reader went away"));
}

bool SharedResult::Cancel(const Status& why) {
  std::lock_guard lock(mu_);
  if (complete_) return false;
  if (cancelled_.ok()) cancelled_ = why;
  if (running_) running_->Cancel(why);
  if (starting_) starting_->CancelCurrent(why);
  changed_.notify_all();
  return true;
}

void SharedResult::EndLocked(const Status& why) {
  if (complete_) return;
  complete_ = true;
  end_ = why;
  changed_.notify_all();
}

void SharedResult::DropRun(Conversation& conversation) {
  if (!execution_) return;
  {
    std::lock_guard lock(mu_);
    running_ = nullptr;
  }
  execution_.reset();
  --conversation.open_results;
}

void SharedResult::Free(Conversation& conversation, const Status& why) {
  DropRun(conversation);
  prepared_.reset();
  std::vector<std::vector<Slot>> freed;
  std::lock_guard lock(mu_);
  freed.resize(parts_.size());
  EndLocked(why);
  if (end_.ok()) end_ = why;
  parts_.swap(freed);
}

Result<std::shared_ptr<arrow::RecordBatch>> SharedResult::NextBatch(
    Conversation& conversation, const arrow::flight::ServerCallContext* context) {
  while (true) {
    if (execution_ && execution_->returns_rows()) {
      SKEIN_ASSIGN_OR_RETURN(auto batch, execution_->Next());
      if (batch) return batch;
    }
    DropRun(conversation);
    if (next_row_ >= parameters_.size()) return std::shared_ptr<arrow::RecordBatch>();
    const ParameterRow& row = parameters_[next_row_++];
    {
      std::lock_guard lock(mu_);
      if (!cancelled_.ok()) return cancelled_;
      starting_ = conversation.session.get();
    }
    auto run = conversation.Run(context, prepared_, row);
    {
      std::lock_guard lock(mu_);
      starting_ = nullptr;
    }
    if (!run.ok()) return run.status();
    execution_ = *std::move(run);
    ++conversation.open_results;
    std::lock_guard lock(mu_);
    running_ = &execution_->cancel();
    if (!cancelled_.ok()) running_->Cancel(cancelled_);
  }
}

size_t SharedResult::PartOfLocked(size_t reader) const {
  if (!options_.ordered) return reader;
  return std::min(parts_.size() - 1, static_cast<size_t>(bytes_ / options_.part_bytes));
}

Result<SharedResult::Pulled> SharedResult::Pull(Conversation& conversation,
                                                const arrow::flight::ServerCallContext* context,
                                                size_t part) {
  {
    std::lock_guard lock(mu_);
    if (!cancelled_.ok()) EndLocked(cancelled_);
    if (complete_) return end_.ok() ? Result<Pulled>(Pulled{}) : Result<Pulled>(end_);
    begun_ = true;
  }
  std::optional<CallWatch> watch;
  if (context) {
    // The one that pulls may go away while others read on.
    watch.emplace(conversation.timer(), context, [this] {
      std::lock_guard lock(mu_);
      if (readers_ <= 1 && running_) running_->Cancel(Gone());
    });
  }
  auto batch = NextBatch(conversation, context);
  watch.reset();
  if (!batch.ok() || !*batch) {
    DropRun(conversation);
    prepared_.reset();
    std::lock_guard lock(mu_);
    EndLocked(batch.status());
    if (!batch.ok()) return batch.status();
    return Pulled{};
  }
  auto size = static_cast<int64_t>(arrow::util::TotalBufferSize(**batch));
  execution_->AddBytesSent(static_cast<size_t>(size));
  std::lock_guard lock(mu_);
  Pulled pulled{*batch, PartOfLocked(part), 0};
  rows_ += (*batch)->num_rows();
  bytes_ += size;
  pulled.index = parts_[pulled.part].size();
  parts_[pulled.part].push_back(Slot{*batch, nullptr, false});
  return pulled;
}

Status SharedResult::Keep(Conversation& conversation,
                          const arrow::flight::ServerCallContext* context, const Pulled& pulled,
                          bool given) {
  auto until = Clock::now() + kRoomWait;
  while (true) {
    std::shared_ptr<const results::StoredBatch> kept;
    bool forget = false;
    bool disk = !options_.once;
    {
      std::lock_guard lock(mu_);
      if (complete_ && !end_.ok()) return end_;
      if (!given && HasReaderLocked(pulled.part)) {
        // It will be fetched: there is no reason to write it first, nor to give up.
        disk = false;
        until = Clock::now() + kRoomWait;
      }
      if (options_.once && bytes_ > kKeptBytes) {
        forget = true;
        if (!std::exchange(forgets_, true)) {
          for (Slot& slot : parts_[pulled.part]) slot.kept.reset();
        }
      }
    }
    if (!forget) {
      auto stored = store_.Keep(pulled.batch, disk);
      // A full disk costs the second reading, not the first.
      if (!stored.ok() && !given) return stored.status();
      if (stored.ok()) kept = *std::move(stored);
    }
    std::unique_lock lock(mu_);
    auto& slots = parts_[pulled.part];
    if (pulled.index >= slots.size()) return end_;
    Slot& slot = slots[pulled.index];
    if (kept || given || slot.given) {
      slot.kept = std::move(kept);
      slot.fresh.reset();
      changed_.notify_all();
      return Status::OK();
    }
    // Its own reader may still fetch it; or room comes when other results go.
    changed_.wait_for(lock, kPoll);
    if (!cancelled_.ok()) return cancelled_;
    if (context && context->is_cancelled()) return Gone();
    if (Clock::now() < until) continue;
    lock.unlock();
    Status full = Status(StatusCode::kResourceExhausted, "53100",
                         "there is no room to keep the result, and its first endpoints are not "
                         "read")
                      .WithHint(
                          "Read the endpoints in their order or all at once, or give the "
                          "server more flight_spool_disk.");
    Cancel(full);
    auto held = conversation.AcquireForCleanup();
    Free(conversation, full);
    return full;
  }
}

Result<std::shared_ptr<arrow::RecordBatch>> SharedResult::Read(
    Conversation& conversation, const arrow::flight::ServerCallContext& context, size_t part,
    size_t index) {
  while (true) {
    // One that helps others would go on for somebody who is not there.
    if (context.is_cancelled()) return Gone();
    std::shared_ptr<const results::StoredBatch> stored;
    auto use = Conversation::For::kStatement;
    {
      std::unique_lock lock(mu_);
      // Rows for a further row of parameters are another statement's.
      if (begun_ && parameters_.size() == 1) use = Conversation::For::kOpenResult;
      auto& slots = parts_[part];
      if (index < slots.size()) {
        Slot& slot = slots[index];
        if (slot.fresh) {
          slot.given = true;
          changed_.notify_all();
          return slot.fresh;
        }
        stored = slot.kept;
        if (!stored) {
          return Status(StatusCode::kFailedPrecondition, "55000",
                        "the result was read already, and was not kept")
              .WithHint("Give the server more flight_spool_disk, or run the query again.");
        }
      } else if (complete_) {
        if (!end_.ok()) return end_;
        return std::shared_ptr<arrow::RecordBatch>();
      } else if (size_t turn = PartOfLocked(part); turn > part) {
        return std::shared_ptr<arrow::RecordBatch>();
      } else if (turn < part && HasReaderLocked(turn) && !options_.budget->HasMemory(kAhead)) {
        if (context.is_cancelled()) return Gone();
        changed_.wait_for(lock, kPoll);
        continue;
      }
    }
    if (stored) return stored->Load();
    Pulled pulled;
    {
      SKEIN_ASSIGN_OR_RETURN(auto lock, conversation.Acquire(context, use));
      {
        std::lock_guard look(mu_);
        if (complete_ || index < parts_[part].size()) continue;
      }
      SKEIN_ASSIGN_OR_RETURN(pulled, Pull(conversation, &context, part));
    }
    if (!pulled.batch) continue;
    bool own = pulled.part == part && pulled.index == index;
    SKEIN_RETURN_IF_ERROR(Keep(conversation, &context, pulled, own));
    if (own) return pulled.batch;
  }
}

Status SharedResult::RunToEnd(Conversation& conversation,
                              const arrow::flight::ServerCallContext& context) {
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(auto pulled, Pull(conversation, &context, 0));
    if (!pulled.batch) return Status::OK();
    auto kept = store_.Keep(pulled.batch, true);
    if (kept.ok() && !*kept) {
      kept = Status(StatusCode::kResourceExhausted, "53100", "there is no room to keep the result")
                 .WithHint("Give the server more flight_spool_disk.");
    }
    if (!kept.ok()) {
      Free(conversation, kept.status());
      return kept.status();
    }
    std::lock_guard lock(mu_);
    parts_[pulled.part][pulled.index] = Slot{nullptr, *kept, false};
  }
}

void SharedResult::RunInBackground(Conversation& conversation) {
  while (true) {
    Result<Pulled> pulled = Pulled{};
    {
      auto lock = conversation.AcquireForStatement();
      pulled = Pull(conversation, nullptr, 0);
    }
    if (!pulled.ok() || !pulled->batch) return;
    if (Status kept = Keep(conversation, nullptr, *pulled, false); !kept.ok()) {
      auto lock = conversation.AcquireForCleanup();
      Free(conversation, kept);
      return;
    }
  }
}

void SharedResult::WaitComplete(Clock::time_point deadline) {
  std::unique_lock lock(mu_);
  changed_.wait_until(lock, deadline, [this] { return complete_; });
}

void SharedResult::Split(size_t parts) {
  std::lock_guard lock(mu_);
  if (!complete_ || !end_.ok() || std::exchange(split_, true)) return;
  if (parts_.size() != 1 || parts < 2) return;
  std::vector<Slot> all = std::move(parts_[0]);
  parts_.assign(parts, {});
  part_readers_.assign(parts, 0);
  int64_t before = 0;
  for (Slot& slot : all) {
    auto part =
        static_cast<size_t>(before * static_cast<int64_t>(parts) / std::max<int64_t>(rows_, 1));
    before += slot.kept ? slot.kept->rows() : 0;
    parts_[std::min(part, parts - 1)].push_back(std::move(slot));
  }
}

}  // namespace skein::frontends::flightsql
