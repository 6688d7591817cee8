#include "server/token_issuer.h"

#include "engine/egress.h"
#include "net/http_get.h"
#include "security/fetched_keys.h"
#include "telemetry/log.h"

namespace skein::server {
namespace {

Status Named(const char* setting, const Status& status) {
  return Status(status.code(), status.sqlstate(), std::string(setting) + ": " + status.message())
      .WithHint(status.hint());
}

}  // namespace

Result<std::shared_ptr<security::JwtVerifier>> OpenTokenIssuer(const Settings& settings) {
  security::JwtVerifier::Options options{
      settings.jwt_issuer, settings.jwt_audience,
      std::chrono::duration_cast<std::chrono::seconds>(settings.jwt_skew), settings.jwt_user_claim};
  if (!settings.jwt_keys_file.empty()) {
    auto keys = security::OpenKeysFile(settings.jwt_keys_file);
    if (!keys.ok()) return Named("jwt_keys_file", keys.status());
    return std::make_shared<security::JwtVerifier>(std::move(options), *std::move(keys));
  }
  if (settings.jwt_keys_url.empty()) return std::shared_ptr<security::JwtVerifier>();
  net::HttpGetOptions get{.url = settings.jwt_keys_url, .ca_file = settings.jwt_keys_ca};
  if (Status status = net::CheckHttpGetUrl(get.url); !status.ok())
    return Named("jwt_keys_url", status);
  security::FetchedKeys::Options fetched;
  fetched.period = settings.jwt_keys_refresh;
  fetched.min_interval = std::min(fetched.min_interval, fetched.period);
  fetched.on_failure = [](const Status& why) {
    telemetry::Log(telemetry::LogLevel::kWarn, "the keys of tokens were not fetched",
                   {telemetry::Field("why", why.message())});
  };
  auto fetch = [get](const CancelToken& cancel) {
    // Who runs the server chose the address; its rules for addresses are for those of clients.
    engine::OperatorEgress allowed;
    return net::HttpGet(get, cancel);
  };
  return std::make_shared<security::JwtVerifier>(
      std::move(options), std::make_unique<security::FetchedKeys>(std::move(fetched), fetch));
}

}  // namespace skein::server
