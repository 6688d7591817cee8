#include "frontends/http/authenticator.h"

#include <optional>

#include "security/base64.h"

namespace skein::frontends::http {
namespace {

struct Credentials {
  std::string user;
  std::string password;
};

std::optional<Credentials> DecodeBasic(std::string_view authorization) {
  constexpr std::string_view kBasic = "basic ";
  if (authorization.size() <= kBasic.size()) return std::nullopt;
  for (size_t i = 0; i < kBasic.size(); ++i) {
    char c = authorization[i];
    if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != kBasic[i]) return std::nullopt;
  }
  auto decoded = security::Base64DecodeUnpadded(authorization.substr(kBasic.size()));
  if (!decoded) return std::nullopt;
  size_t colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

HttpError Unauthorized(std::string_view text) {
  HttpError error = DetailError(401, text);
  error.headers.emplace_back("WWW-Authenticate", "Basic realm=\"skein\", charset=\"UTF-8\"");
  return error;
}

}  // namespace

std::variant<std::string, HttpError> Authenticator::Identify(std::string_view peer,
                                                             const std::string& authorization,
                                                             Memory* memory) const {
  auto credentials = DecodeBasic(authorization);
  auto decision =
      security::DecideAuthentication(mode_, security::AddressWithoutPort(peer), users_ != nullptr);
  switch (decision.kind) {
    case security::AuthDecision::Kind::kTrust:
      return credentials && !credentials->user.empty() ? credentials->user
                                                       : std::string("anonymous");
    case security::AuthDecision::Kind::kRefuse:
      return DetailError(403, decision.refusal.message() + ". " + decision.refusal.hint());
    case security::AuthDecision::Kind::kPassword:
      break;
  }
  if (!credentials)
    return Unauthorized("this server asks for a user and password: send Basic credentials");
  if (!memory->authorization.empty() && memory->authorization == authorization) return memory->user;
  auto verifier = users_ ? users_->Find(credentials->user) : std::nullopt;
  // The derivation runs for unknown users too: its time must not tell who exists.
  bool right = security::VerifyPassword(
      verifier ? *verifier : security::MockVerifier(credentials->user, "no such user"),
      credentials->password);
  if (!verifier || !right) {
    services_->observer->LoginRefused("http", credentials->user, std::string(peer),
                                      errors::Unauthenticated("wrong user or password"));
    return Unauthorized("password authentication failed for user \"" + credentials->user + "\"");
  }
  memory->authorization = authorization;
  memory->user = credentials->user;
  return credentials->user;
}

}  // namespace skein::frontends::http
