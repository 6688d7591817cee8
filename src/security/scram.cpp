#include "security/scram.h"

#include <charconv>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "common/random.h"
#include "security/base64.h"

namespace skein::security {
namespace {

constexpr size_t kKeyBytes = SHA256_DIGEST_LENGTH;
constexpr size_t kSaltBytes = 16;   // as PostgreSQL
constexpr size_t kNonceBytes = 18;  // as PostgreSQL; 24 characters
constexpr std::string_view kVerifierPrefix = "SCRAM-SHA-256$";
constexpr std::string_view kBindingType = "tls-server-end-point";

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string Hmac(std::string_view key, std::string_view data) {
  std::string out(kKeyBytes, '\0');
  // OpenSSL fails here only when it is out of memory.
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(data), data.size(),
            Bytes(out), nullptr)) {
    std::abort();
  }
  return out;
}

std::string Sha256(std::string_view data) {
  std::string out(kKeyBytes, '\0');
  SHA256(Bytes(data), data.size(), Bytes(out));
  return out;
}

std::string SaltedPassword(std::string_view password, std::string_view salt, uint32_t iterations) {
  std::string out(kKeyBytes, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), Bytes(salt),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        static_cast<int>(out.size()), Bytes(out)) != 1) {
    std::abort();
  }
  return out;
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Status Malformed(std::string_view what) {
  return errors::ProtocolViolation(fmt::format("malformed SCRAM message: {}", what));
}

// Cuts the text before the next comma off the front, and the comma.
std::string_view CutAttribute(std::string_view& rest) {
  size_t comma = rest.find(',');
  std::string_view out = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  return out;
}

bool IsAttribute(std::string_view attribute, char name) {
  return attribute.size() >= 2 && attribute[0] == name && attribute[1] == '=';
}

bool IsNonce(std::string_view nonce) {
  if (nonce.empty()) return false;
  for (char c : nonce) {
    if (c < 0x21 || c > 0x7e || c == ',') return false;
  }
  return true;
}

// "=2C" and "=3D" are the only escapes in a name.
bool IsSaslName(std::string_view name) {
  for (size_t at = name.find('='); at != std::string_view::npos; at = name.find('=', at + 1)) {
    std::string_view escape = name.substr(at, 3);
    if (escape != "=2C" && escape != "=3D") return false;
  }
  return true;
}

// Extensions that are not mandatory are to be ignored, once they look like "x=...".
Status CheckExtension(std::string_view attribute) {
  if (attribute.size() < 2 || attribute[1] != '=' ||
      !((attribute[0] | 0x20) >= 'a' && (attribute[0] | 0x20) <= 'z')) {
    return Malformed("an attribute is a letter, '=' and a value");
  }
  if (attribute[0] == 'm') {
    return errors::NotSupported("the client requires an unsupported SCRAM extension");
  }
  return Status();
}

}  // namespace

Result<ScramVerifier> ScramVerifier::Parse(std::string_view text) {
  auto wrong = [](std::string_view what) -> Status {
    return errors::InvalidParameter(fmt::format("not a SCRAM verifier: {}", what))
        .WithHint(
            "It looks like SCRAM-SHA-256$4096:<salt>$<StoredKey>:<ServerKey>; `skein passwd NAME` "
            "makes "
            "one.");
  };
  if (!text.starts_with(kVerifierPrefix)) return wrong("it does not begin with SCRAM-SHA-256$");
  text.remove_prefix(kVerifierPrefix.size());
  size_t colon = text.find(':');
  size_t dollar = text.find('$');
  size_t last_colon = text.rfind(':');
  if (colon == std::string_view::npos || dollar == std::string_view::npos || colon > dollar ||
      last_colon < dollar) {
    return wrong("its parts are <iterations>:<salt>$<StoredKey>:<ServerKey>");
  }
  ScramVerifier verifier;
  auto [end, error] = std::from_chars(text.data(), text.data() + colon, verifier.iterations);
  if (error != std::errc() || end != text.data() + colon || verifier.iterations == 0 ||
      verifier.iterations > kMaxScramIterations) {
    return wrong(
        fmt::format("the number of iterations is not between 1 and {}", kMaxScramIterations));
  }
  auto salt = Base64Decode(text.substr(colon + 1, dollar - colon - 1));
  if (!salt || salt->empty()) return wrong("the salt is not base64");
  auto stored_key = Base64Decode(text.substr(dollar + 1, last_colon - dollar - 1));
  if (!stored_key || stored_key->size() != kKeyBytes) {
    return wrong("the StoredKey is not 32 bytes in base64");
  }
  auto server_key = Base64Decode(text.substr(last_colon + 1));
  if (!server_key || server_key->size() != kKeyBytes) {
    return wrong("the ServerKey is not 32 bytes in base64");
  }
  verifier.salt = *std::move(salt);
  verifier.stored_key = *std::move(stored_key);
  verifier.server_key = *std::move(server_key);
  return verifier;
}

