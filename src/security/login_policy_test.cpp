#include "security/login_policy.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skein::security {
namespace {

using testing::HasSubstr;
using Kind = AuthDecision::Kind;

class LoginPolicyTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() /
               ("skein-login-policy-" + std::to_string(getpid())))
                  .string();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    std::string path = folder_ + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  std::shared_ptr<UserStore> Users() {
    return *UserStore::Open(
        Write("users", "ann:" + MakeVerifierWithSalt("secret", "salt", 1).Format() + "\n"));
  }

  std::string folder_;
};

TEST_F(LoginPolicyTest, RulesDecide) {
  std::shared_ptr<RulesFile> rules = *OpenRulesFile(Write("rules",
                                                          "hostssl all ann all cert\n"
                                                          "hostssl all bob all scram-sha-256 "
                                                          "clientcert=verify-ca\n"
                                                          "host all eve all reject\n"
                                                          "local all all trust\n"));
  LoginPolicy policy(AuthMode::kTrust, Users(), rules);
  LoginRequest request{.user = "ann", .address = "192.0.2.1", .encrypted = true};
  EXPECT_THAT(policy.Decide(request).refusal.message(), HasSubstr("requires a valid client"));
  request.certificate_name = "someone";
  EXPECT_EQ(policy.Decide(request).refusal.ToString().substr(0, 54),
            "28000: certificate authentication failed for user \"ann");
  request.certificate_name = "ann";
  EXPECT_EQ(policy.Decide(request).kind, Kind::kTrust);
  request.user = "bob";
  EXPECT_EQ(policy.Decide(request).kind, Kind::kPassword);
  request.user = "eve";
  EXPECT_THAT(policy.Decide(request).refusal.hint(), HasSubstr("line 3"));
  request.user = "x";
  EXPECT_THAT(policy.Decide(request).refusal.message(), HasSubstr("no rule"));
  EXPECT_EQ(policy.Decide({.user = "x", .address = "127.0.0.1"}).kind, Kind::kTrust);
}

TEST_F(LoginPolicyTest, WrongPasswordsAreCounted) {
  LoginPolicy policy(AuthMode::kPassword, Users(), nullptr);
  EXPECT_TRUE(policy.CheckPassword("192.0.2.1", "ann", "secret").ok());
  for (int i = 0; i < LoginThrottle::kFreeFailures; ++i) {
    EXPECT_EQ(policy.CheckPassword("192.0.2.1", "ann", "wrong").message(),
              "password authentication failed for user \"ann\"");
  }
  EXPECT_THAT(policy.CheckPassword("192.0.2.1", "ann", "secret").message(), HasSubstr("too many"));
  EXPECT_TRUE(policy.CheckPassword("192.0.2.2", "ann", "secret").ok());
  EXPECT_FALSE(policy.CheckPassword("192.0.2.2", "nobody", "secret").ok());
}

TEST_F(LoginPolicyTest, AWrongFileIsAnErrorThatNamesIt) {
  auto rules = OpenRulesFile(Write("rules", "nonsense\n"));
  EXPECT_THAT(rules.status().message(), HasSubstr("/rules: line 1 of the rules file"));
  EXPECT_EQ(OpenRulesFile(folder_ + "/none").status().sqlstate(), "58030");
}

}  // namespace
}  // namespace skein::security
