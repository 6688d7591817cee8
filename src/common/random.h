#pragma once

#include <cstdint>
#include <string>

namespace skein {

/// Cryptographically strong, from OpenSSL's generator: keys, tokens and nonces that must not be
/// guessed.
std::string RandomBytes(size_t count);
uint64_t RandomUint64();
/// `bytes` random bytes as lower-case hexadecimal.
std::string RandomHex(size_t bytes);

/// A query's or session's id: time-ordered (UUID version 7, RFC 9562), 36 characters.
std::string NewId();

}  // namespace skein
