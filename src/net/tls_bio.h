#pragma once

#include <openssl/bio.h>

namespace skein::net {

/// The way OpenSSL reaches a non-blocking socket here: like its own socket BIO, except that writing
/// to a client that has gone is an error and never a SIGPIPE. Does not own the socket. Null when
/// memory ran out.
BIO* MakeSocketBio(int socket);

}  // namespace skein::net
