#include "frontends/flightsql/authenticator.h"

#include <algorithm>

#include <openssl/sha.h>

#include "common/random.h"
#include "common/utf8.h"
#include "frontends/flightsql/call_headers.h"

namespace skein::frontends::flightsql {
namespace {

constexpr size_t kMaxClassicToken = 8192;
constexpr size_t kMaxTokens = 100'000;
/// The name of a trusted client that gave none.
constexpr char kAnonymous[] = "anonymous";

std::string HashOf(std::string_view peer, std::string_view credentials) {
  std::string text = std::string(peer) + '\n' + std::string(credentials);
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

}  // namespace

Authenticator::Authenticator(Options options) : options_(std::move(options)) {}

Result<security::AuthDecision::Kind> Authenticator::Decide(std::string_view peer,
                                                           const std::string& user) const {
  auto decision = options_.policy->Decide(
      {.user = user, .address = PeerAddress(peer), .encrypted = options_.encrypted});
  if (decision.kind == security::AuthDecision::Kind::kRefuse) return decision.refusal;
  return decision.kind;
}

Result<Caller> Authenticator::Authenticate(std::string_view peer, std::string_view authorization,
                                           std::string_view classic_token) {
  if (classic_token.size() > kMaxClassicToken)
    return errors::Unauthenticated("the credentials are too long");
  SKEIN_ASSIGN_OR_RETURN(Credentials given, DecodeAuthorization(authorization));
  if (const auto* bearer = std::get_if<BearerToken>(&given)) {
    if (auto caller = FindToken(bearer->token)) return *caller;
    if (options_.jwt && security::JwtVerifier::LooksLikeOne(bearer->token)) {
      auto user = options_.jwt->Verify(bearer->token);
      if (!user.ok()) {
        options_.on_refused(std::string(peer), {}, user.status());
        return user.status();
      }
      SKEIN_RETURN_IF_ERROR(Decide(peer, *user).status());
      return Caller{*user, bearer->token, false};
    }
    return Status(errors::Unauthenticated("the bearer token is not known or has expired"))
        .WithHint("Connect again with a user name and a password.");
  }
  if (const auto* basic = std::get_if<BasicCredentials>(&given)) {
    std::string key = HashOf(peer, basic->user + ":" + basic->password);
    std::string known;
    {
      std::lock_guard lock(mu_);
      if (auto it = basic_.find(key); it != basic_.end()) known = it->second;
    }
    if (!known.empty()) {
      if (auto caller = FindToken(known)) {
        caller->new_token = true;
        return *caller;
      }
    }
    SKEIN_ASSIGN_OR_RETURN(auto caller, SignIn(peer, basic->user, basic->password));
    std::lock_guard lock(mu_);
    if (auto it = tokens_.find(caller.token); it != tokens_.end()) {
      it->second.basic_key = key;
      basic_[key] = caller.token;
    }
    return caller;
  }
  if (!classic_token.empty()) {
    if (auto caller = FindToken(std::string(classic_token))) return *caller;
    return errors::Unauthenticated("the token is not known or has expired");
  }
  SKEIN_ASSIGN_OR_RETURN(auto kind, Decide(peer, kAnonymous));
  if (kind == security::AuthDecision::Kind::kTrust) return Caller{kAnonymous, {}, false};
  return Status(errors::Unauthenticated("this server asks for a user name and a password"))
      .WithHint("Give the driver a user name and a password.");
}

Result<Caller> Authenticator::SignIn(std::string_view peer, const std::string& user,
                                     const std::string& password) {
  if (!IsValidUtf8(user) || user.find('\0') != std::string::npos) {
    return errors::Unauthenticated("the user name is no text");
  }
  std::string name = user.empty() ? kAnonymous : user;
  SKEIN_ASSIGN_OR_RETURN(auto kind, Decide(peer, name));
  if (kind == security::AuthDecision::Kind::kTrust) return MakeToken(name, {});
  Status refused = options_.policy->CheckPassword(PeerAddress(peer), user, password);
  if (!refused.ok()) {
    options_.on_refused(std::string(peer), user.substr(0, 100), refused);
    return refused;
  }
  return MakeToken(user, {});
}

std::optional<Caller> Authenticator::FindToken(const std::string& token) {
  std::lock_guard lock(mu_);
  auto it = tokens_.find(token);
  if (it == tokens_.end()) return std::nullopt;
  auto now = Clock::now();
  if (now - it->second.last_used > options_.token_idle_timeout) {
    basic_.erase(it->second.basic_key);
    tokens_.erase(it);
    return std::nullopt;
  }
  it->second.last_used = now;
  return Caller{it->second.user, token, false};
}

Caller Authenticator::MakeToken(const std::string& user, std::string basic_key) {
  Caller caller{user, RandomHex(32), true};
  std::lock_guard lock(mu_);
  if (tokens_.size() >= kMaxTokens) {
    auto oldest = std::min_element(
        tokens_.begin(), tokens_.end(),
        [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; });
    basic_.erase(oldest->second.basic_key);
    tokens_.erase(oldest);
  }
  tokens_[caller.token] = Token{user, std::move(basic_key), Clock::now()};
  return caller;
}

void Authenticator::Sweep() {
  std::lock_guard lock(mu_);
  auto now = Clock::now();
  for (auto it = tokens_.begin(); it != tokens_.end();) {
    if (now - it->second.last_used > options_.token_idle_timeout) {
      basic_.erase(it->second.basic_key);
      it = tokens_.erase(it);
    } else {
      ++it;
    }
  }
}

}  // namespace skein::frontends::flightsql
