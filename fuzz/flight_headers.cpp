// Input: a header's value, whichever. What is understood is within what came, and nothing is quoted
// that may be a password.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/utf8.h"
#include "frontends/flightsql/call_headers.h"
#include "property.h"

using namespace skein::frontends::flightsql;  // NOLINT(google-build-using-namespace)

namespace {

void CheckError(const skein::Status& status, const char* sqlstate) {
  PROPERTY(status.sqlstate() == sqlstate);
  PROPERTY(status.message().size() < 100);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view header(reinterpret_cast<const char*>(data), size);
  auto credentials = DecodeAuthorization(header);
  if (!credentials.ok()) {
    CheckError(credentials.status(), "28P01");
  } else if (const auto* bearer = std::get_if<BearerToken>(&*credentials)) {
    PROPERTY(header.ends_with(bearer->token));
  } else if (const auto* basic = std::get_if<BasicCredentials>(&*credentials)) {
    PROPERTY(basic->user.size() + basic->password.size() < size);
    PROPERTY(basic->user.find(':') == std::string::npos);
  } else {
    PROPERTY(header.empty());
  }
  std::string cookie = CookieIn(header);
  PROPERTY(cookie.find(';') == std::string::npos);
  PROPERTY(header.find(cookie) != std::string_view::npos);
  PROPERTY(PeerAddress(header).size() <= size);
  auto endpoints = DecodeEndpoints(header);
  if (!endpoints.ok()) {
    CheckError(endpoints.status(), "22023");
  } else if (*endpoints) {
    PROPERTY(**endpoints >= 1 && **endpoints <= kMaxEndpoints);
  }
  auto keep = DecodeKeep(header);
  if (!keep.ok()) CheckError(keep.status(), "22023");
  return 0;
}
