#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

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

/// Where the keys come from. Thread-safe.
class KeySource {
 public:
  using Keys = std::shared_ptr<const std::vector<JsonWebKey>>;
  virtual ~KeySource() = default;
  /// Never null.
  virtual Keys Get() = 0;
  /// For a token whose key is not among `seen`: the keys after another look for newer ones, which
  /// may block for some seconds.
  virtual Keys Newer(const Keys& seen) { return seen; }
};

/// Keys of a file, which is read again when it changes.
Result<std::unique_ptr<KeySource>> OpenKeysFile(const std::string& path);

/// Checks signed tokens of an issuer (JSON Web Tokens, RFC 7519) by its public keys.
///
/// A token is good when it is signed by one of the keys with RS256 or ES256, names the issuer and
/// the audience, has an expiration time that is to come, and is not meant for later; clocks may
/// differ by `skew`. Thread-safe.
class JwtVerifier {
 public:
  struct Options {
    std::string issuer;
    std::string audience;
    std::chrono::seconds skew{60};
    /// The claim that names the user.
    std::string user_claim = "sub";
  };

  JwtVerifier(Options options, std::unique_ptr<KeySource> keys)
      : options_(std::move(options)), keys_(std::move(keys)) {}

  /// Whether it looks like a token of this kind; says nothing of its worth.
  static bool LooksLikeOne(std::string_view token);
  /// The user; 28000 with what is wrong, which never quotes the token. Blocks as KeySource::Newer
  /// does when the token's key is not known.
  Result<std::string> Verify(std::string_view token, std::chrono::system_clock::time_point now =
                                                         std::chrono::system_clock::now()) const;

 private:
  const Options options_;
  const std::unique_ptr<KeySource> keys_;
};

}  // namespace skein::security