std::string ScramVerifier::Format() const {
  return fmt::format("{}{}:{}${}:{}", kVerifierPrefix, iterations, Base64Encode(salt),
                     Base64Encode(stored_key), Base64Encode(server_key));
}

ScramVerifier MakeVerifierWithSalt(std::string_view password, std::string_view salt,
                                   uint32_t iterations) {
  std::string salted = SaltedPassword(password, salt, iterations);
  ScramVerifier verifier;
  verifier.iterations = iterations;
  verifier.salt = salt;
  verifier.stored_key = Sha256(Hmac(salted, "Client Key"));
  verifier.server_key = Hmac(salted, "Server Key");
  OPENSSL_cleanse(salted.data(), salted.size());
  return verifier;
}

ScramVerifier MakeVerifier(std::string_view password, uint32_t iterations) {
  return MakeVerifierWithSalt(password, RandomBytes(kSaltBytes), iterations);
}

bool VerifyPassword(const ScramVerifier& verifier, std::string_view password) {
  ScramVerifier given = MakeVerifierWithSalt(password, verifier.salt, verifier.iterations);
  return EqualInConstantTime(given.stored_key, verifier.stored_key);
}

ScramVerifier MockVerifier(std::string_view user, std::string_view server_secret) {
  ScramVerifier verifier;
  verifier.salt = Hmac(server_secret, user).substr(0, kSaltBytes);
  verifier.stored_key = RandomBytes(kKeyBytes);
  verifier.server_key = RandomBytes(kKeyBytes);
  return verifier;
}

ScramServer::ScramServer(Options options) : options_(std::move(options)) {
  if (options_.server_nonce.empty()) {
    options_.server_nonce = Base64Encode(RandomBytes(kNonceBytes));
  }
}

Status ScramServer::CheckChannelBindingFlag(std::string_view flag) const {
  if (flag == "n" || flag == "y") {
    if (plus_) {
      return Malformed("the mechanism SCRAM-SHA-256-PLUS goes with channel binding data");
    }
    // The client could bind and was told that we can't: somebody in the middle took the offer away.
    if (flag == "y" && options_.channel_binding) {
      return Status(StatusCode::kUnauthenticated, "28000",
                    "SCRAM channel binding negotiation error")
          .WithDetail(
              "The client supports SCRAM channel binding but thinks the server does not. However, "
              "this "
              "server does support channel binding.");
    }
    return Status();
  }
  if (!flag.starts_with("p=")) return Malformed("it begins with n, y or p=");
  if (!plus_) {
    return Malformed("channel binding data goes with the mechanism SCRAM-SHA-256-PLUS");
  }
  if (flag.substr(2) != kBindingType) {
    return errors::ProtocolViolation("unsupported SCRAM channel-binding type")
        .WithHint("This server supports tls-server-end-point.");
  }
  return Status();
}

