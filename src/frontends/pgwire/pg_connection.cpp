#include "frontends/pgwire/pg_connection.h"

#include <algorithm>

#include <arrow/record_batch.h>

#include "engine/postgres_settings.h"
#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/frame_reader.h"

namespace skein::frontends::pgwire {
namespace {

/// A connection that is busy keeps its thread between messages: handing it to another costs more
/// than waiting a little. It waits longer the more often that was worth it, from the first to the
/// second; a thousand idle clients then cost a few threads, not a thousand.
constexpr std::chrono::milliseconds kShortLinger{2};
constexpr std::chrono::milliseconds kLongLinger{1000};
/// How long a client may take none of what it asked for.
constexpr std::chrono::minutes kWriteDeadline{10};
constexpr std::chrono::seconds kStartupDeadline{60};
constexpr size_t kReadBytes = 16384;
constexpr size_t kSendBytes = 256 * 1024;
/// Rows are encoded in pieces of about this size, so that the client works while we encode the
/// next.
constexpr size_t kEncodeBytes = 128 * 1024;
constexpr std::chrono::milliseconds kAbandonedAfter{200};

int64_t Ticks() { return Clock::now().time_since_epoch().count(); }

}  // namespace

PgConnection::PgConnection(PgDoor& door, std::unique_ptr<net::Stream> stream)
    : door_(door), stream_(std::move(stream)), linger_(kShortLinger) {
  net::Stream* raw = stream_.get();
  startup_timer_ =
      door_.services_->timer->At(Clock::now() + kStartupDeadline, [raw] { raw->Abort(); });
}

PgConnection::~PgConnection() {
  door_.services_->timer->Remove(startup_timer_);
  door_.services_->timer->Remove(idle_timer_);
  if (key_.process_id) door_.cancels_.Remove(key_.process_id);
  portals_.clear();
  session_.reset();
}

void PgConnection::Shutdown(Status why) {
  {
    std::lock_guard lock(shutdown_mu_);
    shutdown_ = std::move(why);
  }
  stream_->StopReading();
}

void PgConnection::Abort() {
  CancelStatement(errors::ShuttingDown("terminating connection: the server is stopping"));
}

void PgConnection::CancelStatement(Status reason) {
  // Registered only once session_ is there, and removed before it goes.
  if (session_) session_->CancelCurrent(std::move(reason));
}

void PgConnection::CancelIfAbandoned() {
  int64_t since = running_since_.load(std::memory_order_relaxed);
  if (since == 0 || Clock::duration(Ticks() - since) < kAbandonedAfter || !stream_->PeerGone())
    return;
  CancelStatement(errors::ConnectionLost("the client is gone"));
}

net::Next PgConnection::Serve() {
  door_.services_->timer->Remove(idle_timer_);
  if (state_ == State::kStartup) {
    Status status = StartUp();
    if (!status.ok()) {
      if (status.code() != StatusCode::kUnavailable) (void)Goodbye(status);
      return net::Next::kClose;
    }
  }
  while (state_ == State::kReady) {
    Frame frame = ReadFrame(input(), door_.options_.max_message_bytes);
    if (frame.status == FrameStatus::kTooLarge || frame.status == FrameStatus::kMalformed) {
      (void)Goodbye(FrameError(frame, door_.options_.max_message_bytes));
      return net::Next::kClose;
    }
    if (frame.status == FrameStatus::kNeedMore) {
      if (!Flush().ok()) return net::Next::kClose;
      if (!stream_->HasBufferedInput()) {
        auto readable = stream_->WaitReadable(Clock::now() + linger_);
        if (!readable.ok()) return net::Next::kClose;
        if (*readable) {
          linger_ = std::min(linger_ * 4, kLongLinger);
        } else {
          linger_ = kShortLinger;
          // Nothing for a while: give the buffers back and wait without a thread.
          if (in_begin_ == in_.size()) {
            std::string().swap(in_);
            in_begin_ = 0;
          }
          std::string().swap(out_);
          if (auto limit = IdleLimit(); limit.count() > 0) {
            idle_timer_ = door_.services_->timer->At(Clock::now() + limit, [this] {
              timed_out_ = true;
              stream_->StopReading();
            });
          }
          return net::Next::kPark;
        }
      }
      auto more = ReadMore(frame.needed, std::nullopt);
      if (!more.ok()) return net::Next::kClose;
      if (!*more) {
        std::unique_lock lock(shutdown_mu_);
        Status why = shutdown_;
        lock.unlock();
        if (why.ok() && timed_out_) why = idle_end_;
        if (!why.ok()) (void)Goodbye(why);
        return net::Next::kClose;
      }
      continue;
    }
    Status status = HandleMessage(frame.type, frame.payload);
    Consume(frame.consumed);
    if (!status.ok()) {
      if (status.code() != StatusCode::kUnavailable) (void)Goodbye(status);
      return net::Next::kClose;
    }
  }
  return net::Next::kClose;
}

std::chrono::milliseconds PgConnection::IdleLimit() {
  auto setting = [&](const char* name) {
    return std::chrono::milliseconds(
        engine::SettingMilliseconds(session_->setting(name).value_or("0")));
  };
  std::chrono::milliseconds limit = door_.options_.idle_timeout;
  idle_end_ = Status(StatusCode::kUnavailable, "57P05",
                     "terminating connection due to idle-session timeout");
  auto shorten = [&](std::chrono::milliseconds wanted) {
    bool shorter = wanted.count() > 0 && (limit.count() == 0 || wanted < limit);
    if (shorter) limit = wanted;
    return shorter;
  };
  if (session_->transaction_state() == engine::TransactionState::kIdle) {
    shorten(setting("idle_session_timeout"));
  } else if (shorten(setting("idle_in_transaction_session_timeout"))) {
    idle_end_ = Status(StatusCode::kUnavailable, "25P03",
                       "terminating connection due to idle-in-transaction timeout");
  }
  return limit;
}

Status PgConnection::HandleMessage(char type, std::string_view payload) {
  if (skip_until_sync_ && type != 'S' && type != 'X') return Status::OK();
  auto decoded = DecodeFrontendMessage(type, payload);
  if (!decoded.ok()) {
    // The frame was whole, so the next message starts where it should.
    if (type == 'Q') {
      AppendError(decoded.status(), &out_);
      session_->FailTransaction();
      AppendReady();
      return Status::OK();
    }
    FailExtended(decoded.status());
    return Status::OK();
  }
  struct Handler {
    PgConnection& connection;
    Status operator()(const QueryMessage& m) { return connection.HandleQuery(m.text); }
    Status operator()(const ParseMessage& m) { return connection.HandleParse(m); }
    Status operator()(const BindMessage& m) { return connection.HandleBind(m); }
    Status operator()(const DescribeMessage& m) { return connection.HandleDescribe(m); }
    Status operator()(const ExecuteMessage& m) { return connection.HandleExecute(m); }
    Status operator()(const CloseMessage& m) { return connection.HandleClose(m); }
    Status operator()(const FlushMessage&) { return connection.Flush(); }
    Status operator()(const SyncMessage&) { return connection.HandleSync(); }
    Status operator()(const TerminateMessage&) {
      connection.state_ = State::kClosed;
      return Status::OK();
    }
    Status operator()(const FunctionCallMessage&) {
      connection.session_->FailTransaction();
      AppendError(errors::NotSupported("function calls by message are not supported")
                      .WithHint("Call the function in a statement: SELECT f(...)."),
                  &connection.out_);
      connection.AppendReady();
      return Status::OK();
    }
    // PostgreSQL drops these silently outside of COPY.
    Status operator()(const CopyDataMessage&) { return Status::OK(); }
    Status operator()(const CopyDoneMessage&) { return Status::OK(); }
    Status operator()(const CopyFailMessage&) { return Status::OK(); }
    Status operator()(const PasswordMessage&) { return Unexpected(); }
    Status operator()(const SaslInitialResponse&) { return Unexpected(); }
    Status operator()(const SaslResponse&) { return Unexpected(); }
    Status Unexpected() {
      return errors::ProtocolViolation("a password message came after the log-in");
    }
  };
  return std::visit(Handler{*this}, *decoded);
}

Status PgConnection::StartPortal(Portal& portal, bool alone) {
  auto& prepared = portal.statement->prepared;
  if (!alone && !prepared->read_only()) {
    SKEIN_RETURN_IF_ERROR(session_->BeginImplicit(prepared->transaction_verb()));
  }
  running_since_.store(Ticks(), std::memory_order_relaxed);
  Status started = portal.cursor->Start();
  running_since_.store(0, std::memory_order_relaxed);
  SKEIN_RETURN_IF_ERROR(started);
  session::Execution& execution = *portal.cursor->run();
  if (execution.returns_rows()) {
    SKEIN_ASSIGN_OR_RETURN(
        portal.encoder,
        results::PgRowEncoder::Make(*execution.schema(), portal.formats, EncodeOptions()));
  }
  return Status::OK();
}

Status PgConnection::SendRows(Portal& portal, uint32_t max_rows, Status* failed) {
  session::Execution& execution = *portal.cursor->run();
  int64_t sent = 0;
  bool ended = portal.encoder == nullptr;
  while (!ended && (max_rows == 0 || sent < max_rows)) {
    running_since_.store(Ticks(), std::memory_order_relaxed);
    auto rows = portal.cursor->Forward(max_rows == 0 ? INT64_MAX : max_rows - sent);
    running_since_.store(0, std::memory_order_relaxed);
    if (!rows.ok()) {
      *failed = rows.status();
      return Status::OK();
    }
    ended = *rows == nullptr;
    if (ended) break;
    for (int64_t offset = 0; offset < (*rows)->num_rows();) {
      int64_t written = 0;
      size_t before = out_.size();
      Status encoded = portal.encoder->Append(**rows, offset, (*rows)->num_rows() - offset,
                                              kEncodeBytes, &out_, &written);
      execution.AddBytesSent(out_.size() - before);
      if (!encoded.ok()) {
        execution.Fail(encoded);
        *failed = encoded;
        return Status::OK();
      }
      sent += written;
      offset += written;
      Status flushed = FlushIfLarge();
      if (!flushed.ok()) {
        execution.Fail(flushed);
        return flushed;
      }
    }
  }
  if (!ended) {
    execution.Pause();
    MessageWriter(out_).PortalSuspended();
    return Status::OK();
  }
  AfterCommand(execution);
  AppendCommandComplete(execution, sent, &out_);
  return Status::OK();
}

void PgConnection::DropPortals() {
  portals_.clear();
  session_->ClosePortals();
}

void PgConnection::AfterCommand(const session::Execution& execution) {
  if (!execution.notice().ok() && session_->setting("client_min_messages") != "error")
    AppendWarning(execution.notice(), &out_);
  if (session_->settings_version() != reported_version_) AppendParameterStatuses(true);
}

void PgConnection::FailExtended(const Status& status, std::string_view sql) {
  AppendError(status, "ERROR", sql, 0, &out_);
  session_->FailTransaction();
  skip_until_sync_ = true;
  failed_since_sync_ = true;
}

TransactionStatus PgConnection::transaction_status() const {
  switch (session_->visible_transaction_state()) {
    case engine::TransactionState::kOpen:
      return TransactionStatus::kInTransaction;
    case engine::TransactionState::kFailed:
      return TransactionStatus::kFailed;
    default:
      return TransactionStatus::kIdle;
  }
}

void PgConnection::AppendReady() {
  // What a transaction's end undid is told before the client may go on.
  if (session_->settings_version() != reported_version_) AppendParameterStatuses(true);
  MessageWriter(out_).ReadyForQuery(transaction_status());
}

results::PgEncodeOptions PgConnection::EncodeOptions() const {
  const auto& settings = session_->settings();
  results::PgEncodeOptions options;
  options.time_zone = settings.time_zone;
  options.extra_float_digits = settings.extra_float_digits;
  options.bytea_hex = settings.bytea_hex;
  return options;
}

Result<bool> PgConnection::ReadMore(size_t wanted, Deadline deadline) {
  if (in_begin_ == in_.size()) {
    in_.clear();
    in_begin_ = 0;
  } else if (in_begin_ > 0) {
    in_.erase(0, in_begin_);
    in_begin_ = 0;
  }
  // The announced length is believed only as far as bytes have come: at most doubling.
  size_t have = in_.size();
  size_t room =
      std::clamp(wanted > have ? wanted - have : 0, kReadBytes, std::max(kReadBytes, have));
  in_.resize(have + room);
  auto read = stream_->Read(in_.data() + have, room, deadline);
  in_.resize(have + (read.ok() ? *read : 0));
  if (!read.ok()) return read.status();
  return *read > 0;
}

void PgConnection::Consume(size_t bytes) {
  in_begin_ += bytes;
  if (in_begin_ == in_.size()) {
    // A buffer that one huge message grew is not kept.
    if (in_.capacity() > 16 * kReadBytes) std::string().swap(in_);
    in_.clear();
    in_begin_ = 0;
  }
}

Status PgConnection::Flush() {
  if (out_.empty()) return Status::OK();
  Status status = stream_->Write(out_, Clock::now() + kWriteDeadline);
  if (out_.capacity() > 8 * kSendBytes) std::string().swap(out_);
  out_.clear();
  if (status.ok()) return status;
  return errors::ConnectionLost("the client does not read: " + status.message());
}

Status PgConnection::FlushIfLarge() { return out_.size() < kEncodeBytes ? Status::OK() : Flush(); }

Status PgConnection::Goodbye(const Status& why) {
  AppendError(why, "FATAL", {}, 0, &out_);
  state_ = State::kClosed;
  return Flush();
}

}  // namespace skein::frontends::pgwire
