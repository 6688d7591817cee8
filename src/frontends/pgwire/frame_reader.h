#pragma once

#include <cstddef>
#include <string_view>

#include "common/status.h"

namespace skein::frontends::pgwire {

/// The largest message of a signed-in client. PostgreSQL takes up to 1 GiB; a message is held in
/// memory whole, so a quarter of that is what one client may make a small machine hold. A longer
/// INSERT or parameter belongs into COPY, whose data comes in many messages.
inline constexpr size_t kMaxMessageBytes = 256u << 20;

/// The largest message before the client is known: room for a token sent as a password, and no
/// more, as anyone can send it. The same as PostgreSQL's cap for authentication tokens.
inline constexpr size_t kMaxMessageBytesBeforeAuthentication = 65535;

/// The largest message of the types that only carry a name or nothing (Describe, Execute, Close,
/// Flush, Sync, Terminate, CopyDone), whatever the other cap is. The same as PostgreSQL's.
inline constexpr size_t kMaxSmallMessageBytes = 10000;

enum class FrameStatus {
  kOk,
  kNeedMore,   ///< a good beginning; call again with more bytes
  kTooLarge,   ///< a known type with a length above its cap: the connection can not go on
  kMalformed,  ///< not this protocol: the connection can not go on
};

/// One typed message cut out of the bytes that came.
struct Frame {
  FrameStatus status = FrameStatus::kNeedMore;
  char type = 0;
  /// Without type and length; a view into the bytes that were given. Only when kOk.
  std::string_view payload;
  /// Bytes to drop from the front once the message is done with; 0 unless kOk.
  size_t consumed = 0;
  /// When kNeedMore: the message's whole size if it is known (never above the cap), else the 5
  /// bytes that tell it.
  size_t needed = 0;
};

/// Cuts the first typed message (type byte, length, payload) off `bytes`.
///
/// Pure: waiting for more bytes belongs to the caller. The type and the length are checked as soon
/// as they are there, before anybody makes room for the payload. The startup packet has no type
/// byte: see startup_packet.h. `max_payload` is one of the two caps above.
Frame ReadFrame(std::string_view bytes, size_t max_payload = kMaxMessageBytes);

/// What to tell the client of a frame that is kTooLarge or kMalformed (08P01, fatal to the
/// connection).
Status FrameError(const Frame& frame, size_t max_payload = kMaxMessageBytes);

}  // namespace skein::frontends::pgwire
