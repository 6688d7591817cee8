#include "session/cursor.h"

#include <algorithm>

#include <arrow/record_batch.h>

#include "session/session.h"

namespace skein::session {

Cursor::Cursor(Session* session, std::string name, std::shared_ptr<Prepared> prepared,
               std::string text, std::vector<engine::BoundValue> parameters, Options options)
    : session_(session),
      name_(std::move(name)),
      prepared_(std::move(prepared)),
      text_(std::move(text)),
      parameters_(std::move(parameters)),
      options_(options) {
  if (options_.scroll) store_.emplace(session_->spool_dir());
}

Cursor::~Cursor() = default;

Status Cursor::Start() {
  starting_ = true;
  auto run = session_->Execute(prepared_, parameters_);
  starting_ = false;
  if (!run.ok()) return run.status();
  run_ = *std::move(run);
  return Status::OK();
}

void Cursor::Close() {
  closed_ = true;
  batch_.reset();
  store_.reset();
  if (run_) run_->Finish();
  run_.reset();
}

Status Cursor::CheckScrolls() const {
  if (options_.scroll) return Status::OK();
  return Status(StatusCode::kFailedPrecondition, "55000", "cursor can only scan forward")
      .WithHint("Declare it with SCROLL option to enable backward scan.");
}

Result<bool> Cursor::Pull() {
  if (batch_) return true;
  if (drained_ || closed_) return false;
  SKEIN_ASSIGN_OR_RETURN(batch_, run_->Next());
  if (!batch_) {
    drained_ = true;
    return false;
  }
  batch_offset_ = 0;
  pulled_ += batch_->num_rows();
  if (store_) {
    SKEIN_RETURN_IF_ERROR(store_->Append(batch_));
    batch_.reset();
  }
  return true;
}

Result<std::shared_ptr<arrow::RecordBatch>> Cursor::Forward(int64_t limit) {
  if (limit <= 0 || at_end_) return std::shared_ptr<arrow::RecordBatch>();
  if (!store_ || position_ >= pulled_) {
    SKEIN_ASSIGN_OR_RETURN(bool more, Pull());
    if (!more) {
      at_end_ = true;
      ++position_;
      return std::shared_ptr<arrow::RecordBatch>();
    }
  }
  std::shared_ptr<arrow::RecordBatch> rows;
  if (store_) {
    SKEIN_ASSIGN_OR_RETURN(rows, store_->Read(position_, limit));
  } else if (int64_t left = batch_->num_rows() - batch_offset_; left <= limit) {
    rows = batch_offset_ == 0 ? std::move(batch_) : batch_->Slice(batch_offset_);
    batch_.reset();
  } else {
    rows = batch_->Slice(batch_offset_, limit);
    batch_offset_ += limit;
  }
  position_ += rows->num_rows();
  return rows;
}

Result<std::shared_ptr<arrow::RecordBatch>> Cursor::Backward() {
  SKEIN_RETURN_IF_ERROR(CheckScrolls());
  at_end_ = false;
  if (position_ <= 1) {
    position_ = 0;
    return std::shared_ptr<arrow::RecordBatch>();
  }
  --position_;
  return store_->Read(position_ - 1, 1);
}

Result<int64_t> Cursor::MoveTo(int64_t row) {
  if (row < position_ || (at_end_ && row == position_)) {
    if (row == position_) return int64_t{0};
    SKEIN_RETURN_IF_ERROR(CheckScrolls());
    int64_t passed = position_ - row - (row == 0 ? 1 : 0);
    at_end_ = false;
    position_ = row;
    return std::max(passed, int64_t{0});
  }
  int64_t passed = 0;
  while (position_ < row) {
    SKEIN_ASSIGN_OR_RETURN(auto rows, Forward(row - position_));
    if (!rows) break;
    passed += rows->num_rows();
  }
  return passed;
}

Status Cursor::MoveToEnd() { return MoveTo(INT64_MAX).status(); }

}  // namespace skein::session
