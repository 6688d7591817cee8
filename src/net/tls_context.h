#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/status.h"

struct ssl_ctx_st;

namespace skein::net {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM; the server's certificate first, then its chain
  std::filesystem::path key;          ///< PEM, without a passphrase
  /// Names the door answers to (ALPN), in its order of preference. A client that offers only others
  /// is refused, one that offers none is let in. Empty: ALPN is not looked at.
  std::vector<std::string> alpn;
  /// PEM; the authorities that sign clients' certificates. Given: clients are asked for one, and
  /// one that is not signed by them ends the handshake; a client may have none. Empty: nobody is
  /// asked.
  std::filesystem::path client_authorities{};
};

/// The server's half of TLS: certificate, key and what is allowed (TLS 1.2 and newer, no session
/// tickets, no renegotiation, no compression).
///
/// Immutable once loaded, so that any number of streams may share one from any thread. To take a
/// renewed certificate, load a second one and give that to new connections.
class TlsContext {
 public:
  /// Blocks on the file system. The errors name the file, and the setting that gave it (tls_cert,
  /// tls_key).
  static Result<std::shared_ptr<const TlsContext>> Load(const TlsFiles& files);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// The hash of the certificate that SCRAM-SHA-256-PLUS binds to (RFC 5929, tls-server-end-point),
  /// as raw bytes; empty when the certificate's signature names no hash (Ed25519): channel binding
  /// must not be offered then.
  const std::string& server_end_point() const { return server_end_point_; }
  /// What is odd but not fatal (expired, not valid yet), one sentence each, for the log.
  const std::vector<std::string>& warnings() const { return warnings_; }

  ssl_ctx_st* native() const { return context_; }

 private:
  TlsContext() = default;

  ssl_ctx_st* context_ = nullptr;
  std::string alpn_wire_;  // each name behind its length
  std::string server_end_point_;
  std::vector<std::string> warnings_;
};

}  // namespace skein::net
