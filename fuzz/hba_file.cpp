// Input: the text of a rules file. What is read must match or not for any client, and every error
// names its line.
#include <cstdint>
#include <string_view>

#include "common/utf8.h"
#include "property.h"
#include "security/login_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace skein::security;  // NOLINT(google-build-using-namespace)
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto rules = ParseLoginRules(text);
  if (!rules.ok()) {
    PROPERTY(rules.status().message().find("line ") == 0);
    PROPERTY(!rules.status().hint().empty());
    return 0;
  }
  size_t before = 0;
  for (const LoginRule& rule : *rules) {
    PROPERTY(rule.line > before);
    before = rule.line;
    PROPERTY(rule.prefix >= 0 && rule.prefix <= 128);
    PROPERTY(rule.connection == LoginRule::Connection::kLocal || rule.network.size() == 16);
  }
  for (const char* address : {"127.0.0.1", "::1", "10.1.2.3", "2001:db8::1", "nonsense"}) {
    for (bool encrypted : {false, true}) {
      LoginRequest request{
          .user = "ann", .database = "sales", .address = address, .encrypted = encrypted};
      const LoginRule* found = FindLoginRule(*rules, request);
      PROPERTY(found == nullptr || found->Matches(request));
    }
  }
  return 0;
}
