#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/cancellation.h"
#include "common/status.h"
#include "distributed/runner/ray/messages.h"

namespace skein::distributed::ray {

/// The Python process that speaks to Ray for us (python/skein_ray/driver.py), and the one
/// connection to it: a socket pair, so that nobody else can be at either end.
///
/// Lifecycle: Start, Send and Receive until Receive says that it is over, Stop; the destructor
/// kills what still runs. Send is thread-safe; Receive is for one thread, beside which the others
/// may be called.
class DriverProcess {
 public:
  struct Command {
    std::string python;
    std::string module_dir;  ///< the folder that skein_ray is in; empty: Python finds it itself
    std::string log_file;    ///< its standard error
  };
  static Result<std::unique_ptr<DriverProcess>> Start(const Command& command);
  ~DriverProcess();
  DriverProcess(const DriverProcess&) = delete;
  DriverProcess& operator=(const DriverProcess&) = delete;

  /// The blocks follow as payload. An error means that the connection is of no use any more.
  Status Send(const ToDriver& message, const std::vector<Block>& blocks = {});

  struct Payload {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };
  /// Waits for a message, but for no longer than a driver that lives is ever silent.
  Status Receive(FromDriver* message, Payload* payload);

  /// Asks it to end and waits; kills it at the deadline.
  void Stop(Deadline deadline);
  /// Makes Receive return.
  void Abort();

  pid_t pid() const { return pid_; }
  /// The last line of its standard error.
  std::string LastWords() const;

 private:
  DriverProcess(pid_t pid, int socket, std::string log_file)
      : pid_(pid), socket_(socket), log_file_(std::move(log_file)) {}
  bool WaitForEnd(Deadline deadline);

  const pid_t pid_;
  const int socket_;
  const std::string log_file_;
  bool ended_ = false;
  std::mutex send_mu_;
};

}  // namespace skein::distributed::ray
