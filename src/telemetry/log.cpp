#include "telemetry/log.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace skein::telemetry {
namespace {

// Lines are gathered and written together: waking a writer for each line costs more than making the
// line, and a busy server logs tens of thousands a second. Warnings are written at once.
constexpr auto kFlushInterval = std::chrono::milliseconds(200);
constexpr size_t kWakeBytes = size_t{256} << 10;
// What may wait for the disk before Log waits too: no line is dropped.
constexpr size_t kMaxWaitingBytes = size_t{16} << 20;

// The thread and the file of one InitLogging. The destructor writes what is left.
class Backend {
 public:
  Backend(LogFormat format, int fd, bool owned)
      : format_(format), fd_(fd), owned_(owned), writer_([this] { Run(); }) {}

  ~Backend() {
    {
      std::lock_guard lock(mu_);
      stop_ = true;
    }
    changed_.notify_all();
    writer_.join();
    if (owned_) close(fd_);
  }

  LogFormat format() const { return format_; }

  void Append(std::string_view line, bool urgent) {
    std::unique_lock lock(mu_);
    written_.wait(lock, [this] { return waiting_.size() < kMaxWaitingBytes; });
    bool wake =
        urgent || (waiting_.size() < kWakeBytes && waiting_.size() + line.size() >= kWakeBytes);
    waiting_ += line;
    waiting_ += '\n';
    urgent_ = urgent_ || urgent;
    lock.unlock();
    if (wake) changed_.notify_all();
  }

 private:
  void Run() {
    std::string lines;
    std::unique_lock lock(mu_);
    while (true) {
      changed_.wait_for(lock, kFlushInterval,
                        [this] { return stop_ || urgent_ || waiting_.size() >= kWakeBytes; });
      bool last = stop_;
      urgent_ = false;
      lines.swap(waiting_);
      lock.unlock();
      written_.notify_all();
      Write(lines);
      lines.clear();
      if (last) return;
      lock.lock();
    }
  }

  void Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      ssize_t written = write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // a log that cannot be written must not stop the server
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }

  const LogFormat format_;
  const int fd_;
  const bool owned_;
  std::mutex mu_;
  std::condition_variable changed_;
  std::condition_variable written_;
  std::string waiting_;  // guarded by mu_
  bool urgent_ = false;  // guarded by mu_
  bool stop_ = false;    // guarded by mu_
  std::thread writer_;
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
  int fd = STDERR_FILENO;
  if (!file.empty()) {
    fd = open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
      return errors::InvalidParameter(
                 fmt::format("the log cannot be written: {}: {}", file, std::strerror(errno)))
          .WithHint(
              "Set log_file to a file in a folder that this user may write, or leave it empty.");
    }
  }
  auto backend = std::make_shared<Backend>(format, fd, !file.empty());
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
  std::string line = FormatLogLine(backend ? backend->format() : LogFormat::kLogfmt, now, level,
                                   message, fields, count);
  if (backend) {
    backend->Append(line, level >= LogLevel::kWarn);
  } else {
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

}  // namespace skein::telemetry
