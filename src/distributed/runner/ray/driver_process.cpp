#include "distributed/runner/ray/driver_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace skein::distributed::ray {
namespace {

constexpr int kDriversEnd = 3;
/// The driver says something every five seconds; Ray's own start is the longest silence.
constexpr int kSilenceMs = 90000;
constexpr size_t kMaxMessage = size_t{256} << 20;
constexpr size_t kMaxPayload = size_t{1} << 30;
constexpr size_t kFrameHead = 12;

Status Gone(const std::string& what) {
  return Status(StatusCode::kUnavailable, "58000", "the Ray driver " + what)
      .WithOrigin(Origin::kPeer)
      .Retriable();
}

template <typename T>
void PutNumber(char* at, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<char>(value >> (8 * i));
}

template <typename T>
T GetNumber(const char* at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(static_cast<unsigned char>(at[i])) << (8 * i);
  return value;
}

Status ReadExactly(int fd, char* to, size_t size) {
  while (size > 0) {
    pollfd poll_fd{fd, POLLIN, 0};
    int ready = poll(&poll_fd, 1, kSilenceMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return Gone("does not answer");
    ssize_t n = recv(fd, to, size, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Gone("ended");
    to += n;
    size -= static_cast<size_t>(n);
  }
  return Status::OK();
}

Status WriteAll(int fd, std::vector<iovec> parts) {
  constexpr size_t kMostParts = 512;
  size_t first = 0;
  while (first < parts.size()) {
    msghdr header{};
    header.msg_iov = &parts[first];
    header.msg_iovlen = std::min(parts.size() - first, kMostParts);
    ssize_t n = sendmsg(fd, &header, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Gone(errno == EAGAIN ? "does not read" : "ended");
    for (auto left = static_cast<size_t>(n); first < parts.size();) {
      iovec& part = parts[first];
      size_t taken = std::min(left, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + taken;
      part.iov_len -= taken;
      left -= taken;
      if (part.iov_len > 0) break;
      ++first;
    }
  }
  return Status::OK();
}

std::vector<std::string> DriverEnvironment(const std::string& module_dir) {
  std::vector<std::string> variables;
  std::string path = module_dir;
  for (char** variable = environ; *variable; ++variable) {
    std::string_view text(*variable);
    if (text.substr(0, 11) == "PYTHONPATH=" && text.size() > 11) {
      path += (path.empty() ? "" : ":") + std::string(text.substr(11));
    } else {
      variables.emplace_back(text);
    }
  }
  if (!path.empty()) variables.push_back("PYTHONPATH=" + path);
  variables.emplace_back("RAY_USAGE_STATS_ENABLED=0");
  return variables;
}

}  // namespace

Result<std::unique_ptr<DriverProcess>> DriverProcess::Start(const Command& command) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errors::IoError(std::string("no socket for the Ray driver: ") + std::strerror(errno));
  timeval patience{30, 0};
  setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, command.log_file.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawn_file_actions_adddup2(&files, ends[1], kDriversEnd);
  // Its own group: what is typed at our terminal is for us alone. And none of our blocked signals.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &pipe);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> arguments{command.python, "-m", "skein_ray.driver",
                                     std::to_string(kDriversEnd)};
  std::vector<std::string> variables = DriverEnvironment(command.module_dir);
  auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
  };
  pid_t pid = 0;
  int error = posix_spawnp(&pid, command.python.c_str(), &files, &attributes,
                           pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return errors::IoError("the Ray driver's Python, \"" + command.python +
                           "\", cannot be started: " + std::strerror(error))
        .WithHint("Name a Python that has the package ray: --cluster-python.");
  }
  return std::unique_ptr<DriverProcess>(new DriverProcess(pid, ends[0], command.log_file));
}

DriverProcess::~DriverProcess() {
  Stop(Clock::now());
  close(socket_);
}

Status DriverProcess::Send(const ToDriver& message, const std::vector<Block>& blocks) {
  std::string head(kFrameHead, '\0');
  uint64_t payload = 0;
  for (const Block& block : blocks) payload += block.size;
  message.AppendToString(&head);
  if (head.size() - kFrameHead > kMaxMessage)
    return errors::TooLarge("the query's tasks are longer than a message to the Ray driver may be");
  PutNumber(head.data(), static_cast<uint32_t>(head.size() - kFrameHead));
  PutNumber(head.data() + 4, payload);
  std::vector<iovec> parts{{head.data(), head.size()}};
  for (const Block& block : blocks) parts.push_back({const_cast<char*>(block.data), block.size});
  std::lock_guard lock(send_mu_);
  return WriteAll(socket_, std::move(parts));
}

Status DriverProcess::Receive(FromDriver* message, Payload* payload) {
  std::array<char, kFrameHead> head{};
  SKEIN_RETURN_IF_ERROR(ReadExactly(socket_, head.data(), head.size()));
  const auto size = GetNumber<uint32_t>(head.data());
  payload->size = GetNumber<uint64_t>(head.data() + 4);
  if (size > kMaxMessage || payload->size > kMaxPayload) return Gone("sent what is no message");
  std::string bytes(size, '\0');
  SKEIN_RETURN_IF_ERROR(ReadExactly(socket_, bytes.data(), bytes.size()));
  payload->bytes = std::make_unique_for_overwrite<char[]>(payload->size);
  SKEIN_RETURN_IF_ERROR(ReadExactly(socket_, payload->bytes.get(), payload->size));
  if (!message->ParseFromString(bytes)) return Gone("sent what is no message");
  return Status::OK();
}

void DriverProcess::Abort() { shutdown(socket_, SHUT_RDWR); }

bool DriverProcess::WaitForEnd(Deadline deadline) {
  while (!ended_) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == pid_) {
      ended_ = true;
      // A driver that was killed leaves some of a local Ray's processes. They are in its group,
      // whose number is nobody else's until the driver is waited for.
      kill(-pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (ended_ || (deadline && Clock::now() >= *deadline)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return ended_;
}

void DriverProcess::Stop(Deadline deadline) {
  if (ended_) return;
  shutdown(socket_, SHUT_WR);
  if (!WaitForEnd(deadline)) {
    kill(pid_, SIGKILL);
    WaitForEnd(std::nullopt);
  }
}

std::string DriverProcess::LastWords() const {
  std::ifstream file(log_file_);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    if (line.find_first_not_of(" \t\r") != std::string::npos) last = line;
  }
  constexpr size_t kMost = 300;
  return last.substr(0, kMost);
}

}  // namespace skein::distributed::ray
