#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/cancellation.h"
#include "common/status.h"
#include "net/tls_context.h"

struct ssl_st;

namespace skein::net {

/// One connected client: bytes in, bytes out, plain or (after StartTls) encrypted.
///
/// Models the connection as a pair of byte streams with deadlines. It does not buffer, frame or
/// retry; it knows nothing of what the bytes mean.
///
/// Lifecycle: made over a connected socket it then owns; StartTls at most once; the destructor says
/// goodbye (TLS close_notify, FIN) without waiting and closes. After an error, end of input
/// excepted, nothing but destruction makes sense.
///
/// Threads: the calls that move bytes (Read, Peek, Write, WriteV, WaitReadable, StartTls,
/// HasBufferedInput) belong to one thread at a time. PeerGone, StopReading and Abort may be called
/// by any thread at any time before the destructor.
///
/// No call raises SIGPIPE. No deadline (std::nullopt) means: wait until there is something, or
/// until Abort.
class Stream {
 public:
  /// Owns `socket` (connected; made non-blocking here). `peer` is for logs.
  Stream(int socket, std::string peer);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Two ends of one connection inside this process, for tests.
  static std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> Pair();

  /// Blocks until at least one byte is there and gives at most `size` of them; 0 means the client
  /// sends no more (it closed, or StopReading was called). Precondition: size > 0.
  Result<size_t> Read(char* buffer, size_t size, Deadline deadline);
  /// Like Read, and leaves the bytes to be read again. Only before StartTls: it is how a door tells
  /// a TLS handshake from its own protocol.
  Result<size_t> Peek(char* buffer, size_t size, Deadline deadline);
  /// Blocks until the kernel has taken all of it. A client that does not read makes this wait: that
  /// is the backpressure.
  Status Write(std::string_view bytes, Deadline deadline);
  /// One after the other, in one system call where possible.
  Status WriteV(std::string_view first, std::string_view second, Deadline deadline);

  /// True when a Read would not block (bytes or the end are there), false when the deadline passed.
  Result<bool> WaitReadable(Deadline deadline);
  /// True when decrypted bytes wait inside this object, where no poll() sees them: ask before
  /// parking.
  bool HasBufferedInput() const;

  /// True when the client closed its side, or Abort was called. Consumes nothing and does not
  /// block. A client that vanished without a FIN is noticed by the keepalive after 40 s.
  bool PeerGone() const;

  /// Makes the Read or WaitReadable in progress, and all later ones, find the end of input at once;
  /// what is written still goes out. A parked connection is woken by it. How a server asks a
  /// connection to say goodbye.
  void StopReading();
  /// Ends every call in progress and all later ones with a ConnectionLost error; the client sees
  /// the connection end.
  void Abort();

  /// Encrypts from here on; blocks for the handshake. The caller must hold no byte that it read
  /// before: bytes that came in front of the handshake are an injection, not a request.
  Status StartTls(std::shared_ptr<const TlsContext> context, Deadline deadline);
  bool is_tls() const { return tls_ != nullptr; }
  /// The context StartTls was given (its server_end_point() is what SCRAM binds to); null while
  /// plain.
  const TlsContext* tls_context() const { return context_.get(); }
  /// The common name of the client's certificate, which was verified; nullopt when the client has
  /// none, or one without a single common name that is text.
  std::optional<std::string> certificate_name() const;
  /// "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty while plain.
  std::string tls_description() const;
  /// The protocol name agreed on by ALPN, empty when none.
  std::string alpn() const;

  /// "192.0.2.7:51234", "[2001:db8::1]:51234".
  const std::string& peer() const { return peer_; }
  bool peer_is_loopback() const { return peer_is_loopback_; }
  int native_handle() const { return socket_; }

 private:
  enum class Readiness { kReady, kTimedOut };

  Result<Readiness> Wait(short events, Deadline deadline) const;
  Status Aborted() const;
  Result<size_t> ReadPlain(char* buffer, size_t size, int flags, Deadline deadline);
  Result<size_t> ReadTls(char* buffer, size_t size, Deadline deadline);
  Status WriteTls(std::string_view bytes, Deadline deadline);
  /// What to do after an OpenSSL call that gave `outcome`: waits and returns true to try again,
  /// false at the end of input, or the error.
  Result<bool> AfterTlsCall(int outcome, Deadline deadline);

  const int socket_;
  const std::string peer_;
  bool peer_is_loopback_ = false;
  std::atomic<bool> aborted_{false};
  std::atomic<bool> reading_stopped_{false};
  std::shared_ptr<const TlsContext> context_;
  ssl_st* tls_ = nullptr;
  bool tls_broken_ = false;  // after a fatal TLS error no close_notify may be sent
};

}  // namespace skein::net
