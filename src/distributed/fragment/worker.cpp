#include "distributed/worker.h"

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/storage/buffer_manager.hpp"

#include "distributed/fragment/parquet_leaf.h"
#include "distributed/fragment/run_fragment.h"
#include "distributed/fragment/text_range.h"
#include "engine/duckdb_error.h"
#include "engine/engine.h"
#include "engine/native.h"
#include "engine/session_state.h"

namespace skein::distributed {
namespace {

/// Raised when the bytes of plans, blocks or tasks change.
constexpr const char* kFormat = "9";

class WorkerImpl : public Worker {
 public:
  explicit WorkerImpl(std::shared_ptr<engine::Engine> engine) : engine_(std::move(engine)) {}

  Result<TaskReport> RunTask(const TaskSpec& task, TaskInputs& inputs, TaskOutputs& outputs,
                             std::shared_ptr<CancelToken> cancel) override {
    if (cancel->cancelled()) return cancel->status();
    SKEIN_ASSIGN_OR_RETURN(auto connection, engine_->Connect());
    if (task.session) {
      SKEIN_RETURN_IF_ERROR(engine::ImportSessionState(*engine_, *connection, *task.session));
    }
    return RunSerializedFragment(*engine_, engine::NativeContext(*connection), task, inputs,
                                 outputs, std::move(cancel));
  }

  Status SetMemoryLimit(uint64_t bytes) override {
    try {
      duckdb::BufferManager::GetBufferManager(engine::NativeInstance(*engine_))
          .SetMemoryLimit(bytes);
      return Status::OK();
    } catch (...) {
      return engine::FromCurrentException();
    }
  }

 private:
  std::shared_ptr<engine::Engine> engine_;
};

}  // namespace

Result<std::unique_ptr<Worker>> Worker::Open(engine::Options options) {
  options.database = ":memory:";
  options.allowed_locations.emplace_back(kTextRanges);
  SKEIN_ASSIGN_OR_RETURN(auto engine, engine::Engine::Open(options));
  try {
    RegisterFragmentFunctions(engine::NativeInstance(*engine));
    RegisterTextRanges(engine::NativeInstance(*engine));
  } catch (...) {
    return engine::FromCurrentException();
  }
  return std::unique_ptr<Worker>(std::make_unique<WorkerImpl>(std::move(engine)));
}

std::string Worker::BuildIdentity() {
  return std::string(duckdb::DuckDB::LibraryVersion()) + " " + duckdb::DuckDB::SourceID() +
         " format " + kFormat;
}

}  // namespace skein::distributed
