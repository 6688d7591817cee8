#include "security/scram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "security/base64.h"

namespace skein::security {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The example of RFC 7677, section 3.
constexpr char kClientNonce[] = "rOprNGfwEbeRWgbNEkqO";
constexpr char kServerNonce[] = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr char kClientFirst[] = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr char kServerFirst[] =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr char kClientFinal[] =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+"
    "Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr char kServerFinal[] = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramVerifier Pencil() {
  return MakeVerifierWithSalt("pencil", *Base64Decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
}

ScramServer Server(std::optional<std::string> binding = std::nullopt) {
  return ScramServer({Pencil(), "user", std::move(binding), kServerNonce});
}

std::string Hmac(const std::string& key, const std::string& data) {
  unsigned char out[32];
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(), out, nullptr);
  return std::string(reinterpret_cast<char*>(out), 32);
}

// A client that does it right: the final message for what was said before.
std::string Final(const std::string& password, const std::string& first, size_t header_size,
                  const std::string& server_first, const std::string& binding,
                  const std::string& extension = "") {
  std::string nonce = server_first.substr(2, server_first.find(",s=") - 2);
  std::string without_proof =
      "c=" + Base64Encode(first.substr(0, header_size) + binding) + ",r=" + nonce + extension;
  size_t salt = server_first.find(",s=") + 3;
  std::string salt_bytes =
      *Base64Decode(server_first.substr(salt, server_first.find(",i=") - salt));
  std::string salted(32, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt_bytes.data()),
                    static_cast<int>(salt_bytes.size()), 4096, EVP_sha256(), 32,
                    reinterpret_cast<unsigned char*>(salted.data()));
  std::string key = Hmac(salted, "Client Key");
  std::string stored(32, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(),
         reinterpret_cast<unsigned char*>(stored.data()));
  std::string signature =
      Hmac(stored, first.substr(header_size) + "," + server_first + "," + without_proof);
  for (size_t i = 0; i < 32; ++i) key[i] = static_cast<char>(key[i] ^ signature[i]);
  return without_proof + ",p=" + Base64Encode(key);
}

TEST(Scram, TheExampleOfTheRfc) {
  ScramServer server = Server();
  Result<std::string> first = server.HandleClientFirst(kScramSha256, kClientFirst);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(*first, kServerFirst);
  EXPECT_FALSE(server.succeeded());
  Result<std::string> last = server.HandleClientFinal(kClientFinal);
  ASSERT_TRUE(last.ok()) << last.status().ToString();
  EXPECT_EQ(*last, kServerFinal);
  EXPECT_TRUE(server.succeeded());
}

TEST(Scram, AWrongPasswordAndAnUnknownUserLookAlike) {
  ScramServer known({MakeVerifier("other"), "user", std::nullopt, ""});
  ScramServer unknown({MockVerifier("user", "secret"), "user", std::nullopt, ""});
  std::string errors[2];
  std::string firsts[2];
  ScramServer* servers[] = {&known, &unknown};
  for (int i = 0; i < 2; ++i) {
    firsts[i] = *servers[i]->HandleClientFirst(kScramSha256, kClientFirst);
    Status status =
        servers[i]->HandleClientFinal(Final("pencil", kClientFirst, 3, firsts[i], "")).status();
    EXPECT_EQ(status.sqlstate(), "28P01");
    EXPECT_FALSE(servers[i]->succeeded());
    errors[i] = status.ToString();
  }
  EXPECT_EQ(errors[0], errors[1]);
  EXPECT_EQ(firsts[0].size(), firsts[1].size());
  EXPECT_EQ(MockVerifier("user", "secret").salt, MockVerifier("user", "secret").salt);
  EXPECT_NE(MockVerifier("user", "secret").salt, MockVerifier("resu", "secret").salt);
  EXPECT_FALSE(VerifyPassword(MockVerifier("user", "secret"), ""));
}

TEST(Scram, NoncesAreNewEachTime) {
  ScramServer one({Pencil(), "user", std::nullopt, ""});
  ScramServer two({Pencil(), "user", std::nullopt, ""});
  EXPECT_NE(*one.HandleClientFirst(kScramSha256, kClientFirst),
            *two.HandleClientFirst(kScramSha256, kClientFirst));
}

