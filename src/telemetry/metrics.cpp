#include "telemetry/metrics.h"

#include <array>
#include <map>
#include <mutex>
#include <sstream>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "telemetry/query_log.h"

namespace skein::telemetry {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr size_t kStatusCodes = static_cast<size_t>(StatusCode::kInternal) + 1;

// From a point query to the patience of a person.
const Histogram::BucketBoundaries kDurationBuckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                      0.05,   0.1,   0.25,   0.5,   1,    2.5,
                                                      5,      10,    30,     60,    120,  300};
// The boundaries that dashboards of the queue were written for.
const Histogram::BucketBoundaries kWaitBuckets = {0.01, 0.05, 0.1, 0.25, 0.5, 1,  2.5,
                                                  5,    10,   30,  60,   120, 300};

double Seconds(std::chrono::microseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string_view DoorName(Door door) {
  switch (door) {
    case Door::kPg:
      return "pg";
    case Door::kFlightSql:
      return "flightsql";
    case Door::kHttp:
      return "http";
  }
  return "pg";
}

struct Metrics::Series {
  struct OfDoor {
    Counter* ok;
    Counter* error;
    Counter* cancelled;
    Histogram* duration;
    Gauge* sessions;
    Counter* sessions_total;
    Counter* rows;
    Counter* bytes;
    std::array<Counter*, kStatusCodes> errors;
  };

  prometheus::Registry registry;
  std::array<OfDoor, kDoors> doors;
  Gauge* active;
  Gauge* tavana_active;
  Histogram* tavana_duration;
  Gauge* queue_depth;
  Histogram* queue_wait;
  Family<Gauge>* memory;
  Gauge* tavana_memory;

  std::mutex mu;
  MemorySource memory_source;             // guarded by mu
  std::map<std::string, Gauge*> by_kind;  // guarded by mu

  explicit Series(const BuildInfo& build);
  OfDoor& of(Door door) { return doors[static_cast<size_t>(door)]; }
};

Metrics::Series::Series(const BuildInfo& build) {
  auto counter = [&](const char* name, const char* help) -> Family<Counter>& {
    return BuildCounter().Name(name).Help(help).Register(registry);
  };
  auto gauge = [&](const char* name, const char* help) -> Family<Gauge>& {
    return BuildGauge().Name(name).Help(help).Register(registry);
  };
  auto histogram = [&](const char* name, const char* help) -> Family<Histogram>& {
    return BuildHistogram().Name(name).Help(help).Register(registry);
  };
  auto& queries = counter("skein_queries_total",
                          "Queries that ended, by door and outcome (ok, error, cancelled).");
  auto& duration = histogram("skein_query_duration_seconds",
                             "Time from a query's arrival to its last byte, by door.");
  auto& sessions = gauge("skein_sessions", "Sessions that are open, by door.");
  auto& sessions_total = counter("skein_sessions_total", "Sessions that were opened, by door.");
  auto& rows = counter("skein_result_rows_total", "Rows sent to clients, by door.");
  auto& bytes = counter("skein_result_bytes_total", "Bytes of results sent to clients, by door.");
  auto& errors = counter("skein_errors_total", "Failures, by door and class.");
  for (size_t i = 0; i < kDoors; ++i) {
    std::string door(DoorName(static_cast<Door>(i)));
    OfDoor& of_door = doors[i];
    of_door.ok = &queries.Add({{"door", door}, {"status", "ok"}});
    of_door.error = &queries.Add({{"door", door}, {"status", "error"}});
    of_door.cancelled = &queries.Add({{"door", door}, {"status", "cancelled"}});
    of_door.duration = &duration.Add({{"door", door}}, kDurationBuckets);
    of_door.sessions = &sessions.Add({{"door", door}});
    of_door.sessions_total = &sessions_total.Add({{"door", door}});
    of_door.rows = &rows.Add({{"door", door}});
    of_door.bytes = &bytes.Add({{"door", door}});
    of_door.errors[0] = nullptr;
    for (size_t code = 1; code < kStatusCodes; ++code) {
      of_door.errors[code] = &errors.Add(
          {{"door", door}, {"class", std::string(ErrorClass(static_cast<StatusCode>(code)))}});
    }
  }
  active = &gauge("skein_active_queries", "Queries that run now.").Add({});
  memory = &gauge("skein_memory_bytes", "Memory in use, by kind.");
  gauge("skein_build_info", "Always 1; the labels say which build runs.")
      .Add({{"version", build.version}, {"duckdb", build.duckdb}})
      .Set(1);

  tavana_active = &gauge("tavana_active_queries", "Queries that run now.").Add({});
  tavana_duration =
      &histogram("tavana_query_duration_seconds", "Time from a query's arrival to its last byte.")
           .Add({}, kDurationBuckets);
  queue_depth = &gauge("tavana_query_queue_depth", "Queries that wait for capacity.").Add({});
  queue_wait = &histogram("tavana_query_queue_wait_seconds", "Time queries waited for capacity.")
                    .Add({}, kWaitBuckets);
  tavana_memory = &gauge("tavana_worker_memory_bytes", "Memory in use on this worker.").Add({});
}

Metrics::Metrics(const BuildInfo& build) : series_(std::make_unique<Series>(build)) {}
Metrics::~Metrics() = default;

void Metrics::SessionOpened(Door door) {
  series_->of(door).sessions->Increment();
  series_->of(door).sessions_total->Increment();
}

void Metrics::SessionClosed(Door door) { series_->of(door).sessions->Decrement(); }

void Metrics::QueryStarted(Door) {
  series_->active->Increment();
  series_->tavana_active->Increment();
}

void Metrics::QueryFinished(Door door, StatusCode code, std::chrono::microseconds duration,
                            uint64_t rows, uint64_t bytes) {
  Series::OfDoor& of_door = series_->of(door);
  series_->active->Decrement();
  series_->tavana_active->Decrement();
  of_door.duration->Observe(Seconds(duration));
  series_->tavana_duration->Observe(Seconds(duration));
  of_door.rows->Increment(static_cast<double>(rows));
  of_door.bytes->Increment(static_cast<double>(bytes));
  if (code == StatusCode::kOk) {
    of_door.ok->Increment();
    return;
  }
  (code == StatusCode::kCancelled ? of_door.cancelled : of_door.error)->Increment();
  Error(door, code);
}

void Metrics::Error(Door door, StatusCode code) {
  if (code != StatusCode::kOk) series_->of(door).errors[static_cast<size_t>(code)]->Increment();
}

void Metrics::SetQueueDepth(size_t waiting) {
  series_->queue_depth->Set(static_cast<double>(waiting));
}
void Metrics::QueueWaited(std::chrono::microseconds duration) {
  series_->queue_wait->Observe(Seconds(duration));
}

void Metrics::SetMemorySource(MemorySource source) {
  std::lock_guard lock(series_->mu);
  series_->memory_source = std::move(source);
}

std::string Metrics::RenderPrometheus() {
  {
    // The source runs under the lock, which is taken by scrapes alone: so that SetMemorySource can
    // promise that the previous one is not running.
    std::lock_guard lock(series_->mu);
    if (series_->memory_source) {
      for (const auto& [kind, bytes] : series_->memory_source()) {
        Gauge*& gauge = series_->by_kind[kind];
        if (!gauge) gauge = &series_->memory->Add({{"kind", kind}});
        gauge->Set(static_cast<double>(bytes));
        if (kind == "used") series_->tavana_memory->Set(static_cast<double>(bytes));
      }
    }
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, series_->registry.Collect());
  return std::move(out).str();
}

}  // namespace skein::telemetry
