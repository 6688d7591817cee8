#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skein::frontends::pgwire {

/// Writes bytes as a client does; for tests and fuzz targets, which need the bad forms too. Nothing
/// is checked.
class WireBytes {
 public:
  WireBytes& Uint8(int value) {
    bytes_.push_back(static_cast<char>(value));
    return *this;
  }
  WireBytes& Uint16(uint32_t value) { return Uint8(value >> 8 & 255).Uint8(value & 255); }
  WireBytes& Uint32(uint32_t value) { return Uint16(value >> 16).Uint16(value & 0xffff); }
  WireBytes& Raw(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }
  WireBytes& CString(std::string_view text) { return Raw(text).Uint8(0); }
  /// A length and that many bytes, as in Bind.
  WireBytes& Value(std::string_view bytes) {
    return Uint32(static_cast<uint32_t>(bytes.size())).Raw(bytes);
  }
  WireBytes& Null() { return Uint32(0xffffffff); }

  const std::string& str() const { return bytes_; }
  /// With the type and the length in front.
  std::string Message(char type) const { return type + Packet(); }
  /// With the length in front, as the first packet has it.
  std::string Packet() const {
    return WireBytes().Uint32(static_cast<uint32_t>(bytes_.size() + 4)).Raw(bytes_).str();
  }

 private:
  std::string bytes_;
};

}  // namespace skein::frontends::pgwire
