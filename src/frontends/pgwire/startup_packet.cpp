#include "frontends/pgwire/startup_packet.h"

#include <fmt/format.h>

#include "common/utf8.h"
#include "frontends/pgwire/byte_cursor.h"

namespace skein::frontends::pgwire {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kVersionBytes = 4;
// A major version that no client speaks marks the packets that are not a startup message.
constexpr uint16_t kRequestMajor = 1234;
constexpr uint16_t kCancelMinor = 5678;
constexpr uint16_t kSslMinor = 5679;
constexpr uint16_t kGssEncMinor = 5680;
constexpr size_t kMinCancelKeyBytes = 4;
constexpr size_t kMaxCancelKeyBytes = 256;
constexpr char kTlsHandshakeRecord = 0x16;
constexpr std::string_view kProtocolOptionPrefix = "_pq_.";

Status Violation(std::string_view what) {
  return errors::ProtocolViolation(fmt::format("invalid startup packet: {}", what));
}

bool LooksLikeHttp(std::string_view bytes) {
  for (std::string_view method : {"GET ", "POST", "PUT ", "HEAD", "OPTI", "PRI "}) {
    if (bytes.substr(0, 4) == method) return true;
  }
  return false;
}

Result<StartupPacket> DecodeCancel(ByteCursor cursor) {
  CancelRequest cancel;
  cancel.process_id = cursor.Uint32();
  cancel.secret_key = cursor.Rest();
  if (!cursor.ok() || cancel.secret_key.size() < kMinCancelKeyBytes ||
      cancel.secret_key.size() > kMaxCancelKeyBytes) {
    return Violation("a cancel request has a process id and a key of 4 to 256 bytes");
  }
  return StartupPacket(std::move(cancel));
}

Result<StartupPacket> DecodeStartup(uint16_t minor, ByteCursor cursor) {
  StartupMessage startup;
  startup.major = kProtocolMajor;
  startup.minor = minor;
  for (;;) {
    std::string_view name = cursor.CString();
    if (!cursor.ok()) return Violation("the parameters do not end with a zero byte");
    if (name.empty()) break;
    std::string_view value = cursor.CString();
    if (!cursor.ok()) return Violation("a parameter has no value");
    if (!IsValidUtf8(name) || !IsValidUtf8(value)) {
      return Status(StatusCode::kInvalidArgument, "22021",
                    "invalid byte sequence for encoding \"UTF8\" in a startup parameter")
          .WithHint("User and database names must be sent in UTF-8.");
    }
    if (name.starts_with(kProtocolOptionPrefix)) {
      startup.unsupported_options.emplace_back(name);
    } else {
      startup.parameters.emplace_back(name, value);
    }
  }
  if (!cursor.AtEnd()) return Violation("there are bytes after the last parameter");
  if (startup.Find("user").empty()) {
    return Status(StatusCode::kUnauthenticated, "28000",
                  "no user name was given in the startup packet")
        .WithHint("Give the connection a user, such as `user=me` in the connection string.");
  }
  return StartupPacket(std::move(startup));
}

Result<StartupPacket> Decode(std::string_view payload) {
  ByteCursor cursor(payload);
  uint16_t major = cursor.Uint16();
  uint16_t minor = cursor.Uint16();
  if (major == kRequestMajor) {
    if (minor == kCancelMinor) return DecodeCancel(cursor);
    if (minor != kSslMinor && minor != kGssEncMinor) return Violation("an unknown request code");
    if (!cursor.AtEnd()) return Violation("there are bytes after a request for encryption");
    if (minor == kSslMinor) return StartupPacket(SslRequest{});
    return StartupPacket(GssEncRequest{});
  }
  if (major != kProtocolMajor) {
    return errors::NotSupported(
        fmt::format("unsupported frontend protocol: this server speaks {}.0 to {}.{}, "
                    "the client asked for {}.{}",
                    kProtocolMajor, kProtocolMajor, kNewestProtocolMinor, major, minor));
  }
  return DecodeStartup(minor, cursor);
}

StartupRead Fail(FrameStatus status, Status error) {
  StartupRead read;
  read.status = status;
  read.error = std::move(error);
  return read;
}

}  // namespace

std::string_view StartupMessage::Find(std::string_view name) const {
  for (auto it = parameters.rbegin(); it != parameters.rend(); ++it) {
    if (it->first == name) return it->second;
  }
  return {};
}

StartupRead ReadStartupPacket(std::string_view bytes) {
  StartupRead read;
  read.needed = kLengthBytes;
  // The length's first byte is 0 for every packet below the cap, so that this is never a length.
  if (!bytes.empty() && bytes[0] == kTlsHandshakeRecord) {
    read.status = FrameStatus::kOk;
    read.packet = DirectTls{};
    return read;
  }
  if (bytes.size() < kLengthBytes) return read;
  size_t length = ByteCursor(bytes).Uint32();
  if (length < kLengthBytes + kVersionBytes) {
    return Fail(FrameStatus::kMalformed, Violation("it is too short"));
  }
  if (length - kLengthBytes > kMaxStartupPacketBytes) {
    if (LooksLikeHttp(bytes)) {
      return Fail(FrameStatus::kTooLarge,
                  Violation("this is an HTTP request, and this port speaks PostgreSQL's protocol")
                      .WithHint("Use the HTTP port."));
    }
    return Fail(FrameStatus::kTooLarge,
                Violation(fmt::format("it is longer than {} bytes", kMaxStartupPacketBytes)));
  }
  read.needed = length;
  if (bytes.size() < length) return read;
  Result<StartupPacket> packet = Decode(bytes.substr(kLengthBytes, length - kLengthBytes));
  if (!packet.ok()) return Fail(FrameStatus::kMalformed, packet.status());
  read.status = FrameStatus::kOk;
  read.consumed = length;
  read.packet = *std::move(packet);
  return read;
}

}  // namespace skein::frontends::pgwire
