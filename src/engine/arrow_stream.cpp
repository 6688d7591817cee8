#include "engine/arrow_stream.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/query_result.hpp"
#include <arrow/record_batch.h>

#include "engine/duckdb_error.h"
#include "engine/session_secrets.h"

namespace skein::engine {
Running::Running(std::shared_ptr<CancelToken> cancel, duckdb::ClientContext& context,
                 TaskThreads& threads)
    : cancel_(std::move(cancel)),
      context_(context),
      threads_(threads),
      registration_(cancel_->OnCancel([running = &context] { running->Interrupt(); })) {
  if (threads_.DueToCatchUp()) engagement_ = threads_.Engage();
}

Status Running::Failure(const duckdb::ErrorData& error) const {
  return cancel_->cancelled() ? cancel_->status() : FromDuckdb(error);
}

Result<Running::State> Running::Step(duckdb::PendingQueryResult& pending) {
  // Starting a query clears DuckDB's own flag, so a cancel that came meanwhile is told again, at
  // every task.
  if (cancel_->cancelled()) context_.Interrupt();
  if (!started_) {
    // Planning is nothing that other threads could have helped with.
    started_ = Clock::now();
  } else if (!engagement_ && Clock::now() - *started_ > TaskThreads::kPatience) {
    engagement_ = threads_.Engage();
  }
  switch (pending.ExecuteTask()) {
    case duckdb::PendingExecutionResult::EXECUTION_ERROR:
      return Failure(pending.GetErrorObject());
    case duckdb::PendingExecutionResult::EXECUTION_FINISHED:
    case duckdb::PendingExecutionResult::RESULT_READY:
      return State::kFinished;
    case duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE:
    case duckdb::PendingExecutionResult::BLOCKED:
      return State::kIdle;
    case duckdb::PendingExecutionResult::RESULT_NOT_READY:
      break;
  }
  idle_ = kFirstIdle;
  return State::kWorking;
}

std::chrono::microseconds Running::NextIdle() {
  return std::exchange(idle_, std::min(idle_ * 2, kMostIdle));
}

duckdb::unique_ptr<duckdb::QueryResult> Running::Finish(duckdb::PendingQueryResult& pending) {
  // Commits, when that is DuckDB's to do.
  SessionSecrets::OnThisThread lend(context_);
  return pending.Execute();
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> Running::ToEnd(
    duckdb::PendingQueryResult& pending) {
  while (true) {
    SKEIN_ASSIGN_OR_RETURN(State state, Step(pending));
    if (state == State::kFinished) break;
    if (state == State::kIdle) std::this_thread::sleep_for(NextIdle());
  }
  auto result = Finish(pending);
  if (result->HasError()) return Failure(result->GetErrorObject());
  return result;
}

ArrowStream::ArrowStream(duckdb::shared_ptr<duckdb::ClientContext> context,
                         duckdb::unique_ptr<duckdb::PendingQueryResult> pending,
                         std::shared_ptr<const ArrowShape> shape, std::shared_ptr<BatchQueue> queue,
                         Running run)
    : context_(std::move(context)),
      pending_(std::move(pending)),
      shape_(std::move(shape)),
      queue_(std::move(queue)),
      run_(std::move(run)) {}

ArrowStream::~ArrowStream() { Close(); }

void ArrowStream::Close() {
  run_.Detach();
  if (!pending_) return;
  pending_.reset();
  try {
    // DuckDB keeps an abandoned query, its tasks and its transaction until the connection's next
    // statement; asking for none at all is the way to make it let go now.
    context_->Interrupt();
    (void)context_->PendingQuery(std::string(), duckdb::QueryParameters());
  } catch (...) {
    (void)FromCurrentException();
  }
}

Status ArrowStream::Start() {
  SKEIN_ASSIGN_OR_RETURN(first_, Next());
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> ArrowStream::Next() {
  if (first_) return std::exchange(first_, nullptr);
  if (!end_.ok()) return end_;
  auto batch = Pull();
  if (!batch.ok()) {
    end_ = batch.status();
    Close();
  }
  return batch;
}

Result<std::shared_ptr<arrow::RecordBatch>> ArrowStream::Pull() {
  queue_->ReadHere();
  try {
    while (true) {
      if (run_.cancel()->cancelled()) return run_.cancel()->status();
      if (auto batch = queue_->Pop()) return batch;
      if (!pending_) return std::shared_ptr<arrow::RecordBatch>();
      SKEIN_ASSIGN_OR_RETURN(auto state, run_.Step(*pending_));
      if (state == Running::State::kIdle) queue_->Wait(run_.NextIdle());
      if (state != Running::State::kFinished) continue;
      // All rows are in the queue.
      auto result = run_.Finish(*pending_);
      if (result->HasError()) return run_.Failure(result->GetErrorObject());
      pending_.reset();
      run_.Detach();
    }
  } catch (...) {
    if (run_.cancel()->cancelled()) return run_.cancel()->status();
    return FromCurrentException();
  }
}

}  // namespace skein::engine
