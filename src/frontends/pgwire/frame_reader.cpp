#include "frontends/pgwire/frame_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "frontends/pgwire/byte_cursor.h"

namespace skein::frontends::pgwire {
namespace {

constexpr size_t kHeaderBytes = 5;
constexpr size_t kLengthBytes = 4;

bool IsSmall(char type) { return std::string_view("DECHSXc").find(type) != std::string_view::npos; }
bool IsKnown(char type) {
  return std::string_view("BCDEFHPQSXcdfp").find(type) != std::string_view::npos;
}
size_t CapOf(char type, size_t max_payload) {
  return IsSmall(type) ? std::min(kMaxSmallMessageBytes, max_payload) : max_payload;
}

}  // namespace

Frame ReadFrame(std::string_view bytes, size_t max_payload) {
  Frame frame;
  frame.needed = kHeaderBytes;
  if (bytes.empty()) return frame;
  frame.type = bytes[0];
  if (!IsKnown(frame.type)) {
    frame.status = FrameStatus::kMalformed;
    return frame;
  }
  if (bytes.size() < kHeaderBytes) return frame;
  size_t length = ByteCursor(bytes.substr(1)).Uint32();
  if (length < kLengthBytes) {
    frame.status = FrameStatus::kMalformed;
    return frame;
  }
  size_t payload = length - kLengthBytes;
  if (payload > CapOf(frame.type, max_payload)) {
    frame.status = FrameStatus::kTooLarge;
    return frame;
  }
  frame.needed = kHeaderBytes + payload;
  if (bytes.size() < frame.needed) return frame;
  frame.status = FrameStatus::kOk;
  frame.payload = bytes.substr(kHeaderBytes, payload);
  frame.consumed = frame.needed;
  return frame;
}

Status FrameError(const Frame& frame, size_t max_payload) {
  int type = static_cast<unsigned char>(frame.type);
  if (frame.status == FrameStatus::kTooLarge) {
    return errors::ProtocolViolation(
               fmt::format(
                   "a message is longer than this server takes: type '{}', at most {} bytes",
                   frame.type, CapOf(frame.type, max_payload)))
        .WithHint("Send large data with COPY, or in several statements.");
  }
  if (!IsKnown(frame.type)) {
    return errors::ProtocolViolation(fmt::format("invalid frontend message type {}", type));
  }
  return errors::ProtocolViolation(
      fmt::format("invalid message length: shorter than the length itself, type '{}'", frame.type));
}

}  // namespace skein::frontends::pgwire
