#include "common/random.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

#include <openssl/rand.h>

namespace skein {
namespace {
constexpr char kHex[] = "0123456789abcdef";

// OpenSSL's generator costs about a microsecond a call; ids are made for every query, so each
// thread draws a block.
void DrawBlock(void* out, size_t count) {
  thread_local unsigned char block[512];
  thread_local size_t left = 0;
  if (left < count) {
    // Without randomness nothing that follows is safe.
    if (RAND_bytes(block, sizeof(block)) != 1) std::abort();
    left = sizeof(block);
  }
  std::memcpy(out, block + sizeof(block) - left, count);
  std::memset(block + sizeof(block) - left, 0, count);
  left -= count;
}
}  // namespace

std::string RandomBytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    std::abort();
  }
  return out;
}

uint64_t RandomUint64() {
  uint64_t value;
  DrawBlock(&value, sizeof(value));
  return value;
}

std::string RandomHex(size_t bytes) {
  std::string raw = RandomBytes(bytes);
  std::string out;
  out.reserve(bytes * 2);
  for (unsigned char c : raw) {
    out.push_back(kHex[c >> 4]);
    out.push_back(kHex[c & 15]);
  }
  return out;
}

std::string NewId() {
  unsigned char id[16];
  DrawBlock(id, sizeof(id));
  uint64_t ms = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
  for (int i = 0; i < 6; ++i) id[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  id[6] = static_cast<unsigned char>((id[6] & 0x0f) | 0x70);
  id[8] = static_cast<unsigned char>((id[8] & 0x3f) | 0x80);
  std::string out;
  out.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[id[i] >> 4]);
    out.push_back(kHex[id[i] & 15]);
  }
  return out;
}

}  // namespace skein
