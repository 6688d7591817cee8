// Input: the text of a users file. What is read must be read again the same when it is written.
#include <cstdint>
#include <string>
#include <string_view>

#include "common/utf8.h"
#include "property.h"
#include "security/user_store.h"

namespace {

using namespace skein::security;  // NOLINT(google-build-using-namespace)

void CheckUsers(std::string_view text) {
  skein::Result<UserMap> users = ParseUsers(text);
  if (!users.ok()) {
    PROPERTY(skein::IsValidUtf8(users.status().ToString()));
    return;
  }
  std::string again;
  for (const auto& [name, verifier] : *users) {
    PROPERTY(CheckUserName(name).ok() && !verifier.salt.empty());
    again += name + ":" + verifier.Format() + "\n";
  }
  skein::Result<UserMap> second = ParseUsers(again);
  PROPERTY(second.ok() && second->size() == users->size());
  for (const auto& [name, verifier] : *users)
    PROPERTY(second->at(name).Format() == verifier.Format());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  CheckUsers(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
