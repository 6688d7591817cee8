#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/status.h"

namespace skein::security {

inline constexpr std::string_view kScramSha256 = "SCRAM-SHA-256";
inline constexpr std::string_view kScramSha256Plus = "SCRAM-SHA-256-PLUS";

/// The least that RFC 7677 asks for, and PostgreSQL's default.
inline constexpr uint32_t kScramIterations = 4096;
/// More would let one line of a users file keep a core busy for a minute at each sign-in.
inline constexpr uint32_t kMaxScramIterations = 10'000'000;

/// What a server keeps instead of a password (RFC 5802): it can check a password or a proof, and
/// can't be turned back into either. The text is PostgreSQL's own, as in pg_authid.rolpassword, so
/// that verifiers can be carried over: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`,
/// the last three in base64.
struct ScramVerifier {
  uint32_t iterations = kScramIterations;
  std::string salt;        ///< not empty
  std::string stored_key;  ///< 32 bytes
  std::string server_key;  ///< 32 bytes

  /// The error (22023) says which part is wrong and never quotes the text.
  static Result<ScramVerifier> Parse(std::string_view text);
  std::string Format() const;
};

/// Makes a verifier with a new salt. SASLprep (RFC 4013) is the identity for printable ASCII. Other
/// passwords are taken as the bytes they are: they work if they are already in normal form, as text
/// from keyboards nearly always is. (PostgreSQL also falls back to the bytes, for passwords that
/// SASLprep refuses.) Blocks for the key derivation, about 1 ms.
ScramVerifier MakeVerifier(std::string_view password, uint32_t iterations = kScramIterations);
/// The same with a given salt (not empty), for tests.
ScramVerifier MakeVerifierWithSalt(std::string_view password, std::string_view salt,
                                   uint32_t iterations);

/// Whether this is the password, compared in constant time; for doors that are sent the password
/// itself. Blocks as MakeVerifier does: a door that is asked at each request should remember the
/// outcome for the connection.
bool VerifyPassword(const ScramVerifier& verifier, std::string_view password);

/// A verifier that no password fits, for a user who does not exist: the exchange then looks and
/// takes as long as with a wrong password. The salt is a function of the name and `server_secret`
/// (random, kept while the server runs), as a salt that changes would give away that the user is
/// not there. For the same reason users' verifiers should have the default number of iterations.
ScramVerifier MockVerifier(std::string_view user, std::string_view server_secret);

/// The server's side of one SCRAM-SHA-256 or SCRAM-SHA-256-PLUS exchange (RFC 5802, 7677), without
/// any IO.
///
/// Lifecycle: one object for one attempt; HandleClientFirst once, HandleClientFinal once if the
/// first was OK, then the user is who they say if the second was OK. Any other order is an error,
/// and after an error the exchange is over. Not thread-safe. Errors: 08P01 for a message that
/// breaks the protocol, 28000 for channel binding that was tampered with, 28P01 for a wrong
/// password (the same for an unknown user); none quotes what the client sent.
class ScramServer {
 public:
  struct Options {
    /// The user's, or MockVerifier for a user who does not exist.
    ScramVerifier verifier;
    /// For the text of 28P01; the name within the SCRAM messages is ignored, as PostgreSQL does.
    std::string user;
    /// The hash of the server's certificate (tls-server-end-point, RFC 5929), if the connection is
    /// encrypted and SCRAM-SHA-256-PLUS was offered; nullopt otherwise.
    std::optional<std::string> channel_binding;
    /// Printable ASCII without commas. Empty (always, but in tests): a random one is made.
    std::string server_nonce;
  };

  explicit ScramServer(Options options);

  /// Takes the mechanism the client chose and its client-first-message; gives the
  /// server-first-message.
  Result<std::string> HandleClientFirst(std::string_view mechanism, std::string_view message);
  /// Takes the client-final-message, checks the proof; gives the server-final-message.
  Result<std::string> HandleClientFinal(std::string_view message);

  bool succeeded() const { return state_ == State::kSucceeded; }

 private:
  enum class State { kClientFirst, kClientFinal, kSucceeded, kFailed };

  Status CheckChannelBindingFlag(std::string_view flag) const;

  Options options_;
  State state_ = State::kClientFirst;
  bool plus_ = false;
  std::string gs2_header_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;  // the client's, then ours
};

}  // namespace skein::security