TEST(Scram, BindsTheChannel) {
  const std::string first = "p=tls-server-end-point,,n=,r=abc";
  ScramServer server = Server("certificate hash");
  std::string server_first = *server.HandleClientFirst(kScramSha256Plus, first);
  EXPECT_TRUE(
      server.HandleClientFinal(Final("pencil", first, 24, server_first, "certificate hash")).ok());
  EXPECT_TRUE(server.succeeded());

  ScramServer other = Server("certificate hash");
  server_first = *other.HandleClientFirst(kScramSha256Plus, first);
  Status status =
      other.HandleClientFinal(Final("pencil", first, 24, server_first, "somebody else's")).status();
  EXPECT_EQ(status.sqlstate(), "28000");
}

TEST(Scram, ChannelBindingFlags) {
  auto first = [](bool offered, std::string_view mechanism, const std::string& flag) {
    ScramServer server = Server(offered ? std::optional<std::string>("hash") : std::nullopt);
    return server.HandleClientFirst(mechanism, flag + ",,n=,r=abc").status().sqlstate();
  };
  EXPECT_EQ(first(false, kScramSha256, "n"), "00000");
  EXPECT_EQ(first(true, kScramSha256, "n"), "00000");
  EXPECT_EQ(first(false, kScramSha256, "y"), "00000");
  EXPECT_EQ(first(true, kScramSha256, "y"), "28000");  // the offer was taken away on the way
  EXPECT_EQ(first(true, kScramSha256, "p=tls-server-end-point"), "08P01");
  EXPECT_EQ(first(true, kScramSha256Plus, "p=tls-server-end-point"), "00000");
  EXPECT_EQ(first(true, kScramSha256Plus, "p=tls-unique"), "08P01");
  EXPECT_EQ(first(true, kScramSha256Plus, "n"), "08P01");
  EXPECT_EQ(first(true, kScramSha256Plus, "y"), "08P01");
  EXPECT_EQ(first(false, kScramSha256Plus, "p=tls-server-end-point"), "08P01");
  EXPECT_EQ(first(false, "SCRAM-SHA-1", "n"), "08P01");
  EXPECT_EQ(first(false, "", "n"), "08P01");
}

TEST(Scram, AYFlagIsKeptInTheBinding) {
  ScramServer server = Server();
  std::string server_first = *server.HandleClientFirst(kScramSha256, "y,,n=,r=abc");
  EXPECT_TRUE(server.HandleClientFinal(Final("pencil", "y,,n=,r=abc", 3, server_first, "")).ok());
  ScramServer changed = Server();
  server_first = *changed.HandleClientFirst(kScramSha256, "y,,n=,r=abc");
  EXPECT_EQ(changed.HandleClientFinal(Final("pencil", "n,,n=,r=abc", 3, server_first, ""))
                .status()
                .sqlstate(),
            "08P01");
}

TEST(Scram, RefusesMalformedFirstMessages) {
  for (const char* bad : {"",
                          "n",
                          "n,",
                          "n,,",
                          "x,,n=,r=abc",
                          "n,,r=abc",
                          "n,,n=",
                          "n,,n=,",
                          "n,,n=,r=",
                          "n,,n=,r=a b",
                          "n,,n=,r=\xc3\xa9",
                          "n,,n==,r=abc",
                          "n,,n=a=2,r=abc",
                          "n,,n=,r=abc,",
                          "n,,n=,r=abc,x",
                          "n,,n=,r=abc,1=x",
                          "n,,n=,r=abc,,x=y",
                          "nn,,n=,r=abc",
                          "p,,n=,r=abc",
                          "n,n=,r=abc"}) {
    ScramServer server = Server();
    Status status = server.HandleClientFirst(kScramSha256, bad).status();
    EXPECT_FALSE(status.ok()) << bad;
    EXPECT_TRUE(status.sqlstate() == "08P01" || status.sqlstate() == "0A000") << bad;
    EXPECT_EQ(server.HandleClientFirst(kScramSha256, kClientFirst).status().sqlstate(), "08P01")
        << bad;
  }
  for (const char* unsupported : {"n,a=admin,n=,r=abc", "n,,m=x,n=,r=abc", "n,,n=,r=abc,m=x"}) {
    EXPECT_EQ(Server().HandleClientFirst(kScramSha256, unsupported).status().sqlstate(), "0A000")
        << unsupported;
  }
  EXPECT_TRUE(Server().HandleClientFirst(kScramSha256, "n,,n=a=2Cb=3D,r=abc,x=ignored").ok());
}

