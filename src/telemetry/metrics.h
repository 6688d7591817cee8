#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"

namespace skein::telemetry {

enum class Door { kPg, kFlightSql, kHttp };
inline constexpr size_t kDoors = 3;

/// "pg", "flightsql", "http": the label in metrics and in the query log.
std::string_view DoorName(Door door);

/// What the server counts, in Prometheus' terms. Every series is made by the constructor, so that
/// the calls below only add to atomics and a dashboard sees zeros instead of gaps. Thread-safe.
class Metrics {
 public:
  /// Bytes by kind ("engine", "results", ...), read at each scrape.
  using MemorySource = std::function<std::vector<std::pair<std::string, uint64_t>>()>;

  struct BuildInfo {
    std::string version;
    std::string duckdb;
  };

  explicit Metrics(const BuildInfo& build);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void SessionOpened(Door door);
  void SessionClosed(Door door);

  /// Every QueryStarted is followed by one QueryFinished; `code` kOk, or why it failed. `rows` and
  /// `bytes` are what the client was sent.
  void QueryStarted(Door door);
  void QueryFinished(Door door, StatusCode code, std::chrono::microseconds duration, uint64_t rows,
                     uint64_t bytes);

  /// A failure that is not a query's: a refused login, a message that makes no sense.
  void Error(Door door, StatusCode code);

  void SetQueueDepth(size_t waiting);
  void QueueWaited(std::chrono::microseconds duration);

  /// Replaces the source; the sum of its kinds is also tavana_worker_memory_bytes. Runs on the
  /// scraping thread, one at a time. When this returns the previous source is not running.
  void SetMemorySource(MemorySource source);

  /// The text that GET /metrics answers, content type kContentType.
  std::string RenderPrometheus();
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Series;
  std::unique_ptr<Series> series_;
};

}  // namespace skein::telemetry
