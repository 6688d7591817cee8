// Input: a line with the client's first message, then its last one. The server's side is fixed (the
// example of RFC 7677), so that only that example, with extensions to ignore, may ever succeed.
#include "security/scram.h"

#include <cstdint>
#include <string_view>

#include "common/utf8.h"
#include "property.h"
#include "security/base64.h"

namespace {

using namespace skein::security;  // NOLINT(google-build-using-namespace)

void CheckExchange(std::string_view first, std::string_view last, bool plus, bool encrypted) {
  static const ScramVerifier verifier =
      MakeVerifierWithSalt("pencil", *Base64Decode("W22ZaJ0SNY7soEsUEjb6gQ=="), kScramIterations);
  ScramServer server({verifier, "user",
                      encrypted ? std::optional<std::string>("hash") : std::nullopt,
                      "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"});
  skein::Result<std::string> answer =
      server.HandleClientFirst(plus ? kScramSha256Plus : kScramSha256, first);
  PROPERTY(!server.succeeded());
  PROPERTY(skein::IsValidUtf8(answer.status().ToString()));
  skein::Result<std::string> end = server.HandleClientFinal(last);
  PROPERTY(end.ok() == server.succeeded());
  PROPERTY(answer.ok() || !end.ok());
  // Without the password no proof can be made for another exchange than the recorded ones.
  if (end.ok()) PROPERTY(!plus && first.find("r=rOprNGfwEbeRWgbNEkqO") != std::string_view::npos);
  PROPERTY(!server.HandleClientFinal(last).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string_view first = text.substr(0, text.find('\n'));
  std::string_view last =
      first.size() < text.size() ? text.substr(first.size() + 1) : std::string_view();
  for (int i = 0; i < 4; ++i) CheckExchange(first, last, (i & 1) != 0, (i & 2) != 0);
  return 0;
}
