#include "security/login_throttle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skein::security {
namespace {

using std::chrono::seconds;

class LoginThrottleTest : public testing::Test {
 protected:
  void Fail(int times, const std::string& user = "ann", const std::string& address = "192.0.2.1") {
    for (int i = 0; i < times; ++i) throttle_.Failed(address, user);
  }
  bool May(const std::string& user = "ann", const std::string& address = "192.0.2.1") {
    return throttle_.Check(address, user).ok();
  }

  std::chrono::steady_clock::time_point now_ =
      std::chrono::steady_clock::time_point() + std::chrono::hours(100);
  LoginThrottle throttle_{[this] { return now_; }};
};

TEST_F(LoginThrottleTest, ThePauseDoublesUpToItsLimit) {
  Fail(LoginThrottle::kFreeFailures - 1);
  EXPECT_TRUE(May());
  int64_t pause = 1;
  for (int i = 0; i < 10; ++i) {
    Fail(1);
    Status refused = throttle_.Check("192.0.2.1", "ann");
    EXPECT_EQ(refused.sqlstate(), "28P01");
    EXPECT_EQ(refused.hint(), "Try again in " + std::to_string(pause) + " s.");
    now_ += seconds(pause) - std::chrono::milliseconds(1);
    EXPECT_FALSE(May());
    now_ += std::chrono::milliseconds(1);
    EXPECT_TRUE(May());
    pause = std::min<int64_t>(pause * 2, 60);
  }
}

TEST_F(LoginThrottleTest, OthersAreNotSlowedDown) {
  Fail(20);
  EXPECT_FALSE(May());
  EXPECT_TRUE(May("bob"));
  EXPECT_TRUE(May("ann", "192.0.2.2"));
}

TEST_F(LoginThrottleTest, ASuccessForgets) {
  Fail(LoginThrottle::kFreeFailures);
  now_ += seconds(1);
  throttle_.Succeeded("192.0.2.1", "ann");
  Fail(LoginThrottle::kFreeFailures - 1);
  EXPECT_TRUE(May());
}

TEST_F(LoginThrottleTest, AnHourForgets) {
  Fail(50);
  now_ += std::chrono::hours(1) + seconds(1);
  EXPECT_TRUE(May());
}

TEST_F(LoginThrottleTest, AnAddressThatTriesManyNamesIsSlowedDown) {
  constexpr int kFree = LoginThrottle::kFreeFailures * LoginThrottle::kAddressFactor;
  for (int i = 0; i < kFree - 1; ++i) Fail(1, "user" + std::to_string(i));
  EXPECT_TRUE(May("ann"));
  Fail(1, "another");
  EXPECT_FALSE(May("ann"));
  // Failures that come slowly are what a shared address has anyway.
  now_ += seconds(60);
  for (int i = 0; i < 3 * kFree; ++i) {
    Fail(1, "slow" + std::to_string(i));
    now_ += LoginThrottle::kAddressRecovery + seconds(1);
  }
  EXPECT_TRUE(May("ann"));
}

TEST_F(LoginThrottleTest, ItsMemoryIsBounded) {
  for (size_t i = 0; i < 3 * LoginThrottle::kMaxEntries; ++i)
    Fail(1, "ann", "address " + std::to_string(i));
  EXPECT_LE(throttle_.size(), LoginThrottle::kMaxEntries);
}

}  // namespace
}  // namespace skein::security
