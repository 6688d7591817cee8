// COPY between the client and a table or query: the part of both query protocols where data goes
// without rows.

#include <arrow/record_batch.h>

#include "frontends/pgwire/error_mapping.h"
#include "frontends/pgwire/frame_reader.h"
#include "frontends/pgwire/pg_connection.h"
#include "results/copy_encoder.h"

namespace skein::frontends::pgwire {
namespace {

/// How often a COPY that waits for the client's data looks whether it was cancelled.
constexpr std::chrono::milliseconds kCancelCheck{50};
/// Rows are encoded in pieces of about this size, so that the client works while we encode the
/// next.
constexpr size_t kEncodeBytes = 128 * 1024;

Format WireFormat(results::CopyFormat format) {
  return format == results::CopyFormat::kBinary ? Format::kBinary : Format::kText;
}

}  // namespace

Status PgConnection::CopyToClient(session::Execution& execution, Status* failed) {
  auto fail = [&](const Status& status) {
    execution.Fail(status);
    session_->FailTransaction();
    *failed = status;
    return Status::OK();
  };
  auto made =
      results::CopyEncoder::Make(*execution.schema(), *execution.copy_out(), EncodeOptions());
  if (!made.ok()) return fail(made.status());
  results::CopyEncoder& encoder = **made;
  MessageWriter(out_).CopyOutResponse(WireFormat(encoder.format()),
                                      static_cast<uint16_t>(encoder.columns()));
  encoder.Begin(&out_);
  while (true) {
    SetRunning(true);
    auto batch = execution.Next();
    SetRunning(false);
    if (!batch.ok()) {
      *failed = batch.status();
      return Status::OK();
    }
    if (!*batch) break;
    for (int64_t at = 0; at < (*batch)->num_rows();) {
      int64_t rows = 0;
      size_t before = out_.size();
      Status encoded = encoder.Append(**batch, at, kEncodeBytes, &out_, &rows);
      execution.AddBytesSent(out_.size() - before);
      if (!encoded.ok()) return fail(encoded);
      at += rows;
      if (Status flushed = FlushIfLarge(); !flushed.ok()) {
        execution.Fail(flushed);
        return flushed;
      }
    }
  }
  encoder.End(&out_);
  MessageWriter(out_).CopyDone();
  MessageWriter(out_).CommandComplete("COPY", static_cast<uint64_t>(execution.rows()));
  return Status::OK();
}

Status PgConnection::CopyFromClient(session::Execution& execution, Status* failed) {
  // The message that asked for this is done with; what follows is data.
  Consume(std::exchange(current_message_, 0));
  MessageWriter(out_).CopyInResponse(WireFormat(execution.feed()->format()),
                                     static_cast<uint16_t>(execution.feed()->columns()));
  SKEIN_RETURN_IF_ERROR(Flush());
  Status ended;
  while (ended.ok() && execution.feed()) {
    Frame frame = ReadFrame(input(), door_.options_.max_message_bytes);
    if (frame.status == FrameStatus::kTooLarge || frame.status == FrameStatus::kMalformed) {
      Status wrong = FrameError(frame, door_.options_.max_message_bytes);
      execution.Fail(wrong);
      return wrong;
    }
    if (frame.status == FrameStatus::kNeedMore) {
      auto more = WaitForCopyData(execution, frame.needed);
      if (!more.ok()) {
        execution.Fail(more.status());
        return more.status();
      }
      if (!*more) ended = execution.cancel().status();
      continue;
    }
    switch (frame.type) {
      case 'd':
        ended = execution.Feed(frame.payload);
        break;
      case 'c':
        SetRunning(true);
        ended = execution.FinishFeed();
        SetRunning(false);
        break;
      case 'f': {
        auto message = DecodeCopyFail(frame.payload);
        ended = message.ok()
                    ? errors::Cancelled("COPY from stdin failed: " + std::string(message->reason))
                    : message.status();
        break;
      }
      case 'H':
      case 'S':  // A client may send them right behind Execute, before it knows that data is
                 // wanted.
        break;
      default:
        ended = errors::ProtocolViolation("a message of type '" + std::string(1, frame.type) +
                                          "' came during COPY from stdin");
    }
    Consume(frame.consumed);
  }
  if (!ended.ok()) {
    execution.Fail(ended);
    session_->FailTransaction();
    *failed = ended;
    return Status::OK();
  }
  AfterCommand(execution);
  MessageWriter(out_).CommandComplete("COPY",
                                      static_cast<uint64_t>(execution.changed_rows().value_or(0)));
  return Status::OK();
}

Result<bool> PgConnection::WaitForCopyData(session::Execution& execution, size_t wanted) {
  while (!stream_->HasBufferedInput()) {
    if (execution.cancel().cancelled()) return false;
    SKEIN_ASSIGN_OR_RETURN(bool readable, stream_->WaitReadable(Clock::now() + kCancelCheck));
    if (readable) break;
  }
  SKEIN_ASSIGN_OR_RETURN(bool more, ReadMore(wanted, std::nullopt));
  if (more) return true;
  std::lock_guard lock(shutdown_mu_);
  if (!shutdown_.ok()) return shutdown_;
  return errors::ConnectionLost("the client left during COPY from stdin");
}

}  // namespace skein::frontends::pgwire
