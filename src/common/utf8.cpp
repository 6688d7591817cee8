#include "common/utf8.h"

#include <cstdint>
#include <cstring>

namespace skein {
namespace {

bool IsContinuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// Returns the length of the sequence that starts at `at` (a byte above 0x7f), or 0 when it is not
// valid.
size_t SequenceLength(const unsigned char* at, size_t left) {
  unsigned char lead = at[0];
  if (lead < 0xc2) return 0;  // a continuation byte alone, or an overlong form of ASCII
  if (lead < 0xe0) return left >= 2 && IsContinuation(at[1]) ? 2 : 0;
  if (lead < 0xf0) {
    if (left < 3 || !IsContinuation(at[1]) || !IsContinuation(at[2])) return 0;
    if (lead == 0xe0 && at[1] < 0xa0) return 0;  // overlong
    if (lead == 0xed && at[1] > 0x9f) return 0;  // a surrogate
    return 3;
  }
  if (lead > 0xf4 || left < 4) return 0;
  if (!IsContinuation(at[1]) || !IsContinuation(at[2]) || !IsContinuation(at[3])) return 0;
  if (lead == 0xf0 && at[1] < 0x90) return 0;  // overlong
  if (lead == 0xf4 && at[1] > 0x8f) return 0;  // above U+10FFFF
  return 4;
}

}  // namespace

size_t FindInvalidUtf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = text.size();
  size_t i = 0;
  while (i < size) {
    while (size - i >= 8) {
      uint64_t word;
      std::memcpy(&word, bytes + i, 8);
      if ((word & kHighBits) != 0) break;
      i += 8;
    }
    while (i < size && bytes[i] < 0x80) ++i;
    // Text of one non-Latin script comes in runs: stay here while it does.
    while (i < size && bytes[i] >= 0x80) {
      size_t length = SequenceLength(bytes + i, size - i);
      if (length == 0) return i;
      i += length;
    }
  }
  return std::string_view::npos;
}

size_t CountUtf8Characters(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += !IsContinuation(static_cast<unsigned char>(c));
  return count;
}

}  // namespace skein
