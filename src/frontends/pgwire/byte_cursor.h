#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skein::frontends::pgwire {

/// Reads PostgreSQL's wire types (big-endian integers, NUL-terminated strings) from the front of a
/// payload.
///
/// A read past the end gives zero or an empty view and makes the cursor not ok for good, so that a
/// decoder reads all its fields and looks once: `if (!cursor.AtEnd()) error`. It never reads
/// outside the payload and never allocates; the views it gives live as long as the payload. Numbers
/// it has given while not ok must not size anything.
class ByteCursor {
 public:
  explicit ByteCursor(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  /// Everything was read, and nothing was missing.
  bool AtEnd() const { return ok_ && rest_.empty(); }
  size_t remaining() const { return rest_.size(); }

  uint8_t Uint8() { return static_cast<uint8_t>(Number(1)); }
  uint16_t Uint16() { return static_cast<uint16_t>(Number(2)); }
  uint32_t Uint32() { return Number(4); }
  int32_t Int32() { return static_cast<int32_t>(Number(4)); }

  std::string_view Bytes(size_t count) {
    if (!ok_ || count > rest_.size()) return Fail();
    std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }
  std::string_view Rest() { return Bytes(rest_.size()); }

  /// Makes the cursor not ok: for a number that can not be right.
  std::string_view Fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }

  /// The text before the next NUL, which is read too; not ok when there is none.
  std::string_view CString() {
    size_t end = rest_.find('\0');
    if (!ok_ || end == std::string_view::npos) return Fail();
    std::string_view out = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return out;
  }

 private:
  uint32_t Number(size_t width) {
    uint32_t value = 0;
    for (char c : Bytes(width)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace skein::frontends::pgwire
