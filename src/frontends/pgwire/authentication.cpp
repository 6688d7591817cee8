#include "frontends/pgwire/authentication.h"

#include <vector>

#include "frontends/pgwire/backend_message.h"
#include "frontends/pgwire/frontend_message.h"

namespace skein::frontends::pgwire {
namespace {

Status Failed(const std::string& user) {
  return errors::Unauthenticated("password authentication failed for user \"" + user + "\"");
}

}  // namespace

Status AuthenticationExchange::Run() {
  const std::string& user = request.user;
  auto decision = policy->Decide(request);
  if (decision.kind == security::AuthDecision::Kind::kRefuse) return decision.refusal;
  if (decision.kind == security::AuthDecision::Kind::kTrust) return Status::OK();
  security::UserStore* users = policy->users();
  if (!users) return errors::Unauthenticated("this server asks for passwords and has no users");
  SKEIN_RETURN_IF_ERROR(policy->throttle().Check(request.address, user));

  auto verifier = users->Find(user);
  security::ScramServer::Options options;
  options.verifier = verifier ? *verifier : security::MockVerifier(user, mock_secret);
  options.user = user;
  if (!channel_binding.empty()) options.channel_binding = channel_binding;
  security::ScramServer scram(std::move(options));

  std::vector<std::string_view> mechanisms;
  if (!channel_binding.empty()) mechanisms.push_back(security::kScramSha256Plus);
  mechanisms.push_back(security::kScramSha256);
  std::string out;
  MessageWriter(out).AuthenticationSasl(mechanisms);
  SKEIN_RETURN_IF_ERROR(send(out));

  SKEIN_ASSIGN_OR_RETURN(std::string first, receive());
  SKEIN_ASSIGN_OR_RETURN(auto initial, DecodeSaslInitialResponse(first));
  if (!initial.response) return errors::ProtocolViolation("the SASL message holds no response");
  SKEIN_ASSIGN_OR_RETURN(std::string challenge,
                         scram.HandleClientFirst(initial.mechanism, *initial.response));
  out.clear();
  MessageWriter(out).AuthenticationSaslContinue(challenge);
  SKEIN_RETURN_IF_ERROR(send(out));

  SKEIN_ASSIGN_OR_RETURN(std::string final_message, receive());
  auto answer = scram.HandleClientFinal(final_message);
  if (!answer.ok() && answer.status().sqlstate() != "28P01") return answer.status();
  if (!answer.ok() || !verifier || !scram.succeeded()) {
    policy->throttle().Failed(request.address, user);
    return Failed(user);
  }
  policy->throttle().Succeeded(request.address, user);
  out.clear();
  MessageWriter(out).AuthenticationSaslFinal(*answer);
  return send(out);
}

}  // namespace skein::frontends::pgwire
