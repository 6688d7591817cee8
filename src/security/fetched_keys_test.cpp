#include "security/fetched_keys.h"

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skein::security {
namespace {

using namespace std::chrono_literals;

std::string KeySet(const std::string& id) {
  // The key of RFC 7515, A.3.
  return R"({"keys":[{"kty":"EC","crv":"P-256","kid":")" + id +
         R"(","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
         R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";
}

/// What the fetches give, one after the other, and how many there were. The last answer stays.
class Server {
 public:
  FetchedKeys::Fetch fetch() {
    return [this](const CancelToken&) -> Result<std::string> {
      std::lock_guard lock(mu_);
      ++fetches_;
      return answer_;
    };
  }
  void Give(Result<std::string> answer) {
    std::lock_guard lock(mu_);
    answer_ = std::move(answer);
  }
  int fetches() {
    std::lock_guard lock(mu_);
    return fetches_;
  }

 private:
  std::mutex mu_;
  Result<std::string> answer_{KeySet("first")};
  int fetches_ = 0;
};

std::string IdOf(const KeySource::Keys& keys) { return keys->empty() ? "" : keys->front().id; }

TEST(FetchedKeysTest, ANewKeyIsFetchedWhenItIsAskedFor) {
  Server server;
  FetchedKeys keys({.period = 1h, .min_interval = 0ms, .wait = 60s}, server.fetch());
  auto first = keys.Newer(keys.Get());
  EXPECT_EQ(IdOf(first), "first");
  server.Give(KeySet("second"));
  EXPECT_EQ(IdOf(keys.Get()), "first");
  EXPECT_EQ(IdOf(keys.Newer(first)), "second");
  // What was seen is old already: nothing needs to be fetched.
  int before = server.fetches();
  EXPECT_EQ(IdOf(keys.Newer(first)), "second");
  EXPECT_EQ(server.fetches(), before);
}

TEST(FetchedKeysTest, InventedKeysCauseFewFetches) {
  Server server;
  FetchedKeys keys({.period = 1h, .min_interval = 1h, .wait = 60s}, server.fetch());
  auto first = keys.Newer(keys.Get());
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(keys.Newer(first), first);
  EXPECT_EQ(server.fetches(), 1);
}

TEST(FetchedKeysTest, AFailureKeepsTheKeys) {
  Server server;
  std::atomic<int> failures{0};
  FetchedKeys keys({.period = 1h,
                    .min_interval = 0ms,
                    .wait = 60s,
                    .on_failure = [&](const Status&) { ++failures; }},
                   server.fetch());
  auto first = keys.Newer(keys.Get());
  for (const Result<std::string>& wrong :
       {Result<std::string>(errors::IoError("it is down")), Result<std::string>("<html>")}) {
    int before = failures;
    server.Give(wrong);
    EXPECT_EQ(keys.Newer(first), first);
    EXPECT_GT(failures, before);
  }
}

TEST(FetchedKeysTest, ThePeriodFetches) {
  Server server;
  server.Give(errors::IoError("it is not up yet"));
  FetchedKeys keys({.period = 1ms, .min_interval = 1ms, .wait = 60s}, server.fetch());
  server.Give(KeySet("first"));
  auto until = Clock::now() + 60s;
  while (IdOf(keys.Get()) != "first" && Clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(IdOf(keys.Get()), "first");
}

TEST(FetchedKeysTest, AFetchThatHangsIsCancelledAtTheEnd) {
  std::atomic<bool> begun{false};
  auto hang = [&](const CancelToken& cancel) -> Result<std::string> {
    begun = true;
    while (!cancel.cancelled()) std::this_thread::yield();
    return cancel.status();
  };
  FetchedKeys keys({.wait = 1ms}, hang);
  while (!begun) std::this_thread::yield();
  EXPECT_TRUE(keys.Newer(keys.Get())->empty());
}

}  // namespace
}  // namespace skein::security
