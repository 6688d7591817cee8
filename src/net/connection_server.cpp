#include "net/connection_server.h"

#include <cerrno>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "net/connection_server_internal.h"
#include "net/listen_socket.h"

namespace skein::net {
namespace {

// Saying goodbye to thousands of parked connections is not worth thousands of threads.
constexpr size_t kGoodbyeThreads = 16;

}  // namespace

Result<std::unique_ptr<ConnectionServer>> ConnectionServer::Start(Options options,
                                                                  ConnectionFactory factory) {
  SKEIN_ASSIGN_OR_RETURN(ListenSockets listening,
                         Listen(options.host, options.port, options.port_setting));
  std::unique_ptr<ConnectionServer> server(new ConnectionServer(
      std::move(options), std::move(factory), listening.sockets, listening.port));
  server->epoll_ = epoll_create1(EPOLL_CLOEXEC);
  server->wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (server->epoll_ < 0 || server->wake_ < 0) {
    return errors::IoError("cannot watch connections: " + std::generic_category().message(errno));
  }
  auto watch = [&](int socket, uint64_t tag) {
    epoll_event event{EPOLLIN, {.u64 = tag}};
    return epoll_ctl(server->epoll_, EPOLL_CTL_ADD, socket, &event) == 0;
  };
  bool watched = watch(server->wake_, EventTag(EventSource::kWake, 0));
  for (int socket : server->listeners_) {
    watched =
        watched && watch(socket, EventTag(EventSource::kListener, static_cast<uint64_t>(socket)));
  }
  if (!watched) {
    return errors::IoError("cannot watch connections: " + std::generic_category().message(errno));
  }
  server->events_ = std::thread([self = server.get()] { self->RunEvents(); });
  return server;
}

ConnectionServer::ConnectionServer(Options options, ConnectionFactory factory,
                                   std::vector<int> sockets, uint16_t port)
    : options_(std::move(options)),
      factory_(std::move(factory)),
      port_(port),
      listeners_(std::move(sockets)),
      pool_(options_.name + "-run", options_.max_connections, options_.idle_thread_timeout) {}

ConnectionServer::~ConnectionServer() {
  if (events_.joinable()) {
    Drain(Clock::now(), errors::ShuttingDown("the server is stopping"));
    {
      std::unique_lock lock(mu_);
      changed_.wait(lock, [&] { return clients_.empty(); });
      stop_events_ = true;
    }
    Wake();
    events_.join();
  }
  CloseListeners();
  DropRejected(true);
  if (wake_ >= 0) close(wake_);
  if (epoll_ >= 0) close(epoll_);
}

size_t ConnectionServer::connections() const {
  std::lock_guard lock(mu_);
  return clients_.size();
}

std::vector<ConnectionServer::ClientPtr> ConnectionServer::Clients() const {
  std::lock_guard lock(mu_);
  std::vector<ClientPtr> clients;
  clients.reserve(clients_.size());
  for (const auto& [id, client] : clients_) clients.push_back(client);
  return clients;
}

void ConnectionServer::Wake() {
  uint64_t one = 1;
  // Fails only when the counter is full, and then the event thread is woken already.
  [[maybe_unused]] ssize_t written = write(wake_, &one, sizeof(one));
}

void ConnectionServer::StopAccepting() {
  std::unique_lock lock(mu_);
  stop_accepting_ = true;
  Wake();
  changed_.wait(lock, [&] { return accepting_stopped_; });
}

size_t ConnectionServer::Drain(Deadline deadline, Status why) {
  StopAccepting();
  {
    std::lock_guard lock(mu_);
    draining_ = true;
  }
  size_t goodbye_threads = pool_.threads() + kGoodbyeThreads;
  for (ClientPtr& client : Clients()) {
    {
      std::lock_guard lock(client->connection_mu);
      if (client->connection && !client->told_shutdown) {
        client->connection->Shutdown(why);
        client->told_shutdown = true;
      }
    }
    {
      std::lock_guard lock(mu_);
      if (!client->parked) continue;
      client->parked = false;
    }
    pool_.Submit([this, client] { Run(client); }, goodbye_threads);
  }

  auto all_ended = [&] { return clients_.empty(); };
  {
    std::unique_lock lock(mu_);
    if (!deadline) {
      changed_.wait(lock, all_ended);
    } else {
      changed_.wait_until(lock, *deadline, all_ended);
    }
  }
  size_t aborted = 0;
  for (ClientPtr& client : Clients()) {
    std::lock_guard lock(client->connection_mu);
    if (!client->connection) continue;
    client->stream->Abort();
    client->connection->Abort();
    ++aborted;
  }
  std::unique_lock lock(mu_);
  changed_.wait_for(lock, kAbortGrace, all_ended);
  return aborted;
}

void ConnectionServer::Resume(uint64_t id) {
  ClientPtr client;
  {
    std::lock_guard lock(mu_);
    auto found = clients_.find(id);
    // Drain may have been quicker.
    if (found == clients_.end() || !found->second->parked) return;
    client = found->second;
    client->parked = false;
  }
  pool_.Submit([this, client = std::move(client)] { Run(client); });
}

void ConnectionServer::Run(const ClientPtr& client) {
  for (;;) {
    bool last_time = client->told_shutdown;
    Next next = client->connection->Serve();
    if (next == Next::kClose || last_time) break;
    // Decrypted bytes that wait inside the stream would never make the socket readable.
    if (client->stream->HasBufferedInput()) continue;
    if (Park(client)) return;
  }
  Remove(client);
}

bool ConnectionServer::Park(const ClientPtr& client) {
  std::lock_guard lock(mu_);
  // Serve once more, to say goodbye.
  if (draining_) return false;
  client->parked = true;
  epoll_event event{EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
                    {.u64 = EventTag(EventSource::kClient, client->id)}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, client->stream->native_handle(), &event);
  return true;
}

void ConnectionServer::Remove(const ClientPtr& client) {
  std::unique_ptr<Connection> connection;
  {
    std::lock_guard lock(client->connection_mu);
    connection = std::move(client->connection);
  }
  // Destroyed before it is counted out: when Drain sees no client, no connection is left either.
  connection.reset();
  std::lock_guard lock(mu_);
  clients_.erase(client->id);
  if (clients_.empty()) changed_.notify_all();
}

}  // namespace skein::net
