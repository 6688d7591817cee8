#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace skein::results {

/// Appends to a string through a raw pointer: room is made once, then bytes are stored without
/// further checks.
///
/// While a writer lives, only it may touch the string; the string has its final length again once
/// the writer is gone. Whole numbers are written in network order.
class ByteWriter {
 public:
  explicit ByteWriter(std::string* out)
      : out_(out), begin_(out->data()), cursor_(begin_ + out->size()), end_(cursor_) {}
  ~ByteWriter() { out_->resize(size()); }
  ByteWriter(const ByteWriter&) = delete;
  ByteWriter& operator=(const ByteWriter&) = delete;

  /// Bytes in the string so far.
  size_t size() const { return static_cast<size_t>(cursor_ - begin_); }
  char* at(size_t position) { return begin_ + position; }

  /// Makes room for `count` bytes and returns where they go; CommitTo() says how far they went.
  char* Reserve(size_t count) {
    if (static_cast<size_t>(end_ - cursor_) < count) [[unlikely]]
      Grow(count);
    return cursor_;
  }
  void CommitTo(char* end) { cursor_ = end; }
  void TruncateTo(size_t size) { cursor_ = begin_ + size; }

  void Put(char c) { *Reserve(1) = c, ++cursor_; }
  void Put(std::string_view bytes) {
    char* to = Reserve(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    cursor_ = to + bytes.size();
  }
  void PutInt16(int16_t value) { PutBits(static_cast<uint16_t>(value)); }
  void PutInt32(int32_t value) { PutBits(static_cast<uint32_t>(value)); }
  void PutInt64(int64_t value) { PutBits(static_cast<uint64_t>(value)); }
  /// Overwrites four bytes written before.
  void PatchInt32(size_t position, size_t value) {
    uint32_t bits = NetworkOrder(static_cast<uint32_t>(value));
    std::memcpy(begin_ + position, &bits, sizeof(bits));
  }

 private:
  static uint16_t NetworkOrder(uint16_t v) {
    return std::endian::native == std::endian::little ? __builtin_bswap16(v) : v;
  }
  static uint32_t NetworkOrder(uint32_t v) {
    return std::endian::native == std::endian::little ? __builtin_bswap32(v) : v;
  }
  static uint64_t NetworkOrder(uint64_t v) {
    return std::endian::native == std::endian::little ? __builtin_bswap64(v) : v;
  }
  template <typename Bits>
  void PutBits(Bits bits) {
    bits = NetworkOrder(bits);
    std::memcpy(Reserve(sizeof(bits)), &bits, sizeof(bits));
    cursor_ += sizeof(bits);
  }

  __attribute__((noinline)) void Grow(size_t count) {
    constexpr size_t kStep = 4096;
    size_t used = size();
    // resize() clears what it adds, so it takes what is needed soon and not all that the string
    // could hold.
    out_->resize(used + std::max(count, used / 2 + kStep));
    begin_ = out_->data();
    cursor_ = begin_ + used;
    end_ = begin_ + out_->size();
  }

  std::string* out_;
  char* begin_;
  char* cursor_;
  char* end_;
};

}  // namespace skein::results
