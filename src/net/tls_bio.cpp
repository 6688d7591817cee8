#include "net/tls_bio.h"

#include <cerrno>
#include <cstdint>

#include <sys/socket.h>

namespace skein::net {
namespace {

int Socket(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

bool MayTryAgain(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int BioWrite(BIO* bio, const char* bytes, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  ssize_t sent = send(Socket(bio), bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    *written = static_cast<size_t>(sent);
    return 1;
  }
  *written = 0;
  if (MayTryAgain(errno)) BIO_set_retry_write(bio);
  return 0;
}

int BioRead(BIO* bio, char* buffer, size_t size, size_t* read) {
  BIO_clear_retry_flags(bio);
  *read = 0;
  ssize_t got = recv(Socket(bio), buffer, size, MSG_DONTWAIT);
  if (got > 0) {
    *read = static_cast<size_t>(got);
    return 1;
  }
  if (got == 0) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    errno = 0;
  } else if (MayTryAgain(errno)) {
    BIO_set_retry_read(bio);
  }
  return 0;
}

long BioControl(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default:
      return 0;
  }
}

BIO_METHOD* MakeMethod() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "skein socket");
  if (!method) return nullptr;
  BIO_meth_set_write_ex(method, BioWrite);
  BIO_meth_set_read_ex(method, BioRead);
  BIO_meth_set_ctrl(method, BioControl);
  return method;
}

}  // namespace

BIO* MakeSocketBio(int socket) {
  // Lives as long as the process: OpenSSL keeps a pointer to it in every BIO.
  static BIO_METHOD* method = MakeMethod();
  BIO* bio = method ? BIO_new(method) : nullptr;
  if (!bio) return nullptr;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace skein::net
