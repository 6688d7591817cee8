// DECLARE, FETCH, MOVE and CLOSE, and the portals of the protocol, which are cursors too.

#include <algorithm>

#include <arrow/record_batch.h>

#include "session/session.h"

namespace skein::session {
namespace {

/// What a careless client may leave open before it is told.
constexpr size_t kMaxCursors = 1000;

Status Undefined(std::string_view name) {
  return errors::UndefinedCursor("cursor \"" + std::string(name) + "\" does not exist");
}

/// The rows of one FETCH: pulled from its cursor as they are asked for. Its own cancel token stands
/// in for the cursor's meanwhile.
class FetchedRows : public results::BatchStream {
 public:
  FetchedRows(std::shared_ptr<Cursor> cursor, std::shared_ptr<CancelToken> cancel, bool backward,
              int64_t count)
      : cursor_(std::move(cursor)),
        schema_(cursor_->prepared()->schema()),
        cancel_(std::move(cancel)),
        backward_(backward),
        left_(count) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (left_ <= 0) return std::shared_ptr<arrow::RecordBatch>();
    if (cursor_->closed()) return Undefined(cursor_->name());
    auto batch = Guarded([&] { return backward_ ? cursor_->Backward() : cursor_->Forward(left_); });
    if (batch.ok()) {
      if (*batch) {
        left_ -= (*batch)->num_rows();
      } else {
        left_ = 0;
      }
    }
    return batch;
  }

  /// Runs a step of the cursor, which a cancel of this FETCH ends.
  template <typename Step>
  auto Guarded(const Step& step) -> decltype(step()) {
    auto registration = cancel_->OnCancel([run = cursor_->run()] {
      run->cancel().Cancel(errors::Cancelled("canceling statement due to user request"));
    });
    auto outcome = step();
    registration.Detach();
    if (cancel_->cancelled()) return cancel_->status();
    return outcome;
  }

  /// Goes to the row before the wanted one, counted from 1; what is before the first or behind the
  /// last row is no row.
  Status Place(int64_t row) {
    return Guarded([&]() -> Status {
      if (row < 1) {
        left_ = 0;
        return cursor_->MoveTo(0).status();
      }
      left_ = 1;
      return cursor_->MoveTo(row - 1).status();
    });
  }

  Status PlaceFromEnd(int64_t row) {
    SKEIN_RETURN_IF_ERROR(cursor_->CheckScrolls());
    SKEIN_RETURN_IF_ERROR(Guarded([&] { return cursor_->MoveToEnd(); }));
    return Place(cursor_->total() + row + 1);
  }

 private:
  std::shared_ptr<Cursor> cursor_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<CancelToken> cancel_;
  bool backward_;
  int64_t left_;
};

}  // namespace

