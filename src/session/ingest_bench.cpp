// What a small ingest costs in the session and below: ten rows, each time a transaction. Doors come
// on top.

#include <array>
#include <filesystem>

#include <arrow/api.h>
#include <benchmark/benchmark.h>
#include <unistd.h>

#include "session/session.h"

namespace skein::session {
namespace {

struct Silent : Observer {
  void SessionOpened(const std::string&) override {}
  void SessionClosed(const std::string&) override {}
  void RunStarted(const std::string&) override {}
  void LoginRefused(const std::string&, const std::string&, const std::string&,
                    const Status&) override {}
  void RunEnded(const RunRecord&) override {}
};

std::shared_ptr<arrow::RecordBatch> TenRows() {
  arrow::Int64Builder numbers;
  arrow::StringBuilder names;
  arrow::Status status;
  for (int64_t i = 0; i < 10; ++i) {
    status &= numbers.Append(i);
    status &= names.Append("name " + std::to_string(i));
  }
  if (!status.ok()) status.Abort();
  auto schema =
      arrow::schema({arrow::field("i", arrow::int64()), arrow::field("s", arrow::utf8())});
  return arrow::RecordBatch::Make(schema, 10, {*numbers.Finish(), *names.Finish()});
}

class Ingests {
 public:
  /// `columns`: those of the table, as CREATE TABLE has them.
  explicit Ingests(const std::string& columns) {
    engine::Options options;
    options.threads = 2;
    options.temp_dir =
        (std::filesystem::temp_directory_path() / ("skein-bench-" + std::to_string(getpid())))
            .string();
    services_->engine = *engine::Engine::Open(options);
    services_->timer = std::make_shared<Timer>();
    services_->observer = std::make_shared<Silent>();
    services_->spool_dir = options.temp_dir;
    session_ = *Session::Open(services_, Identity{"ann", "flightsql", "bench"},
                              {engine::Dialect::kDuckDb, engine::Unions::kArrow});
    auto made = session_->ExecuteScript("CREATE TABLE small (" + columns + ")");
    if (!made.ok()) std::abort();
    target_.table = "small";
  }

  Status Begin() { return session_->BeginImplicit(engine::TransactionVerb::kNone); }
  Result<std::unique_ptr<Execution>> Start() {
    return session_->Ingest(target_, *batch_->schema());
  }
  Status Append(Execution& run) { return run.Append(batch_); }
  Status Commit() { return session_->EndImplicit(true); }

 private:
  std::shared_ptr<Services> services_ = std::make_shared<Services>();
  std::unique_ptr<Session> session_;
  engine::IngestTarget target_;
  std::shared_ptr<arrow::RecordBatch> batch_ = TenRows();
};

/// Microseconds of each part, as counters.
void SmallIngest(benchmark::State& state, const char* columns) {
  Ingests ingests(columns);
  std::array<double, 5> spent{};
  for (auto _ : state) {
    auto at = Clock::now();
    size_t part = 0;
    auto lap = [&](const Status& status) {
      if (!status.ok()) state.SkipWithError(status.message().c_str());
      auto now = Clock::now();
      spent[part++] += std::chrono::duration<double, std::micro>(now - at).count();
      at = now;
    };
    lap(ingests.Begin());
    auto run = ingests.Start();
    lap(run.status());
    lap(ingests.Append(**run));
    lap((*run)->FinishIngest());
    run = std::unique_ptr<Execution>();
    lap(ingests.Commit());
  }
  const char* names[] = {"begin_us", "start_us", "append_us", "insert_us", "commit_us"};
  for (size_t i = 0; i < spent.size(); ++i)
    state.counters[names[i]] = benchmark::Counter(spent[i], benchmark::Counter::kAvgIterations);
}
BENCHMARK_CAPTURE(SmallIngest, same_types, "i BIGINT, s VARCHAR");
BENCHMARK_CAPTURE(SmallIngest, cast, "i INTEGER, s VARCHAR");

}  // namespace
}  // namespace skein::session