TEST(Scram, RefusesMalformedFinalMessages) {
  const std::string good = kClientFinal;
  const std::string proof = good.substr(good.find(",p="));
  const std::string nonce = std::string(kClientNonce) + kServerNonce;
  for (const std::string& bad : std::vector<std::string>{
           "", "p=", "c=biws", good + "x", good + ",", good.substr(0, good.size() - 4),
           "r=" + nonce + proof, "c=biws" + proof, "c=biws,r=" + std::string(kClientNonce) + proof,
           "c=biws,r=" + nonce + "x" + proof, "c=biwsx,r=" + nonce + proof, "c=,r=" + nonce + proof,
           "c=biws,r=" + nonce + "," + proof, "c=biws,r=" + nonce + ",p=AAAA",
           "c=eSws,r=" + nonce + proof}) {
    ScramServer server = Server();
    ASSERT_TRUE(server.HandleClientFirst(kScramSha256, kClientFirst).ok());
    EXPECT_EQ(server.HandleClientFinal(bad).status().sqlstate(), "08P01") << bad;
    EXPECT_FALSE(server.HandleClientFinal(good).ok()) << "a second try after: " << bad;
    EXPECT_FALSE(server.succeeded());
  }
  ScramServer extended = Server();
  std::string first = *extended.HandleClientFirst(kScramSha256, kClientFirst);
  EXPECT_TRUE(
      extended.HandleClientFinal(Final("pencil", kClientFirst, 3, first, "", ",x=ignored")).ok());
}

TEST(Scram, MessagesOutOfOrderAreErrors) {
  EXPECT_EQ(Server().HandleClientFinal(kClientFinal).status().sqlstate(), "08P01");
  ScramServer server = Server();
  ASSERT_TRUE(server.HandleClientFirst(kScramSha256, kClientFirst).ok());
  EXPECT_EQ(server.HandleClientFirst(kScramSha256, kClientFirst).status().sqlstate(), "08P01");
  EXPECT_FALSE(server.HandleClientFinal(kClientFinal).ok());
}

TEST(ScramVerifier, IsPostgresqlsOwnText) {
  ScramVerifier verifier = Pencil();
  std::string text = verifier.Format();
  EXPECT_EQ(
      text,
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  Result<ScramVerifier> parsed = ScramVerifier::Parse(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->Format(), text);
  EXPECT_TRUE(VerifyPassword(*parsed, "pencil"));
  EXPECT_FALSE(VerifyPassword(*parsed, "Pencil"));
  EXPECT_FALSE(VerifyPassword(*parsed, ""));
  EXPECT_TRUE(VerifyPassword(MakeVerifier("пароль"), "пароль"));
  EXPECT_NE(MakeVerifier("x").salt, MakeVerifier("x").salt);
}

TEST(ScramVerifier, ErrorsSayWhatIsWrongAndQuoteNothing) {
  const std::string key = Base64Encode(std::string(32, 'k'));
  const std::pair<std::string, const char*> bad[] = {
      {"", "begin with"},
      {"md5abcdef", "begin with"},
      {"SCRAM-SHA-256$", "parts are"},
      {"SCRAM-SHA-256$4096:c2FsdA==", "parts are"},
      {"SCRAM-SHA-256$4096:c2FsdA==$" + key, "parts are"},
      {"SCRAM-SHA-256$0:c2FsdA==$" + key + ":" + key, "iterations"},
      {"SCRAM-SHA-256$-1:c2FsdA==$" + key + ":" + key, "iterations"},
      {"SCRAM-SHA-256$x:c2FsdA==$" + key + ":" + key, "iterations"},
      {"SCRAM-SHA-256$99999999999:c2FsdA==$" + key + ":" + key, "iterations"},
      {"SCRAM-SHA-256$4096:$" + key + ":" + key, "salt"},
      {"SCRAM-SHA-256$4096:!$" + key + ":" + key, "salt"},
      {"SCRAM-SHA-256$4096:c2FsdA==$c2Vj:" + key, "StoredKey"},
      {"SCRAM-SHA-256$4096:c2FsdA==$" + key + ":c2Vj", "ServerKey"},
      {"SCRAM-SHA-256$4096:c2FsdA==$" + key + ":" + key + " ", "ServerKey"}};
  for (const auto& [text, what] : bad) {
    Status status = ScramVerifier::Parse(text).status();
    EXPECT_EQ(status.sqlstate(), "22023") << text;
    EXPECT_THAT(status.message(), HasSubstr(what)) << text;
    EXPECT_THAT(status.ToString(), Not(HasSubstr(key)));
  }
}

}  // namespace
}  // namespace skein::security