std::shared_ptr<Cursor> Session::FindCursor(std::string_view name) const {
  auto found = cursors_.find(name);
  return found == cursors_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<Cursor>> Session::OpenPortal(const std::string& name,
                                                    std::shared_ptr<Prepared> prepared,
                                                    std::vector<engine::BoundValue> parameters) {
  Cursor::Options options;
  options.portal = true;
  // Nobody sees the text of the unnamed one.
  std::string text = name.empty() ? std::string() : prepared->text();
  auto cursor = std::make_shared<Cursor>(this, name, std::move(prepared), std::move(text),
                                         std::move(parameters), options);
  cursor->number_ = cursors_opened_++;
  if (name.empty()) return cursor;
  if (cursors_.contains(name)) {
    return Status(StatusCode::kAlreadyExists, "42P03", "cursor \"" + name + "\" already exists");
  }
  if (cursors_.size() >= kMaxCursors) return errors::TooLarge("too many cursors are open");
  cursors_.emplace(name, cursor);
  return cursor;
}

void Session::CloseCursor(std::string_view name) {
  auto found = cursors_.find(name);
  if (found == cursors_.end()) return;
  auto cursor = std::move(found->second);
  cursors_.erase(found);
  cursor->Close();
}

void Session::ClosePortals() {
  std::erase_if(cursors_, [](const auto& entry) {
    if (!entry.second->options().portal) return false;
    entry.second->Close();
    return true;
  });
}

void Session::CloseCursors(bool commit) {
  std::erase_if(cursors_, [&](const auto& entry) {
    Cursor& cursor = *entry.second;
    // The portal that runs this very COMMIT goes with its Sync.
    if (cursor.starting()) return false;
    bool stays = cursor.options().hold && (commit || !cursor.in_transaction());
    cursor.in_transaction_ = false;
    if (!stays) cursor.Close();
    return !stays;
  });
}

void Session::CloseCursorsSince(uint64_t mark) {
  std::erase_if(cursors_, [&](const auto& entry) {
    if (entry.second->starting() || entry.second->number() < mark) return false;
    entry.second->Close();
    return true;
  });
}

Status Session::RunDeclare(Execution& execution, const sql::DeclareStatement& declare,
                           const std::vector<engine::BoundValue>& parameters) {
  if (!declare.hold && !InBlock() && !implicit_) {
    return Status(StatusCode::kFailedPrecondition, "25P01",
                  "DECLARE CURSOR can only be used in transaction blocks")
        .WithHint("BEGIN a transaction first, or declare the cursor WITH HOLD.");
  }
  if (cursors_.contains(declare.name)) {
    return Status(StatusCode::kAlreadyExists, "42P03",
                  "cursor \"" + declare.name + "\" already exists");
  }
  if (cursors_.size() >= kMaxCursors) return errors::TooLarge("too many cursors are open");
  std::shared_ptr<Prepared> query = execution.prepared_->target_;
  if (query->command() != "SELECT" || query->returns() != engine::Returns::kRows)
    return errors::Syntax("DECLARE CURSOR takes a query, not " + query->command());
  Cursor::Options options;
  options.binary = declare.binary;
  options.hold = declare.hold;
  options.scroll = declare.scroll.value_or(false);
  auto cursor = std::make_shared<Cursor>(this, declare.name, query, execution.prepared_->text(),
                                         parameters, options);
  cursor->number_ = cursors_opened_++;
  cursor->in_transaction_ = connection_->transaction_state() != engine::TransactionState::kIdle;
  // Now and not at the first FETCH: it shows what there is now.
  SKEIN_RETURN_IF_ERROR(cursor->Start());
  cursor->run()->Pause();
  cursors_.emplace(declare.name, std::move(cursor));
  return Status::OK();
}

Status Session::RunFetch(Execution& execution, const sql::FetchStatement& fetch) {
  using Direction = sql::FetchStatement::Direction;
  auto cursor = FindCursor(fetch.cursor);
  if (!cursor || cursor->closed()) return Undefined(fetch.cursor);
  if (cursor->prepared()->returns() != engine::Returns::kRows || cursor->starting()) {
    return Status(StatusCode::kFailedPrecondition, "55000",
                  "portal \"" + fetch.cursor + "\" cannot be run");
  }
  if (!cursor->started()) {
    SKEIN_RETURN_IF_ERROR(cursor->Start());
    cursor->run()->Pause();
    std::lock_guard lock(mu_);
    current_ = execution.cancel_;
  }
  bool backward = fetch.direction == Direction::kBackward;
  if (backward) SKEIN_RETURN_IF_ERROR(cursor->CheckScrolls());
  auto rows = std::make_unique<FetchedRows>(cursor, execution.cancel_, backward, fetch.count);
  int64_t here = cursor->position();
  if (fetch.count == 0 && fetch.direction != Direction::kAbsolute) {
    // The row it is on, once more.
    if (cursor->on_row()) {
      SKEIN_RETURN_IF_ERROR(cursor->CheckScrolls());
      SKEIN_RETURN_IF_ERROR(rows->Place(here));
    }
  } else if (fetch.direction == Direction::kAbsolute && fetch.count < 0) {
    SKEIN_RETURN_IF_ERROR(rows->PlaceFromEnd(fetch.count));
  } else if (fetch.direction == Direction::kAbsolute) {
    SKEIN_RETURN_IF_ERROR(rows->Place(fetch.count));
  } else if (fetch.direction == Direction::kRelative) {
    bool far = fetch.count > INT64_MAX - here;
    SKEIN_RETURN_IF_ERROR(rows->Place(far ? INT64_MAX : here + fetch.count));
  }
  if (!fetch.move) {
    execution.binary_ = cursor->options().binary;
    execution.schema_ = cursor->prepared()->schema();
    execution.stream_ = std::move(rows);
    return Status::OK();
  }
  int64_t passed = 0;
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(auto batch, rows->Next());
    if (!batch) break;
    passed += batch->num_rows();
  }
  execution.changed_rows_ = passed;
  return Status::OK();
}

Status Session::RunClose(const sql::CloseStatement& close) {
  if (close.name) {
    if (!cursors_.contains(*close.name)) return Undefined(*close.name);
    CloseCursor(*close.name);
    return Status::OK();
  }
  std::erase_if(cursors_, [](const auto& entry) {
    if (entry.second->starting()) return false;
    entry.second->Close();
    return true;
  });
  return Status::OK();
}

}  // namespace skein::session
