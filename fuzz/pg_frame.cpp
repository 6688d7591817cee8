// Input: a stream of typed messages. Cut as a whole, and as it would come in pieces, the frames
// must be the same.
#include <cstdint>
#include <string_view>

#include "frontends/pgwire/frame_reader.h"
#include "property.h"

namespace {

using skein::frontends::pgwire::Frame;
using skein::frontends::pgwire::FrameStatus;

void CheckFrames(std::string_view bytes, size_t cap) {
  for (;;) {
    Frame frame = skein::frontends::pgwire::ReadFrame(bytes, cap);
    PROPERTY(frame.consumed <= bytes.size());
    if (frame.status != FrameStatus::kOk) {
      PROPERTY(frame.consumed == 0);
      if (frame.status == FrameStatus::kNeedMore) {
        PROPERTY(frame.needed > bytes.size() && frame.needed <= cap + 5);
      } else {
        PROPERTY(!FrameError(frame, cap).ok());
      }
      return;
    }
    PROPERTY(frame.consumed == frame.payload.size() + 5 && frame.payload.size() <= cap);
    PROPERTY(frame.payload.data() == bytes.data() + 5);
    for (size_t cut : {size_t{0}, size_t{1}, size_t{4}, size_t{5}, frame.consumed - 1}) {
      if (cut >= frame.consumed) continue;
      Frame part = skein::frontends::pgwire::ReadFrame(bytes.substr(0, cut), cap);
      PROPERTY(part.status == FrameStatus::kNeedMore && part.needed <= frame.consumed);
    }
    bytes.remove_prefix(frame.consumed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckFrames(bytes, skein::frontends::pgwire::kMaxMessageBytes);
  CheckFrames(bytes, skein::frontends::pgwire::kMaxMessageBytesBeforeAuthentication);
  return 0;
}
