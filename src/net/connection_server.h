#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/status.h"
#include "net/stream.h"
#include "net/worker_pool.h"

namespace skein::net {

/// What a connection wants after a Serve.
enum class Next {
  kPark,   ///< nothing to do: wait, without a thread, until the client sends something
  kClose,  ///< over: destroy the connection
};

/// One client's conversation, written by a door (PostgreSQL, HTTP).
///
/// Serve runs on one thread at a time, not always the same. The other calls may come from any
/// thread while it runs.
class Connection {
 public:
  /// Runs on the thread that ended it or on the one that stops the server; never during another
  /// call.
  virtual ~Connection() = default;

  /// Runs on a worker thread when the client has sent something or has left, until the connection
  /// is idle or over. It may block. A busy client is served fastest when Serve lingers
  /// (Stream::WaitReadable for about a second) before it parks. Must not throw.
  virtual Next Serve() = 0;

  /// Told at most once, when the server stops, parked or not: keep `why`, call Stream::StopReading,
  /// return. Serve then (for a parked connection: once more) finds the end of its input, tells the
  /// client why and returns kClose; parking now counts as closing. Must not block.
  virtual void Shutdown(Status why) = 0;

  /// Told when the time to end in peace is over, after the stream was aborted: stop the work that
  /// Serve waits for. Must not block.
  virtual void Abort() {}
};

/// Makes the connection for a new client. Runs on the server's own thread: must be quick, must not
/// block, must not throw. The connection keeps the stream until its own destructor.
using ConnectionFactory = std::function<std::unique_ptr<Connection>(std::unique_ptr<Stream>)>;

/// One door: listens on a host and port, keeps the connections, runs those that have something to
/// do.
///
/// Models a connection as parked (watched by one epoll thread, costs no thread) or running (on a
/// worker of an elastic pool). A new client is parked until it sends its first byte. It knows
/// nothing of protocols, and nothing of time: who wants to end idle clients calls
/// Stream::StopReading or Abort from a Timer, which wakes a parked connection as well.
///
/// Lifecycle: Start listens and accepts; StopAccepting and Drain end it in peace; the destructor
/// aborts what is left and joins every thread. All methods are thread-safe; the destructor runs
/// alone.
class ConnectionServer {
 public:
  struct Options {
    std::string name = "net";           ///< names the threads; at most 10 bytes
    std::string host = "127.0.0.1";     ///< a name or address of this machine, "*" for all
    uint16_t port = 0;                  ///< 0 takes a free one
    std::string port_setting = "port";  ///< for the error when the port is taken
    size_t max_connections = 10000;     ///< also the limit of worker threads
    std::chrono::milliseconds idle_thread_timeout{10000};
    /// Gives what a client over the limit is told before it is closed (runs on the server's own
    /// thread).
    std::function<std::string()> over_limit = {};
    /// Called when accepting fails for lack of files or memory: at most once a second, on the
    /// server's own thread.
    std::function<void(Status)> on_accept_error = {};
  };

  static Result<std::unique_ptr<ConnectionServer>> Start(Options options,
                                                         ConnectionFactory factory);
  ~ConnectionServer();
  ConnectionServer(const ConnectionServer&) = delete;
  ConnectionServer& operator=(const ConnectionServer&) = delete;

  uint16_t port() const { return port_; }
  size_t connections() const;
  size_t threads() const { return pool_.threads(); }

  /// Closes the listening sockets; connections go on. Returns when no new client can come any more.
  void StopAccepting();

  /// Stops accepting and tells every connection Shutdown(why); waits for them to end; at the
  /// deadline aborts the others and gives them kAbortGrace to notice. Returns how many had to be
  /// aborted.
  size_t Drain(Deadline deadline, Status why);

  /// How long aborted connections may take to notice before Drain returns without them (the
  /// destructor still waits).
  static constexpr std::chrono::seconds kAbortGrace{5};

 private:
  struct Client;
  struct Rejected {
    int socket;
    Clock::time_point until;
  };
  using ClientPtr = std::shared_ptr<Client>;

  ConnectionServer(Options options, ConnectionFactory factory, std::vector<int> sockets,
                   uint16_t port);

  // On the event thread.
  void RunEvents();
  void Accept(int listener);
  void AddClient(int socket, std::string peer);
  void Reject(int socket);
  void DropRejected(bool all);
  void DiscardInput(int socket);
  void CloseListeners();
  void WatchListener(int listener, bool watched);
  void PauseAccepting(int error);
  int MillisecondsToNextEvent() const;

  // On any thread.
  void Wake();
  void Resume(uint64_t id);
  void Run(const ClientPtr& client);
  bool Park(const ClientPtr& client);
  void Remove(const ClientPtr& client);
  std::vector<ClientPtr> Clients() const;

  const Options options_;
  const ConnectionFactory factory_;
  const uint16_t port_;
  int epoll_ = -1;
  int wake_ = -1;  // an eventfd, written by Wake

  // Only the event thread touches these four after Start.
  std::vector<int> listeners_;
  std::deque<Rejected> rejected_;
  Clock::time_point accept_again_{};  // when not the epoch: accepting is paused until then
  Clock::time_point last_accept_error_{};

  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::map<uint64_t, ClientPtr> clients_;  // guarded by mu_
  uint64_t next_id_ = 0;                   // guarded by mu_
  bool stop_accepting_ = false;            // guarded by mu_
  bool accepting_stopped_ = false;         // guarded by mu_
  bool draining_ = false;                  // guarded by mu_
  bool stop_events_ = false;               // guarded by mu_

  WorkerPool pool_;
  std::thread events_;
};

}  // namespace skein::net
