#include "common/cancellation.h"

#include <future>

#include <gtest/gtest.h>

#include "common/random.h"
#include "common/timer.h"

namespace skein {
namespace {

TEST(CancelToken, TheFirstReasonWins) {
  CancelToken token;
  EXPECT_TRUE(token.status().ok());
  EXPECT_TRUE(token.Cancel(errors::Cancelled("by the user")));
  EXPECT_FALSE(token.Cancel(errors::TimedOut("late")));
  EXPECT_EQ(token.status().message(), "by the user");
}

TEST(CancelToken, CallsOnceAndAtOnceWhenAlreadyCancelled) {
  CancelToken token;
  int calls = 0;
  {
    auto registration = token.OnCancel([&] { ++calls; });
    token.Cancel(errors::Cancelled("stop"));
    token.Cancel(errors::Cancelled("stop"));
  }
  EXPECT_EQ(calls, 1);
  auto late = token.OnCancel([&] { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(CancelToken, ADetachedCallbackIsNotCalled) {
  CancelToken token;
  int calls = 0;
  {
    auto registration = token.OnCancel([&] { ++calls; });
  }
  token.Cancel(errors::Cancelled("stop"));
  EXPECT_EQ(calls, 0);
}

TEST(Timer, CallsInTimeOrderAndNotWhatWasRemoved) {
  Timer timer;
  std::promise<std::string> done;
  std::string order;
  auto now = Clock::now();
  timer.At(now + std::chrono::milliseconds(30), [&] {
    order += "c";
    done.set_value(order);
  });
  timer.At(now + std::chrono::milliseconds(10), [&] { order += "a"; });
  auto removed = timer.At(now + std::chrono::milliseconds(20), [&] { order += "b"; });
  timer.Remove(removed);
  timer.Remove(removed);
  timer.Remove(0);
  EXPECT_EQ(done.get_future().get(), "ac");
}

TEST(Random, IdsAreOrderedAndDiffer) {
  std::string first = NewId();
  std::string second = NewId();
  EXPECT_EQ(first.size(), 36u);
  EXPECT_EQ(first[14], '7');
  EXPECT_NE(first, second);
  EXPECT_NE(RandomUint64(), RandomUint64());
  EXPECT_EQ(RandomHex(4).size(), 8u);
}

}  // namespace
}  // namespace skein
