#include "security/jwt.h"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "common/utf8.h"
#include "security/base64.h"
#include "security/watched_file.h"

namespace skein::security {
namespace {

using nlohmann::json;

constexpr size_t kMaxToken = 16 * 1024;
constexpr size_t kMaxKeysFile = 1 << 20;
/// A part of an ES256 signature.
constexpr size_t kEcBytes = 32;
constexpr int kMinRsaBits = 2048;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using Owned = std::unique_ptr<T, Freer<Free>>;
using Number = Owned<BIGNUM, BN_free>;
using Context = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  return Base64DecodeUnpadded(plain);
}

Number ToNumber(const std::string& bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<evp_pkey_st> MakeKey(const char* type, OSSL_PARAM_BLD* parameters) {
  Owned<OSSL_PARAM, OSSL_PARAM_free> built(OSSL_PARAM_BLD_to_param(parameters));
  Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!built || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, built.get()) <= 0) {
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

std::string TextAt(const json& object, const char* name) {
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::shared_ptr<evp_pkey_st> RsaKey(const json& entry) {
  auto modulus = Base64UrlDecode(TextAt(entry, "n"));
  auto exponent = Base64UrlDecode(TextAt(entry, "e"));
  if (!modulus || !exponent || modulus->empty() || exponent->empty()) return nullptr;
  Number n = ToNumber(*modulus);
  Number e = ToNumber(*exponent);
  Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!n || !e || BN_num_bits(n.get()) < kMinRsaBits ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get())) {
    return nullptr;
  }
  return MakeKey("RSA", builder.get());
}

std::shared_ptr<evp_pkey_st> EcKey(const json& entry) {
  auto x = Base64UrlDecode(TextAt(entry, "x"));
  auto y = Base64UrlDecode(TextAt(entry, "y"));
  if (TextAt(entry, "crv") != "P-256" || !x || !y || x->size() != kEcBytes ||
      y->size() != kEcBytes) {
    return nullptr;
  }
  std::string point = "\x04" + *x + *y;
  Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                       0) ||
      !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size())) {
    return nullptr;
  }
  return MakeKey("EC", builder.get());
}

/// An ES256 signature is two numbers; OpenSSL wants them in DER.
std::optional<std::string> DerSignature(const std::string& raw) {
  if (raw.size() != 2 * kEcBytes) return std::nullopt;
  Owned<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
  Number r = ToNumber(raw.substr(0, kEcBytes));
  Number s = ToNumber(raw.substr(kEcBytes));
  if (!signature || !r || !s || !ECDSA_SIG_set0(signature.get(), r.get(), s.get()))
    return std::nullopt;
  (void)r.release();
  (void)s.release();
  int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0) return std::nullopt;
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

bool Signed(const JsonWebKey& key, std::string_view text, const std::string& signature) {
  std::optional<std::string> bytes = signature;
  if (key.algorithm == "ES256") bytes = DerSignature(signature);
  if (!bytes) return false;
  Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(bytes->data()),
                          bytes->size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

Status Wrong(const char* why) {
  return {StatusCode::kUnauthenticated, "28000", std::string("the bearer token ") + why};
}

/// Seconds since 1970; nullopt when the claim is there and no number.
std::optional<double> TimeAt(const json& claims, const char* name, double otherwise) {
  auto found = claims.find(name);
  if (found == claims.end()) return otherwise;
  if (!found->is_number()) return std::nullopt;
  return found->get<double>();
}

bool Names(const json& claims, const std::string& audience) {
  auto found = claims.find("aud");
  if (found == claims.end()) return false;
  if (found->is_string()) return found->get_ref<const std::string&>() == audience;
  return found->is_array() && std::find(found->begin(), found->end(), audience) != found->end();
}

/// Whether `key` is one that a token of this algorithm and key id may be signed with.
bool Fits(const JsonWebKey& key, const std::string& algorithm, const std::string& id) {
  return key.algorithm == algorithm && (id.empty() || key.id.empty() || key.id == id);
}

class KeysOfFile : public KeySource {
 public:
  using File = WatchedFile<std::vector<JsonWebKey>>;
  explicit KeysOfFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
  Keys Get() override { return file_->Get(); }

 private:
  const std::unique_ptr<File> file_;
};

}  // namespace

