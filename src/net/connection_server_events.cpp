// The thread of ConnectionServer that accepts clients and watches the parked ones.

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

#include <fmt/format.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/connection_server.h"
#include "net/connection_server_internal.h"
#include "net/listen_socket.h"

namespace skein::net {
namespace {

// A client over the limit gets this long to read why, and so many may be reading at once.
constexpr auto kRejectedLinger = std::chrono::seconds(2);
constexpr size_t kMaxRejected = 256;

// Accepting pauses this long when the machine has no descriptor or memory left.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kAcceptErrorInterval = std::chrono::seconds(1);

// Clients accepted before the others are looked at again.
constexpr int kAcceptsPerRound = 64;

}  // namespace

void ConnectionServer::RunEvents() {
  pthread_setname_np(pthread_self(), (options_.name.substr(0, 10) + "-wait").c_str());
  std::array<epoll_event, 128> events;
  for (;;) {
    int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                           MillisecondsToNextEvent());
    for (int i = 0; i < count; ++i) {
      uint64_t tag = events[static_cast<size_t>(i)].data.u64;
      uint64_t value = tag & kTagValueMask;
      switch (static_cast<EventSource>(tag >> kEventSourceShift)) {
        case EventSource::kClient:
          Resume(value);
          break;
        case EventSource::kListener:
          Accept(static_cast<int>(value));
          break;
        case EventSource::kRejected:
          DiscardInput(static_cast<int>(value));
          break;
        case EventSource::kWake: {
          uint64_t ignored;
          [[maybe_unused]] ssize_t got = read(wake_, &ignored, sizeof(ignored));
          break;
        }
      }
    }
    DropRejected(false);
    if (accept_again_ != Clock::time_point{} && Clock::now() >= accept_again_) {
      accept_again_ = {};
      for (int listener : listeners_) WatchListener(listener, true);
    }
    std::lock_guard lock(mu_);
    if (stop_accepting_ && !accepting_stopped_) {
      CloseListeners();
      accepting_stopped_ = true;
      changed_.notify_all();
    }
    if (stop_events_) return;
  }
}

int ConnectionServer::MillisecondsToNextEvent() const {
  Clock::time_point next = Clock::time_point::max();
  if (!rejected_.empty()) next = rejected_.front().until;
  if (accept_again_ != Clock::time_point{}) next = std::min(next, accept_again_);
  if (next == Clock::time_point::max()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
}

void ConnectionServer::WatchListener(int listener, bool watched) {
  epoll_event event{watched ? uint32_t{EPOLLIN} : 0u,
                    {.u64 = EventTag(EventSource::kListener, static_cast<uint64_t>(listener))}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, listener, &event);
}

void ConnectionServer::Accept(int listener) {
  for (int i = 0; i < kAcceptsPerRound; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    int socket = accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      AddClient(socket, AddressText(address));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return PauseAccepting(errno);
    // Anything else is about the one client that is gone already (ECONNABORTED and the network's
    // own errors).
  }
}

void ConnectionServer::PauseAccepting(int error) {
  for (int listener : listeners_) WatchListener(listener, false);
  auto now = Clock::now();
  accept_again_ = now + kAcceptPause;
  if (!options_.on_accept_error || now - last_accept_error_ < kAcceptErrorInterval) return;
  last_accept_error_ = now;
  options_.on_accept_error(
      Status(StatusCode::kResourceExhausted, "53000",
             fmt::format("cannot accept a client: {}", std::generic_category().message(error)))
          .WithHint("Raise the limit of open files (ulimit -n) or lower max_connections."));
}

void ConnectionServer::AddClient(int socket, std::string peer) {
  if (connections() >= options_.max_connections) return Reject(socket);
  auto client = std::make_shared<Client>();
  auto stream = std::make_unique<Stream>(socket, std::move(peer));
  client->stream = stream.get();
  client->connection = factory_(std::move(stream));

  std::lock_guard lock(mu_);
  client->id = next_id_++;
  epoll_event event{EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
                    {.u64 = EventTag(EventSource::kClient, client->id)}};
  // Fails when the kernel is out of memory; the connection then ends here.
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) == 0) clients_.emplace(client->id, client);
}

void ConnectionServer::Reject(int socket) {
  std::string farewell = options_.over_limit ? options_.over_limit() : std::string();
  send(socket, farewell.data(), farewell.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(socket, SHUT_WR);
  // A close with unread input resets the connection, and the reset may overtake the farewell: read
  // until the client closes.
  epoll_event event{EPOLLIN | EPOLLRDHUP,
                    {.u64 = EventTag(EventSource::kRejected, static_cast<uint64_t>(socket))}};
  if (rejected_.size() >= kMaxRejected || epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) {
    close(socket);
    return;
  }
  rejected_.push_back({socket, Clock::now() + kRejectedLinger});
}

void ConnectionServer::DiscardInput(int socket) {
  char discarded[4096];
  ssize_t got = recv(socket, discarded, sizeof(discarded), MSG_DONTWAIT);
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
  auto entry = std::find_if(rejected_.begin(), rejected_.end(),
                            [&](const Rejected& rejected) { return rejected.socket == socket; });
  if (entry == rejected_.end()) return;
  close(socket);
  rejected_.erase(entry);
}

void ConnectionServer::DropRejected(bool all) {
  while (!rejected_.empty() && (all || rejected_.front().until <= Clock::now())) {
    close(rejected_.front().socket);
    rejected_.pop_front();
  }
}

void ConnectionServer::CloseListeners() {
  for (int listener : listeners_) close(listener);
  listeners_.clear();
  accept_again_ = {};
}

}  // namespace skein::net
