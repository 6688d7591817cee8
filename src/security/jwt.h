#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "security/watched_file.h"

struct evp_pkey_st;

namespace skein::security {

/// One public key of a JSON Web Key Set.
struct JsonWebKey {
  std::string id;         ///< empty: it has none
  std::string algorithm;  ///< "RS256" or "ES256"
  std::shared_ptr<evp_pkey_st> key;
};

/// Reads a JSON Web Key Set (RFC 7517). Keys for other purposes than RS256 and ES256 signatures are
/// left out; a set without any that is left is an error. Pure.
Result<std::vector<JsonWebKey>> ParseJsonWebKeys(std::string_view text);

/// Checks signed tokens of an issuer (JSON Web Tokens, RFC 7519) by its public keys.
///
/// A token is good when it is signed by one of the keys with RS256 or ES256, names the issuer and
/// the audience, has an expiration time that is to come, and is not meant for later; clocks may
/// differ by `skew`. The keys' file is read again when it changes. Thread-safe.
class JwtVerifier {
 public:
  using KeysFile = WatchedFile<std::vector<JsonWebKey>>;
  struct Options {
    std::string keys_file;
    std::string issuer;
    std::string audience;
    std::chrono::seconds skew{60};
    /// The claim that names the user.
    std::string user_claim = "sub";
  };

  static Result<std::shared_ptr<JwtVerifier>> Open(Options options);

  /// Whether it looks like a token of this kind; says nothing of its worth.
  static bool LooksLikeOne(std::string_view token);
  /// The user; 28000 with what is wrong, which never quotes the token.
  Result<std::string> Verify(std::string_view token, std::chrono::system_clock::time_point now =
                                                         std::chrono::system_clock::now()) const;

 private:
  JwtVerifier(Options options, std::unique_ptr<KeysFile> keys)
      : options_(std::move(options)), keys_(std::move(keys)) {}

  const Options options_;
  const std::unique_ptr<KeysFile> keys_;
};

}  // namespace skein::security
