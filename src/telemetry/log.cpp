#include "telemetry/log.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/periodic_worker.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace skein::telemetry {
namespace {

// Lines that may wait for the writing thread before Log waits too.
constexpr size_t kQueuedLines = 8192;
constexpr auto kFlushInterval = std::chrono::seconds(1);

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  return static_cast<spdlog::level::level_enum>(static_cast<int>(level));
}
static_assert(static_cast<int>(LogLevel::kError) == SPDLOG_LEVEL_ERROR);

// The threads and files of one InitLogging.
struct Backend {
  LogFormat format;
  std::shared_ptr<spdlog::details::thread_pool> pool;  // writes what is queued before it ends
  std::shared_ptr<spdlog::async_logger> logger;
  std::unique_ptr<spdlog::details::periodic_worker> flusher;

  ~Backend() {
    flusher.reset();
    if (logger) logger->flush();
    pool.reset();  // joins its thread: the logger must outlive what is queued
    logger.reset();
  }
};

// The process has one log, as it has one standard error: every room may write to it. Lives until
// exit, when its destructor writes what is queued.
struct State {
  std::atomic<LogLevel> level{LogLevel::kInfo};
  std::mutex mu;
  std::shared_ptr<Backend> backend;  // guarded by mu
};

State& TheState() {
  static State state;
  return state;
}

std::shared_ptr<Backend> CurrentBackend() {
  State& state = TheState();
  std::lock_guard lock(state.mu);
  return state.backend;
}

}  // namespace

Status InitLogging(LogLevel level, LogFormat format, const std::string& file) {
  auto backend = std::make_shared<Backend>();
  backend->format = format;
  spdlog::sink_ptr sink;
  try {
    if (file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    backend->pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
    backend->logger = std::make_shared<spdlog::async_logger>("skein", sink, backend->pool,
                                                             spdlog::async_overflow_policy::block);
  } catch (const spdlog::spdlog_ex& error) {
    return errors::InvalidParameter(fmt::format("the log cannot be written: {}", error.what()))
        .WithHint(
            "Set log_file to a file in a folder that this user may write, or leave it empty.");
  }
  backend->logger->set_pattern("%v");
  backend->logger->set_level(spdlog::level::trace);
  backend->logger->flush_on(spdlog::level::warn);
  backend->flusher = std::make_unique<spdlog::details::periodic_worker>(
      [logger = backend->logger.get()] { logger->flush(); }, kFlushInterval);

  State& state = TheState();
  state.level = level;
  std::shared_ptr<Backend> previous;  // ends outside the lock
  std::lock_guard lock(state.mu);
  previous = std::exchange(state.backend, std::move(backend));
  return Status::OK();
}

void ShutdownLogging() {
  State& state = TheState();
  std::shared_ptr<Backend> previous;
  std::lock_guard lock(state.mu);
  previous = std::exchange(state.backend, nullptr);
}

bool LogEnabled(LogLevel level) {
  return level >= TheState().level.load(std::memory_order_relaxed);
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  Log(level, message, fields.begin(), fields.size());
}

void Log(LogLevel level, std::string_view message, const LogField* fields, size_t count) {
  if (!LogEnabled(level)) return;
  auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                 std::chrono::system_clock::now().time_since_epoch())
                 .count();
  std::shared_ptr<Backend> backend = CurrentBackend();
  std::string line = FormatLogLine(backend ? backend->format : LogFormat::kLogfmt, now, level,
                                   message, fields, count);
  if (backend) {
    backend->logger->log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
  } else {
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

}  // namespace skein::telemetry
