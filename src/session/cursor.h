#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/statement.h"
#include "session/row_store.h"
#include "session/statement.h"

namespace arrow {
class RecordBatch;
}

namespace skein::session {

class Execution;
class Session;

/// A statement that is run and then read piece by piece: a cursor of DECLARE, or a portal of the
/// PostgreSQL protocol. Both have their names in one place, Session's, so that FETCH reads from
/// either.
///
/// Streaming: nothing is read ahead of what is asked for. A scrollable cursor keeps the rows it has
/// read (RowStore), all others only go forward. Its place is PostgreSQL's: on a row, before the
/// first or after the last one.
///
/// Closed at the end of the transaction that made it, unless it is WITH HOLD and that end was a
/// commit; whoever still points to it then sees closed(). Must be gone before its session.
class Cursor {
 public:
  struct Options {
    bool binary = false;
    bool hold = false;
    bool scroll = false;
    /// A portal of the protocol, not a cursor of DECLARE.
    bool portal = false;
  };

  Cursor(Session* session, std::string name, std::shared_ptr<Prepared> prepared, std::string text,
         std::vector<engine::BoundValue> parameters, Options options);
  ~Cursor();

  const std::string& name() const { return name_; }
  const Options& options() const { return options_; }
  const std::shared_ptr<Prepared>& prepared() const { return prepared_; }
  /// The statement that made it: DECLARE, or the portal's own.
  const std::string& text() const { return text_; }
  std::chrono::system_clock::time_point created() const { return created_; }

  /// Counts the cursors of a session, so that a savepoint knows which are younger.
  uint64_t number() const { return number_; }
  /// Made in the transaction that is open: its rollback closes even a WITH HOLD cursor.
  bool in_transaction() const { return in_transaction_; }

  /// Runs the statement. Precondition: not started().
  Status Start();
  /// Start is going on: it may be running the end of its own transaction.
  bool starting() const { return starting_; }
  bool started() const { return run_ != nullptr; }
  /// What runs, once started; null after Close.
  Execution* run() const { return run_.get(); }
  /// Frees what it holds; it gives nothing more.
  void Close();
  bool closed() const { return closed_; }
  /// All rows were given.
  bool at_end() const { return at_end_; }

  /// The next rows, at most `limit` of them; nullptr at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> Forward(int64_t limit);
  /// The row before this one, alone; nullptr at the start.
  Result<std::shared_ptr<arrow::RecordBatch>> Backward();
  /// Goes to that row as Forward and Backward would, and says how many rows were passed: 0 is
  /// before the first; behind the end it stays there.
  Result<int64_t> MoveTo(int64_t row);
  /// To the end.
  Status MoveToEnd();
  /// The number of the row it is on, from 1; 0 before the first; one more than there are behind
  /// the last.
  int64_t position() const { return position_; }
  /// How many rows there are in all. Precondition: the end was seen.
  int64_t total() const { return pulled_; }
  bool on_row() const { return position_ > 0 && !at_end_; }
  /// 55000 unless it may go backward.
  Status CheckScrolls() const;

 private:
  /// Makes batch_ hold rows; false at the end.
  Result<bool> Pull();

  friend class Session;
  Session* session_;
  std::string name_;
  uint64_t number_ = 0;
  bool in_transaction_ = false;
  bool starting_ = false;
  std::shared_ptr<Prepared> prepared_;
  std::string text_;
  std::vector<engine::BoundValue> parameters_;
  Options options_;
  std::chrono::system_clock::time_point created_ = std::chrono::system_clock::now();

  std::unique_ptr<Execution> run_;
  /// Forward only: what was pulled and not all given.
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t batch_offset_ = 0;
  /// Scrollable: what was pulled so far.
  std::optional<RowStore> store_;
  int64_t pulled_ = 0;
  int64_t position_ = 0;
  bool drained_ = false;
  bool at_end_ = false;
  bool closed_ = false;
};

}  // namespace skein::session
