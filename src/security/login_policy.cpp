#include "security/login_policy.h"

#include <fmt/format.h>

#include "common/random.h"

namespace skein::security {
namespace {

Status Refused(std::string message, std::string hint) {
  return Status(StatusCode::kUnauthenticated, "28000", std::move(message))
      .WithHint(std::move(hint));
}

std::string Described(const LoginRequest& request) {
  return fmt::format("user \"{}\" from {} {}", request.user, request.address,
                     request.encrypted ? "with TLS" : "without TLS");
}

AuthDecision ByRule(const LoginRule* rule, const LoginRequest& request, bool has_users) {
  auto refuse = [](std::string message, std::string hint) {
    return AuthDecision{AuthDecision::Kind::kRefuse, Refused(std::move(message), std::move(hint))};
  };
  if (rule == nullptr) {
    return refuse("no rule of the server's hba_file lets in " + Described(request),
                  "The server's operator can add one.");
  }
  if (rule->method == LoginMethod::kReject) {
    return refuse("a rule of the server's hba_file refuses " + Described(request),
                  fmt::format("It is the one in line {}.", rule->line));
  }
  if (rule->certificate != LoginRule::ClientCertificate::kAny) {
    if (!request.certificate_name) {
      return refuse("connection requires a valid client certificate",
                    "Give the driver a certificate (sslcert and sslkey in libpq) that the server's "
                    "authority signed.");
    }
    if (rule->certificate == LoginRule::ClientCertificate::kSameName &&
        *request.certificate_name != request.user) {
      return refuse(fmt::format("certificate authentication failed for user \"{}\"", request.user),
                    "The certificate's common name must be the user's name.");
    }
  }
  if (rule->method == LoginMethod::kPassword) {
    if (has_users) return {AuthDecision::Kind::kPassword, Status()};
    return refuse("this server asks for passwords and has no users file",
                  "Start it with users_file.");
  }
  return {AuthDecision::Kind::kTrust, Status()};
}

}  // namespace

Result<std::unique_ptr<RulesFile>> OpenRulesFile(std::string path) {
  return RulesFile::Open("the rules file", std::move(path), kMaxRulesFileBytes, &ParseLoginRules);
}

AuthDecision LoginPolicy::Decide(const LoginRequest& request) {
  if (!rules_) return DecideAuthentication(mode_, request.address, users_ != nullptr);
  auto rules = rules_->Get();
  return ByRule(FindLoginRule(*rules, request), request, users_ != nullptr);
}

Status LoginPolicy::CheckPassword(std::string_view address, const std::string& user,
                                  std::string_view password) {
  SKEIN_RETURN_IF_ERROR(throttle_.Check(address, user));
  static const std::string kSecret = RandomBytes(32);
  auto verifier = users_ ? users_->Find(user) : std::nullopt;
  // The derivation runs for unknown users too: its time must not tell who exists.
  bool right = VerifyPassword(verifier ? *verifier : MockVerifier(user, kSecret), password);
  if (verifier && right) {
    throttle_.Succeeded(address, user);
    return Status::OK();
  }
  throttle_.Failed(address, user);
  return errors::Unauthenticated("password authentication failed for user \"" + user + "\"");
}

}  // namespace skein::security
