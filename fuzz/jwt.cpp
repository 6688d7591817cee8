// Input: a bearer token, a line feed, a JSON Web Key Set. Nothing that was not signed by the key
// that is known here is ever good, and no reason quotes the token.
#include "security/jwt.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "common/utf8.h"
#include "property.h"

using namespace skein::security;  // NOLINT(google-build-using-namespace)

namespace {

/// The key of RFC 7515, A.3; whose private half is public, but nothing here signs with it for this
/// issuer.
constexpr char kKnown[] = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"k",)"
                          R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                          R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

class FixedKeys : public KeySource {
 public:
  explicit FixedKeys(std::vector<JsonWebKey> keys)
      : keys_(std::make_shared<const std::vector<JsonWebKey>>(std::move(keys))) {}
  Keys Get() override { return keys_; }

 private:
  const Keys keys_;
};

const JwtVerifier& Verifier() {
  static const JwtVerifier verifier({.issuer = "https://issuer", .audience = "skein"},
                                    std::make_unique<FixedKeys>(*ParseJsonWebKeys(kKnown)));
  return verifier;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  size_t line = bytes.find('\n');
  std::string_view token = bytes.substr(0, line);
  auto user = Verifier().Verify(token);
  PROPERTY(!user.ok());
  PROPERTY(user.status().sqlstate() == "28000");
  PROPERTY(user.status().message().size() < 100);
  (void)JwtVerifier::LooksLikeOne(token);
  if (line == std::string_view::npos) return 0;
  auto keys = ParseJsonWebKeys(bytes.substr(line + 1));
  if (!keys.ok()) {
    PROPERTY(keys.status().sqlstate() == "22023");
    return 0;
  }
  PROPERTY(!keys->empty());
  for (const JsonWebKey& key : *keys) {
    PROPERTY(key.key != nullptr);
    PROPERTY(key.algorithm == "RS256" || key.algorithm == "ES256");
  }
  return 0;
}
