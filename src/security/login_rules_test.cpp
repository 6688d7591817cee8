#include "security/login_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skein::security {
namespace {

using testing::HasSubstr;

std::vector<LoginRule> Parse(std::string_view text) {
  auto rules = ParseLoginRules(text);
  EXPECT_TRUE(rules.ok()) << rules.status().ToString();
  return rules.ok() ? *rules : std::vector<LoginRule>();
}

TEST(LoginRules, TheFirstThatMatchesHolds) {
  auto rules = Parse(
      "# who may come in\n"
      "\n"
      "local    all     all                    trust\n"
      "hostssl  all     ann,bob  10.0.0.0/8    scram-sha-256\n"
      "hostnossl all    all      10.0.0.0/8    reject  # never in the clear\n"
      "hostssl  all     \"c d\"  2001:db8::/32 cert\n"
      "host     sales   all      192.0.2.0 255.255.255.0 md5\n"
      "host     sameuser eve     all           trust\n");
  auto line = [&](LoginRequest request) {
    const LoginRule* rule = FindLoginRule(rules, request);
    return rule ? rule->line : 0;
  };
  EXPECT_EQ(line({.user = "x", .address = "127.0.0.1"}), 3u);
  EXPECT_EQ(line({.user = "x", .address = "::1"}), 3u);
  EXPECT_EQ(line({.user = "ann", .address = "10.1.2.3", .encrypted = true}), 4u);
  EXPECT_EQ(line({.user = "ann", .address = "::ffff:10.1.2.3", .encrypted = true}), 4u);
  EXPECT_EQ(line({.user = "ann", .address = "10.1.2.3"}), 5u);
  EXPECT_EQ(line({.user = "eve", .address = "10.1.2.3", .encrypted = true}), 0u);
  EXPECT_EQ(line({.user = "c d", .address = "2001:db8::7", .encrypted = true}), 6u);
  EXPECT_EQ(line({.user = "x", .database = "sales", .address = "192.0.2.77"}), 7u);
  EXPECT_EQ(line({.user = "x", .database = "sales", .address = "192.0.3.77"}), 0u);
  EXPECT_EQ(line({.user = "x", .database = "other", .address = "192.0.2.77"}), 0u);
  EXPECT_EQ(line({.user = "eve", .database = "eve", .address = "8.8.8.8"}), 8u);
  EXPECT_EQ(line({.user = "x", .address = "not an address"}), 0u);
}

TEST(LoginRules, QuotesTakeAwayASpecialMeaning) {
  auto rules = Parse("host all \"all\" all trust\n");
  EXPECT_EQ(FindLoginRule(rules, {.user = "ann", .address = "8.8.8.8"}), nullptr);
  EXPECT_NE(FindLoginRule(rules, {.user = "all", .address = "8.8.8.8"}), nullptr);
}

TEST(LoginRules, SaysWhichLineIsWrong) {
  struct Case {
    const char* text;
    const char* message;
  };
  for (const Case& one : {
           Case{"\n\nhst all all all trust",
                "line 3 of the rules file: unknown connection type "
                "\"hst\""},
           Case{"host all", "there is no database and user"},
           Case{"host all all", "there is no address"},
           Case{"host all all 10.0.0.0/8", "there is no method"},
           Case{"host all all 10.0.0.0/33 trust", "has 0 to 32 bits"},
           Case{"host all all ::/129 trust", "has 0 to 128 bits"},
           Case{"host all all 10.0.0 trust", "is no numeric address"},
           Case{"host all all db.example trust", "is no numeric address"},
           Case{"host all all 10.0.0.0 255.0.255.0 trust", "is no network mask"},
           Case{"host all all all ldap", "unknown method \"ldap\""},
           Case{"host all all all password", "the method password would send it unprotected"},
           Case{"host all all all cert", "cert is for hostssl only"},
           Case{"host all all all trust clientcert=verify-full", "clientcert is for hostssl only"},
           Case{"hostssl all all all trust map=x", "unknown option \"map=x\""},
           Case{"host all +group all trust", "there are no roles"},
           Case{"host all \"ann all trust", "a double quote is never closed"},
           Case{"host all ann,,bob all trust", "a name between commas is empty"},
           Case{"host replication all all trust", "is not supported"},
       }) {
    auto rules = ParseLoginRules(one.text);
    ASSERT_FALSE(rules.ok()) << one.text;
    EXPECT_EQ(rules.status().sqlstate(), "22023");
    EXPECT_THAT(rules.status().message(), HasSubstr("of the rules file: "));
    EXPECT_THAT(rules.status().message(), HasSubstr(one.message));
    EXPECT_FALSE(rules.status().hint().empty()) << one.text;
  }
}

}  // namespace
}  // namespace skein::security
