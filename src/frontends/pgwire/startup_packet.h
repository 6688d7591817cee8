#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/status.h"
#include "frontends/pgwire/frame_reader.h"

namespace skein::frontends::pgwire {

/// The largest first packet, without its length; the same as PostgreSQL's, and enough for a few
/// dozen settings.
inline constexpr size_t kMaxStartupPacketBytes = 10000;

inline constexpr uint16_t kProtocolMajor = 3;
/// The newest minor version spoken here: 3.2 brought cancel keys of up to 256 bytes (3.1 was never
/// in use).
inline constexpr uint16_t kNewestProtocolMinor = 2;

/// Answer 'S' or 'N', then read the next packet.
struct SslRequest {};
/// Answer 'N' (or 'G'), then read the next packet.
struct GssEncRequest {};
/// The bytes are a TLS ClientHello (`sslnegotiation=direct`): nothing was consumed, hand them to
/// TLS as they are.
struct DirectTls {};

/// Stop the running query of another connection; no answer is sent, the connection is closed.
struct CancelRequest {
  uint32_t process_id = 0;
  std::string secret_key;  ///< 4 bytes of a 3.0 client, up to 256 of a 3.2 client
};

struct StartupMessage {
  uint16_t major = 0;
  uint16_t minor = 0;
  /// In the order they came, `_pq_.` ones left out. Names and values are valid UTF-8, names are not
  /// empty, and `user` is among them.
  std::vector<std::pair<std::string, std::string>> parameters;
  /// Names that begin with `_pq_.`: options of the protocol itself, none of which is known here.
  std::vector<std::string> unsupported_options;

  /// The last value given for a name (as PostgreSQL takes it); empty when there is none. Valid as
  /// long as this is.
  std::string_view Find(std::string_view name) const;
  /// A NegotiateProtocolVersion with NegotiatedMinor() and `unsupported_options` must be sent
  /// before anything else.
  bool NeedsNegotiation() const {
    return minor > kNewestProtocolMinor || !unsupported_options.empty();
  }
  uint16_t NegotiatedMinor() const {
    return minor < kNewestProtocolMinor ? minor : kNewestProtocolMinor;
  }
};

using StartupPacket =
    std::variant<SslRequest, GssEncRequest, DirectTls, CancelRequest, StartupMessage>;

struct StartupRead {
  FrameStatus status = FrameStatus::kNeedMore;
  size_t consumed = 0;   ///< 0 unless kOk
  size_t needed = 0;     ///< when kNeedMore: as in Frame
  StartupPacket packet;  ///< only when kOk
  Status error;          ///< when kTooLarge or kMalformed: what to tell the client (fatal)
};

/// Reads the packet that a connection begins with (and begins with again after an SslRequest or
/// GssEncRequest was answered). Pure; everything is validated: length, version, layout, text, and
/// that a user is named. A cancel request, an SSL request and a startup message of an unknown major
/// version are told apart before their content is looked at. Bytes after the packet are left alone:
/// after an SslRequest they must be refused by the caller (CVE-2021-23214).
StartupRead ReadStartupPacket(std::string_view bytes);

}  // namespace skein::frontends::pgwire
