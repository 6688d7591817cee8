#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "duckdb/main/pending_query_result.hpp"

#include "common/cancellation.h"
#include "engine/arrow_batch_builder.h"
#include "engine/batch_queue.h"
#include "engine/task_threads.h"
#include "results/batch_stream.h"

namespace skein::engine {

/// A statement while it runs: the calling thread does DuckDB's tasks, and calls for more threads
/// once it has lasted. Single-threaded.
class Running {
 public:
  Running(std::shared_ptr<CancelToken> cancel, duckdb::ClientContext& context,
          TaskThreads& threads);

  /// How long the calling thread sleeps when others do all the work, before it looks for some
  /// again: DuckDB does not tell. A small statement is done in far less than the most of it.
  static constexpr std::chrono::microseconds kFirstIdle{20};
  static constexpr std::chrono::microseconds kMostIdle{1000};

  enum class State { kWorking, kIdle, kFinished };
  /// Does some work. kIdle: others do what there is to do, or all of it waits.
  Result<State> Step(duckdb::PendingQueryResult& pending);
  /// After kFinished.
  duckdb::unique_ptr<duckdb::QueryResult> Finish(duckdb::PendingQueryResult& pending);
  /// How long to wait after kIdle: longer each time until there was work again.
  std::chrono::microseconds NextIdle();
  /// Does the whole of it, for a statement whose result is small.
  Result<duckdb::unique_ptr<duckdb::QueryResult>> ToEnd(duckdb::PendingQueryResult& pending);
  /// DuckDB's error of this statement, or the reason of the cancellation that caused it.
  Status Failure(const duckdb::ErrorData& error) const;
  const std::shared_ptr<CancelToken>& cancel() const { return cancel_; }
  /// Cancelling reaches the engine no longer.
  void Detach() { registration_.Detach(); }

 private:
  std::shared_ptr<CancelToken> cancel_;
  duckdb::ClientContext& context_;
  TaskThreads& threads_;
  CancelToken::Registration registration_;
  TaskThreads::Engagement engagement_;
  std::optional<Clock::time_point> started_;  // the first step
  std::chrono::microseconds idle_ = kFirstIdle;
};

/// Record batches pulled from a running statement, which is `pending` on `context` and whose last
/// operator fills `queue`. The statement is ended, and DuckDB's buffers and transaction are
/// released, at the end, at an error and when the stream is destroyed.
class ArrowStream : public results::BatchStream {
 public:
  ArrowStream(duckdb::shared_ptr<duckdb::ClientContext> context,
              duckdb::unique_ptr<duckdb::PendingQueryResult> pending,
              std::shared_ptr<const ArrowShape> shape, std::shared_ptr<BatchQueue> queue,
              Running run);
  ~ArrowStream() override;

  /// Runs until the first batch is there, so that what fails early fails here.
  Status Start();

  const std::shared_ptr<arrow::Schema>& schema() const override { return shape_->schema; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override;

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Pull();
  void Close();

  duckdb::shared_ptr<duckdb::ClientContext> context_;
  duckdb::unique_ptr<duckdb::PendingQueryResult> pending_;
  std::shared_ptr<const ArrowShape> shape_;
  std::shared_ptr<BatchQueue> queue_;
  Running run_;
  std::shared_ptr<arrow::RecordBatch> first_;
  Status end_;
};

}  // namespace skein::engine
