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

std::variant<std::string, HttpError> Authenticator::Identify(const net::Stream& client,
                                                             const std::string& authorization,
                                                             Memory* memory) const {
  auto credentials = DecodeBasic(authorization);
  security::LoginRequest request;
  request.user =
      credentials && !credentials->user.empty() ? credentials->user : std::string("anonymous");
  request.address = security::AddressWithoutPort(client.peer());
  request.encrypted = client.is_tls();
  request.certificate_name = client.certificate_name();
  auto decision = policy_->Decide(request);
  switch (decision.kind) {
    case security::AuthDecision::Kind::kTrust:
      return request.user;
    case security::AuthDecision::Kind::kRefuse:
      // A rule for another user may let in who says who they are.
      if (!credentials) break;
      return DetailError(403, decision.refusal.message() + ". " + decision.refusal.hint());
    case security::AuthDecision::Kind::kPassword:
      break;
  }
  if (!credentials && decision.kind == security::AuthDecision::Kind::kRefuse && !policy_->users())
    return DetailError(403, decision.refusal.message() + ". " + decision.refusal.hint());
  if (!credentials)
    return Unauthorized("this server asks for a user and password: send Basic credentials");
  if (!memory->authorization.empty() && memory->authorization == authorization) return memory->user;
  Status refused = policy_->CheckPassword(request.address, request.user, credentials->password);
  if (!refused.ok()) {
    services_->observer->LoginRefused("http", credentials->user, client.peer(), refused);
    return Unauthorized(refused.message() + (refused.hint().empty() ? "" : ". " + refused.hint()));
  }
  memory->authorization = authorization;
  memory->user = credentials->user;
  return credentials->user;
}

}  // namespace skein::frontends::http
