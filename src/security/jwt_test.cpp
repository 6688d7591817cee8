#include "security/jwt.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include "security/base64.h"

namespace skein::security {
namespace {

using testing::HasSubstr;

std::string Url(std::string_view bytes) {
  std::string text = Base64Encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

/// An issuer with one key.
class Issuer {
 public:
  explicit Issuer(bool rsa, unsigned bits = 2048)
      : rsa_(rsa), key_(rsa ? EVP_RSA_gen(bits) : EVP_EC_gen("P-256")) {}
  ~Issuer() { EVP_PKEY_free(key_); }

  std::string Jwk(const std::string& id) const {
    std::string text = R"({"kid":")" + id + R"(","use":"sig",)";
    if (rsa_) {
      return text + R"("kty":"RSA","alg":"RS256","n":")" + Number(OSSL_PKEY_PARAM_RSA_N) +
             R"(","e":")" + Number(OSSL_PKEY_PARAM_RSA_E) + "\"}";
    }
    return text + R"("kty":"EC","crv":"P-256","x":")" + Number(OSSL_PKEY_PARAM_EC_PUB_X) +
           R"(","y":")" + Number(OSSL_PKEY_PARAM_EC_PUB_Y) + "\"}";
  }

  std::string Sign(const std::string& head, const std::string& claims) const {
    std::string text = Url(head) + "." + Url(claims);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_);
    size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSign(context, nullptr, &size, bytes, text.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                   text.size());
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return text + "." + Url(rsa_ ? signature : Raw(signature));
  }

 private:
  std::string Number(const char* name) const {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key_, name, &number);
    std::string bytes(rsa_ ? static_cast<size_t>(BN_num_bytes(number)) : 32, '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    BN_free(number);
    return Url(bytes);
  }
  static std::string Raw(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
    ECDSA_SIG_free(signature);
    return raw;
  }

  const bool rsa_;
  EVP_PKEY* key_;
};

class JwtTest : public testing::Test {
 protected:
  JwtTest()
      : path_(std::filesystem::temp_directory_path() /
              ("skein-jwt-" + std::to_string(getpid()) + ".json")) {}
  ~JwtTest() override { std::filesystem::remove(path_); }

  std::shared_ptr<JwtVerifier> Open(const std::string& keys) {
    std::ofstream(path_) << "{\"keys\":[" << keys << "]}";
    auto opened = OpenKeysFile(path_.string());
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return std::make_shared<JwtVerifier>(
        JwtVerifier::Options{"https://issuer", "skein", std::chrono::seconds(60), "sub"},
        *std::move(opened));
  }
  static std::string Said(const JwtVerifier& verifier, const std::string& token) {
    auto user = verifier.Verify(token, Now());
    return user.ok() ? *user : user.status().sqlstate() + " " + user.status().message();
  }
  static std::chrono::system_clock::time_point Now() {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000));
  }
  static std::string Claims(const std::string& more = R"("exp":1000100)",
                            const std::string& audience = R"("skein")") {
    return R"({"iss":"https://issuer","sub":"ann","aud":)" + audience + "," + more + "}";
  }

  const std::filesystem::path path_;
};

TEST_F(JwtTest, GoodTokensNameTheirUser) {
  Issuer rsa(true);
  Issuer ec(false);
  auto verifier = Open(rsa.Jwk("r") + "," + ec.Jwk("e"));
  EXPECT_EQ(Said(*verifier, rsa.Sign(R"({"alg":"RS256","kid":"r"})", Claims())), "ann");
  EXPECT_EQ(Said(*verifier, ec.Sign(R"({"alg":"ES256","kid":"e"})", Claims())), "ann");
  EXPECT_EQ(Said(*verifier,
                 ec.Sign(R"({"alg":"ES256"})", Claims(R"("exp":1000100)", R"(["other","skein"])"))),
            "ann");
  EXPECT_EQ(
      Said(*verifier, rsa.Sign(R"({"alg":"RS256"})", Claims(R"("exp":999941,"nbf":1000059)"))),
      "ann");
}

TEST_F(JwtTest, OthersAreRefusedWithTheReason) {
  Issuer rsa(true);
  Issuer other(true);
  Issuer ec(false);
  auto verifier = Open(rsa.Jwk("r") + "," + ec.Jwk("e"));
  auto refused = [&](const std::string& token, const char* why) {
    EXPECT_THAT(Said(*verifier, token), HasSubstr(why));
    EXPECT_THAT(Said(*verifier, token), HasSubstr("28000"));
  };
  const std::string head = R"({"alg":"RS256","kid":"r"})";
  refused(rsa.Sign(head, Claims(R"("exp":999940)")), "has expired");
  refused(rsa.Sign(head, R"({"iss":"https://issuer","sub":"ann","aud":"skein"})"), "has expired");
  refused(rsa.Sign(head, Claims(R"("exp":"soon")")), "no number");
  refused(rsa.Sign(head, Claims(R"("exp":1000100,"nbf":1000061)")), "not valid yet");
  refused(rsa.Sign(head, Claims(R"("exp":1000100)", R"("other")")), "another audience");
  refused(rsa.Sign(head, R"({"iss":"x","sub":"ann","aud":"skein","exp":1000100})"),
          "another issuer");
  refused(rsa.Sign(head, R"({"iss":"https://issuer","aud":"skein","exp":1000100})"),
          "does not name a user");
  refused(other.Sign(head, Claims()), "known key");
  refused(rsa.Sign(R"({"alg":"RS256","kid":"e"})", Claims()), "known key");
  // A public key must not pass for a shared secret, nor nothing for a signature.
  refused(rsa.Sign(R"({"alg":"HS256","kid":"r"})", Claims()), "RS256 or ES256");
  refused(rsa.Sign(R"({"alg":"none"})", Claims()), "RS256 or ES256");
  refused(rsa.Sign(R"({"alg":"ES256","kid":"e"})", Claims()), "known key");
  refused(rsa.Sign(R"({"alg":"RS256","crit":["x"]})", Claims()), "extensions");
  std::string good = rsa.Sign(head, Claims());
  size_t dot = good.rfind('.');
  refused(good.substr(0, dot + 1), "known key");
  refused(good.substr(0, dot), "no JSON Web Token");
  std::string changed = good;
  changed[good.find('.') + 5] ^= 1;
  EXPECT_THAT(Said(*verifier, changed), HasSubstr("28000"));
  for (const char* garbage : {"", "..", "a.b.c", "e30.e30.", "e30.W10.e30", "\xff.\xff.\xff"}) {
    EXPECT_THAT(Said(*verifier, garbage), HasSubstr("28000")) << garbage;
  }
  refused(std::string(20'000, 'a'), "too long");
}

TEST_F(JwtTest, KeySetsThatCannotBeUsed) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})",
                           R"({"keys":[{"kty":"oct","k":"AAAA"}]})",
                           R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})",
                           R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]})"}) {
    EXPECT_EQ(ParseJsonWebKeys(text).status().sqlstate(), "22023") << text;
  }
}

}  // namespace
}  // namespace skein::security
