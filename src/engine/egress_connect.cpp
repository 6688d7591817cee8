// connect(2) of this process, in front of the C library's: see egress.h. The program exports it
// (ENABLE_EXPORTS), so that libraries loaded later, DuckDB's extensions above all, call it too.

#include <cerrno>

#include <dlfcn.h>
#include <sys/socket.h>

#include "engine/egress.h"

extern "C" int connect(int fd, const sockaddr* address, socklen_t length) {
  using Connect = int (*)(int, const sockaddr*, socklen_t);
  static const Connect libc_connect = reinterpret_cast<Connect>(dlsym(RTLD_NEXT, "connect"));
  bool known = (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) ||
               (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6));
  if (known && !skein::engine::MayConnect(address)) {
    errno = EACCES;
    return -1;
  }
  return libc_connect(fd, address, length);
}
