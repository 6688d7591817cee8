#include "net/stream.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net/tls_bio.h"

namespace skein::net {
namespace {

// A client whose machine is gone is noticed after idle + interval x probes = 40 s.
constexpr int kKeepaliveSeconds = 10;
constexpr int kKeepaliveProbes = 3;

// What is read and thrown away at the end, so that close() sends a FIN and not a reset that could
// overtake our last message.
constexpr size_t kMaxDiscardedBytes = 1 << 20;

void SetOption(int socket, int level, int name, int value) {
  // Not every kind of socket knows every option (a socketpair has no TCP): that is fine.
  setsockopt(socket, level, name, &value, sizeof(value));
}

Status SystemError(const char* what, int error) {
  return errors::ConnectionLost(
      fmt::format("{}: {}", what, std::generic_category().message(error)));
}

bool IsLoopback(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  if (address.ss_family == AF_UNIX) return true;
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return v6.sin6_addr.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
  }
  return false;
}

// For poll(): -1 waits without end; rounds up, so that a wait never ends before its deadline and
// spins.
int MillisecondsUntil(Deadline deadline) {
  if (!deadline) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX));
}

}  // namespace

Stream::Stream(int socket, std::string peer) : socket_(socket), peer_(std::move(peer)) {
  fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
  SetOption(socket_, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(socket_, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(socket_, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveSeconds);
  SetOption(socket_, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveSeconds);
  SetOption(socket_, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
  peer_is_loopback_ = IsLoopback(socket_);
}

Stream::~Stream() {
  if (tls_) {
    if (!tls_broken_ && !aborted_ && SSL_is_init_finished(tls_)) SSL_shutdown(tls_);
    SSL_free(tls_);
    ERR_clear_error();
  }
  shutdown(socket_, SHUT_WR);
  char discarded[4096];
  for (size_t total = 0; total < kMaxDiscardedBytes;) {
    ssize_t got = recv(socket_, discarded, sizeof(discarded), MSG_DONTWAIT);
    if (got <= 0) break;
    total += static_cast<size_t>(got);
  }
  close(socket_);
}

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> Stream::Pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  return {std::make_unique<Stream>(ends[0], "local"), std::make_unique<Stream>(ends[1], "local")};
}

Status Stream::Aborted() const { return errors::ConnectionLost("the server ended the connection"); }

Result<Stream::Readiness> Stream::Wait(short events, Deadline deadline) const {
  for (;;) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    pollfd entry{socket_, events, 0};
    int ready = poll(&entry, 1, MillisecondsUntil(deadline));
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    // Errors and hang-ups count as ready: the read or write that follows says what happened.
    if (ready > 0) return Readiness::kReady;
    if (ready == 0) {
      if (deadline && Clock::now() >= *deadline) return Readiness::kTimedOut;
      continue;
    }
    if (errno != EINTR) return SystemError("waiting for the client failed", errno);
  }
}

Result<size_t> Stream::Read(char* buffer, size_t size, Deadline deadline) {
  return tls_ ? ReadTls(buffer, size, deadline) : ReadPlain(buffer, size, 0, deadline);
}

Result<size_t> Stream::Peek(char* buffer, size_t size, Deadline deadline) {
  if (tls_) return errors::Internal("Peek was called after StartTls");
  return ReadPlain(buffer, size, MSG_PEEK, deadline);
}

Result<size_t> Stream::ReadPlain(char* buffer, size_t size, int flags, Deadline deadline) {
  for (;;) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    if (reading_stopped_.load(std::memory_order_acquire)) return size_t{0};
    ssize_t got = recv(socket_, buffer, size, flags);
    // Bytes that came before Abort are not given out after it.
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    if (got >= 0) return static_cast<size_t>(got);
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
      return SystemError("reading from the client failed", errno);
    SKEIN_ASSIGN_OR_RETURN(Readiness readiness, Wait(POLLIN, deadline));
    if (readiness == Readiness::kTimedOut)
      return errors::TimedOut("the client sent nothing in time");
  }
}

Status Stream::Write(std::string_view bytes, Deadline deadline) {
  if (tls_) return WriteTls(bytes, deadline);
  return WriteV(bytes, {}, deadline);
}

Status Stream::WriteV(std::string_view first, std::string_view second, Deadline deadline) {
  if (tls_) {
    SKEIN_RETURN_IF_ERROR(WriteTls(first, deadline));
    return WriteTls(second, deadline);
  }
  while (!first.empty() || !second.empty()) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    iovec parts[2] = {{const_cast<char*>(first.data()), first.size()},
                      {const_cast<char*>(second.data()), second.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = second.empty() ? 1 : 2;
    ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      size_t of_first = std::min(static_cast<size_t>(sent), first.size());
      first.remove_prefix(of_first);
      second.remove_prefix(static_cast<size_t>(sent) - of_first);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      int error = errno;
      if (aborted_.load(std::memory_order_acquire)) return Aborted();
      return SystemError("writing to the client failed", error);
    }
    SKEIN_ASSIGN_OR_RETURN(Readiness readiness, Wait(POLLOUT, deadline));
    if (readiness == Readiness::kTimedOut)
      return errors::TimedOut("the client did not read its answer in time");
  }
  return Status::OK();
}