Result<std::string> ScramServer::HandleClientFirst(std::string_view mechanism,
                                                   std::string_view message) {
  // Whatever goes wrong below ends the exchange.
  if (std::exchange(state_, State::kFailed) != State::kClientFirst) {
    return errors::ProtocolViolation("a SCRAM message came out of order");
  }
  plus_ = mechanism == kScramSha256Plus;
  if ((!plus_ && mechanism != kScramSha256) || (plus_ && !options_.channel_binding)) {
    return errors::ProtocolViolation(
        "the client selected an authentication mechanism that was not offered");
  }
  std::string_view rest = message;
  SKEIN_RETURN_IF_ERROR(CheckChannelBindingFlag(CutAttribute(rest)));
  if (!CutAttribute(rest).empty()) {
    return errors::NotSupported(
        "the client uses an authorization identity, which is not supported");
  }
  gs2_header_ = message.substr(0, message.size() - rest.size());
  if (!gs2_header_.ends_with(",,")) return Malformed("its header ends with two commas");
  client_first_bare_ = rest;

  std::string_view name = CutAttribute(rest);
  if (name.starts_with("m=")) {
    return errors::NotSupported("the client requires an unsupported SCRAM extension");
  }
  if (!IsAttribute(name, 'n')) return Malformed("the user name (n=) comes first");
  if (!IsSaslName(name.substr(2)))
    return Malformed("a comma in a user name is =2C, an equal sign =3D");
  std::string_view nonce = CutAttribute(rest);
  if (!IsAttribute(nonce, 'r') || !IsNonce(nonce.substr(2))) {
    return Malformed("the nonce (r=) comes second, in printable characters");
  }
  while (!rest.empty()) SKEIN_RETURN_IF_ERROR(CheckExtension(CutAttribute(rest)));
  if (client_first_bare_.ends_with(',')) return Malformed("it ends with a comma");

  nonce_ = std::string(nonce.substr(2)) + options_.server_nonce;
  server_first_ = fmt::format("r={},s={},i={}", nonce_, Base64Encode(options_.verifier.salt),
                              options_.verifier.iterations);
  state_ = State::kClientFinal;
  return server_first_;
}

Result<std::string> ScramServer::HandleClientFinal(std::string_view message) {
  if (std::exchange(state_, State::kFailed) != State::kClientFinal) {
    return errors::ProtocolViolation("a SCRAM message came out of order");
  }
  // The proof comes last, and what stands before it is what it proves.
  size_t proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return Malformed("the proof (p=) comes last");
  std::string_view without_proof = message.substr(0, proof_at);
  auto proof = Base64Decode(message.substr(proof_at + 3));
  if (!proof || proof->size() != kKeyBytes) return Malformed("the proof is not 32 bytes in base64");

  std::string_view rest = without_proof;
  std::string_view binding = CutAttribute(rest);
  if (!IsAttribute(binding, 'c')) return Malformed("the channel binding (c=) comes first");
  std::string expected = gs2_header_ + (plus_ ? *options_.channel_binding : std::string());
  if (!EqualInConstantTime(binding.substr(2), Base64Encode(expected))) {
    if (plus_) {
      return Status(StatusCode::kUnauthenticated, "28000", "SCRAM channel binding check failed");
    }
    return Malformed("the channel binding is not what the first message said");
  }
  std::string_view nonce = CutAttribute(rest);
  if (!IsAttribute(nonce, 'r')) return Malformed("the nonce (r=) comes second");
  if (!EqualInConstantTime(nonce.substr(2), nonce_)) return Malformed("the nonce does not match");
  while (!rest.empty()) SKEIN_RETURN_IF_ERROR(CheckExtension(CutAttribute(rest)));
  if (without_proof.ends_with(',')) return Malformed("there is an empty attribute");

  std::string auth_message =
      fmt::format("{},{},{}", client_first_bare_, server_first_, without_proof);
  std::string client_key = Hmac(options_.verifier.stored_key, auth_message);
  for (size_t i = 0; i < kKeyBytes; ++i)
    client_key[i] = static_cast<char>(client_key[i] ^ (*proof)[i]);
  bool right = EqualInConstantTime(Sha256(client_key), options_.verifier.stored_key);
  OPENSSL_cleanse(client_key.data(), client_key.size());
  if (!right) {
    return errors::Unauthenticated(
        fmt::format("password authentication failed for user \"{}\"", options_.user));
  }
  state_ = State::kSucceeded;
  return "v=" + Base64Encode(Hmac(options_.verifier.server_key, auth_message));
}

}  // namespace skein::security
