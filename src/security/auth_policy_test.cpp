#include "security/auth_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skein::security {
namespace {

using Kind = AuthDecision::Kind;
using ::testing::HasSubstr;

TEST(AuthPolicy, KnowsItsOwnMachine) {
  for (const char* own :
       {"127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::1%lo"}) {
    EXPECT_TRUE(IsLoopbackAddress(own)) << own;
  }
  for (std::string_view other :
       {std::string_view("10.0.0.1"), std::string_view("128.0.0.1"), std::string_view("::2"),
        std::string_view("::ffff:10.0.0.1"), std::string_view("::127.0.0.1"),
        std::string_view("fe80::1%lo"), std::string_view(""), std::string_view("localhost"),
        std::string_view("127.0.0.1:5432"), std::string_view("127.1"),
        std::string_view("127.0.0.1\0x", 11), std::string_view("%127.0.0.1")}) {
    EXPECT_FALSE(IsLoopbackAddress(other)) << other;
  }
}

TEST(AuthPolicy, Decides) {
  const struct {
    AuthMode mode;
    const char* peer;
    bool users;
    Kind kind;
  } cases[] = {
      {AuthMode::kAuto, "127.0.0.1", false, Kind::kTrust},
      {AuthMode::kAuto, "10.0.0.1", false, Kind::kRefuse},
      {AuthMode::kAuto, "127.0.0.1", true, Kind::kPassword},
      {AuthMode::kAuto, "10.0.0.1", true, Kind::kPassword},
      {AuthMode::kTrust, "10.0.0.1", false, Kind::kTrust},
      {AuthMode::kTrust, "10.0.0.1", true, Kind::kTrust},
      {AuthMode::kPassword, "::1", false, Kind::kRefuse},
      {AuthMode::kPassword, "::1", true, Kind::kPassword},
      {AuthMode::kPassword, "10.0.0.1", true, Kind::kPassword},
      {AuthMode::kAuto, "nonsense", false, Kind::kRefuse},
  };
  for (const auto& c : cases) {
    AuthDecision decision = DecideAuthentication(c.mode, c.peer, c.users);
    EXPECT_EQ(decision.kind, c.kind) << AuthModeName(c.mode) << c.peer << c.users;
    EXPECT_EQ(decision.refusal.ok(), c.kind != Kind::kRefuse);
    if (c.kind == Kind::kRefuse) {
      EXPECT_EQ(decision.refusal.sqlstate(), "28000");
      EXPECT_THAT(decision.refusal.hint(), HasSubstr("skein passwd NAME"));
    }
  }
}

TEST(AuthPolicy, ModesHaveNames) {
  for (AuthMode mode : {AuthMode::kAuto, AuthMode::kTrust, AuthMode::kPassword}) {
    EXPECT_EQ(*ParseAuthMode(AuthModeName(mode)), mode);
  }
  EXPECT_THAT(ParseAuthMode("none").status().hint(), HasSubstr("auto, trust and password"));
}

}  // namespace
}  // namespace skein::security