Result<std::vector<JsonWebKey>> ParseJsonWebKeys(std::string_view text) {
  json set = json::parse(text, nullptr, false);
  if (!set.is_object() || !set.contains("keys") || !set["keys"].is_array()) {
    return errors::InvalidParameter("the keys of tokens are no JSON Web Key Set")
        .WithHint("It is an object with an array \"keys\".");
  }
  std::vector<JsonWebKey> keys;
  for (const json& entry : set["keys"]) {
    if (!entry.is_object()) continue;
    std::string use = TextAt(entry, "use");
    std::string algorithm = TextAt(entry, "alg");
    std::string type = TextAt(entry, "kty");
    JsonWebKey key{TextAt(entry, "kid"), type == "RSA" ? "RS256" : "ES256", nullptr};
    if ((!use.empty() && use != "sig") || (!algorithm.empty() && algorithm != key.algorithm))
      continue;
    if (type == "RSA") key.key = RsaKey(entry);
    if (type == "EC") key.key = EcKey(entry);
    if (key.key) keys.push_back(std::move(key));
  }
  if (keys.empty()) {
    return errors::InvalidParameter("the JSON Web Key Set holds no key that can be used")
        .WithHint("RSA keys of 2048 bits or more (RS256) and P-256 keys (ES256) are.");
  }
  return keys;
}

Result<std::unique_ptr<KeySource>> OpenKeysFile(const std::string& path) {
  SKEIN_ASSIGN_OR_RETURN(auto file, KeysOfFile::File::Open("the file of token keys", path,
                                                           kMaxKeysFile, &ParseJsonWebKeys));
  return std::unique_ptr<KeySource>(std::make_unique<KeysOfFile>(std::move(file)));
}

bool JwtVerifier::LooksLikeOne(std::string_view token) {
  return std::count(token.begin(), token.end(), '.') == 2;
}

Result<std::string> JwtVerifier::Verify(std::string_view token,
                                        std::chrono::system_clock::time_point now) const {
  if (token.size() > kMaxToken) return Wrong("is too long");
  size_t first = token.find('.');
  size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return Wrong("is no JSON Web Token");
  auto head_text = Base64UrlDecode(token.substr(0, first));
  auto body_text = Base64UrlDecode(token.substr(first + 1, second - first - 1));
  auto signature = Base64UrlDecode(token.substr(second + 1));
  if (!head_text || !body_text || !signature) return Wrong("is no JSON Web Token");
  json head = json::parse(*head_text, nullptr, false);
  json claims = json::parse(*body_text, nullptr, false);
  if (!head.is_object() || !claims.is_object()) return Wrong("is no JSON Web Token");
  // What must be understood and is not, must be refused.
  if (head.contains("crit")) return Wrong("has extensions that are not supported");
  std::string algorithm = TextAt(head, "alg");
  if (algorithm != "RS256" && algorithm != "ES256")
    return Wrong("is not signed with RS256 or ES256");
  std::string id = TextAt(head, "kid");
  auto keys = keys_->Get();
  auto fits = [&](const JsonWebKey& key) { return Fits(key, algorithm, id); };
  if (std::none_of(keys->begin(), keys->end(), fits)) keys = keys_->Newer(keys);
  if (keys->empty()) {
    return Status(StatusCode::kUnavailable, "28000",
                  "the bearer token cannot be checked: its issuer's keys are not there yet")
        .Retriable();
  }
  bool known = std::any_of(keys->begin(), keys->end(), [&](const JsonWebKey& key) {
    return fits(key) && Signed(key, token.substr(0, second), *signature);
  });
  if (!known) return Wrong("is not signed by a known key");
  double clock = std::chrono::duration<double>(now.time_since_epoch()).count();
  auto skew = static_cast<double>(options_.skew.count());
  auto expires = TimeAt(claims, "exp", 0);
  auto begins = TimeAt(claims, "nbf", 0);
  if (!expires || !begins) return Wrong("has a time that is no number");
  if (clock >= *expires + skew) return Wrong("has expired");
  if (clock + skew < *begins) return Wrong("is not valid yet");
  if (TextAt(claims, "iss") != options_.issuer) return Wrong("is of another issuer");
  if (!Names(claims, options_.audience)) return Wrong("is for another audience");
  std::string user = TextAt(claims, options_.user_claim.c_str());
  if (user.empty() || user.find('\0') != std::string::npos || !IsValidUtf8(user))
    return Wrong("does not name a user");
  return user;
}

}  // namespace skein::security