Result<bool> Stream::WaitReadable(Deadline deadline) {
  for (;;) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    if (HasBufferedInput() || reading_stopped_.load(std::memory_order_acquire)) return true;
    SKEIN_ASSIGN_OR_RETURN(Readiness readiness, Wait(POLLIN, deadline));
    if (readiness == Readiness::kTimedOut) return false;
    if (!tls_ || reading_stopped_.load(std::memory_order_acquire)) return true;
    // Half a record, or a record without data, makes the socket readable and a Read block: look
    // inside.
    char byte;
    ERR_clear_error();
    int outcome = SSL_peek(tls_, &byte, 1);
    if (outcome > 0) return true;
    if (SSL_get_error(tls_, outcome) != SSL_ERROR_WANT_READ) return true;
  }
}

bool Stream::HasBufferedInput() const { return tls_ && SSL_pending(tls_) > 0; }

bool Stream::PeerGone() const {
  if (aborted_.load(std::memory_order_acquire)) return true;
  pollfd entry{socket_, POLLRDHUP, 0};
  if (poll(&entry, 1, 0) <= 0) return false;
  // Our own StopReading shows as POLLRDHUP; only the harder signs count after it.
  short signs = reading_stopped_.load(std::memory_order_acquire)
                    ? static_cast<short>(POLLHUP | POLLERR)
                    : static_cast<short>(POLLRDHUP | POLLHUP | POLLERR);
  return (entry.revents & signs) != 0;
}

void Stream::StopReading() {
  reading_stopped_.store(true, std::memory_order_release);
  shutdown(socket_, SHUT_RD);
}

void Stream::Abort() {
  aborted_.store(true, std::memory_order_release);
  shutdown(socket_, SHUT_RDWR);
}

Status Stream::StartTls(std::shared_ptr<const TlsContext> context, Deadline deadline) {
  if (tls_) return errors::Internal("StartTls was called twice");
  context_ = std::move(context);
  ERR_clear_error();
  tls_ = SSL_new(context_->native());
  BIO* bio = tls_ ? MakeSocketBio(socket_) : nullptr;
  if (!bio) return errors::Internal("TLS could not be set up: out of memory");
  SSL_set_bio(tls_, bio, bio);
  for (;;) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    ERR_clear_error();
    int outcome = SSL_accept(tls_);
    if (outcome == 1) return Status::OK();
    SKEIN_ASSIGN_OR_RETURN(bool again, AfterTlsCall(outcome, deadline));
    if (!again) return errors::ConnectionLost("the client left during the TLS handshake");
  }
}

Result<bool> Stream::AfterTlsCall(int outcome, Deadline deadline) {
  int system_error = errno;
  int what = SSL_get_error(tls_, outcome);
  if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE) {
    bool reads = what == SSL_ERROR_WANT_READ;
    SKEIN_ASSIGN_OR_RETURN(Readiness readiness, Wait(reads ? POLLIN : POLLOUT, deadline));
    if (readiness == Readiness::kReady) return true;
    return errors::TimedOut(reads ? "the client sent nothing in time"
                                  : "the client did not read its answer in time");
  }
  if (what == SSL_ERROR_ZERO_RETURN) return false;
  tls_broken_ = true;
  if (aborted_.load(std::memory_order_acquire)) return Aborted();
  unsigned long code = ERR_get_error();
  // Many clients close without a close_notify; our protocols say themselves where a message ends.
  if (code != 0 && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return false;
  if (code == 0) {
    if (system_error == 0) return false;
    return SystemError("the encrypted connection failed", system_error);
  }
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return errors::ConnectionLost(
      fmt::format("the encrypted connection failed: {}", reason ? reason : "unknown TLS error"));
}

Result<size_t> Stream::ReadTls(char* buffer, size_t size, Deadline deadline) {
  for (;;) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    if (reading_stopped_.load(std::memory_order_acquire)) return size_t{0};
    ERR_clear_error();
    errno = 0;
    int outcome = SSL_read(tls_, buffer, static_cast<int>(std::min<size_t>(size, INT_MAX)));
    if (outcome > 0) return static_cast<size_t>(outcome);
    SKEIN_ASSIGN_OR_RETURN(bool again, AfterTlsCall(outcome, deadline));
    if (!again) return size_t{0};
  }
}

Status Stream::WriteTls(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (aborted_.load(std::memory_order_acquire)) return Aborted();
    ERR_clear_error();
    errno = 0;
    int outcome =
        SSL_write(tls_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX)));
    if (outcome > 0) {
      bytes.remove_prefix(static_cast<size_t>(outcome));
      continue;
    }
    SKEIN_ASSIGN_OR_RETURN(bool again, AfterTlsCall(outcome, deadline));
    if (!again) return errors::ConnectionLost("the client closed the encrypted connection");
  }
  return Status::OK();
}

std::optional<std::string> Stream::certificate_name() const {
  if (!tls_ || SSL_get_verify_result(tls_) != X509_V_OK) return std::nullopt;
  X509* certificate = SSL_get0_peer_certificate(tls_);
  if (!certificate) return std::nullopt;
  X509_NAME* subject = X509_get_subject_name(certificate);
  int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  // Two of them would let each side of a comparison choose.
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return std::nullopt;
  unsigned char* text = nullptr;
  int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return std::nullopt;
  std::string name(text, text + size);
  OPENSSL_free(text);
  // A NUL would cut the name for who reads it as a C string.
  if (name.find('\0') != std::string::npos) return std::nullopt;
  return name;
}

std::string Stream::tls_description() const {
  if (!tls_) return {};
  return fmt::format("{} {}", SSL_get_version(tls_), SSL_get_cipher_name(tls_));
}

std::string Stream::alpn() const {
  if (!tls_) return {};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(tls_, &name, &size);
  return std::string(name, name + size);
}

}  // namespace skein::net
