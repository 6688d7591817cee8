// Input: the first bytes of a connection. What is understood must be the packet's bytes when it is
// written again.
#include <cstdint>
#include <string_view>

#include "common/utf8.h"
#include "frontends/pgwire/startup_packet.h"
#include "frontends/pgwire/wire_bytes.h"
#include "property.h"

namespace {

using namespace skein::frontends::pgwire;  // NOLINT(google-build-using-namespace)

void CheckStartup(const StartupMessage& startup, std::string_view bytes) {
  PROPERTY(startup.major == kProtocolMajor && !startup.Find("user").empty());
  PROPERTY(startup.NegotiatedMinor() <= kNewestProtocolMinor);
  for (const auto& [name, value] : startup.parameters) {
    PROPERTY(!name.empty() && skein::IsValidUtf8(name) && skein::IsValidUtf8(value));
  }
  if (!startup.unsupported_options.empty()) return;  // their values are not kept
  WireBytes again;
  again.Uint16(startup.major).Uint16(startup.minor);
  for (const auto& [name, value] : startup.parameters) again.CString(name).CString(value);
  PROPERTY(again.CString("").Packet() == bytes);
}

void CheckPacket(std::string_view bytes) {
  StartupRead read = ReadStartupPacket(bytes);
  PROPERTY(read.consumed <= bytes.size());
  PROPERTY((read.status == FrameStatus::kOk) == (read.consumed > 0) ||
           std::holds_alternative<DirectTls>(read.packet));
  PROPERTY(read.error.ok() ==
           (read.status == FrameStatus::kOk || read.status == FrameStatus::kNeedMore));
  if (read.status == FrameStatus::kNeedMore) {
    PROPERTY(read.needed > bytes.size() && read.needed <= kMaxStartupPacketBytes + 4);
  }
  if (read.status != FrameStatus::kOk) return;
  std::string_view packet = bytes.substr(0, read.consumed);
  if (const auto* cancel = std::get_if<CancelRequest>(&read.packet)) {
    PROPERTY(
        WireBytes().Uint32(80877102).Uint32(cancel->process_id).Raw(cancel->secret_key).Packet() ==
        packet);
  } else if (const auto* startup = std::get_if<StartupMessage>(&read.packet)) {
    CheckStartup(*startup, packet);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CheckPacket(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
