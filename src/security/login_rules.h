#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace skein::security {

/// A file of rules is read whole; this is room for thousands of them.
inline constexpr size_t kMaxRulesFileBytes = 1u << 20;

/// Who asks to be let in, as far as a door knows before it asks for a proof.
struct LoginRequest {
  std::string user{};
  /// The PostgreSQL door's; other doors have none.
  std::string database{};
  /// Numeric IPv4 or IPv6, without a port.
  std::string address{};
  bool encrypted = false;
  /// The common name of a certificate that was verified; nullopt when none came.
  std::optional<std::string> certificate_name{};
};

enum class LoginMethod {
  kTrust,
  kReject,
  kPassword,     ///< SCRAM where the protocol has it
  kCertificate,  ///< the certificate's common name is the user
};

/// One line of pg_hba.conf's format.
struct LoginRule {
  enum class Connection { kLocal, kHost, kEncrypted, kPlain };
  enum class ClientCertificate { kAny, kVerified, kSameName };

  size_t line = 0;
  Connection connection = Connection::kHost;
  /// Empty: all.
  std::vector<std::string> databases;
  bool same_user = false;  ///< databases: sameuser
  std::vector<std::string> users;
  /// 16 bytes, IPv4 as it is mapped into IPv6; only the first `prefix` bits count.
  std::string network;
  int prefix = 0;
  LoginMethod method = LoginMethod::kReject;
  ClientCertificate certificate = ClientCertificate::kAny;

  bool Matches(const LoginRequest& request) const;
};

/// Reads the text of a rules file:
///
///     # TYPE    DATABASE  USER     ADDRESS       METHOD
///     local     all       all                    trust
///     hostssl   all       ann,bob  10.0.0.0/8    scram-sha-256
///     host      all       all      all           reject
///
/// TYPE is host, hostssl, hostnossl, or local, which here means this machine. DATABASE and USER are
/// all, or names with commas between them, in double quotes where a name has blanks; ADDRESS is
/// all, an address, or a network as address/bits. METHOD is trust, reject, scram-sha-256 or cert;
/// clientcert=verify-ca or verify-full may follow it. Pure. The error (22023) names the line and
/// says what would be right.
Result<std::vector<LoginRule>> ParseLoginRules(std::string_view text);

/// The first rule that matches; nullptr when none does: then nobody is let in.
const LoginRule* FindLoginRule(const std::vector<LoginRule>& rules, const LoginRequest& request);

}  // namespace skein::security
