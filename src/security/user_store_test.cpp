#include "security/user_store.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/random.h"

namespace skein::security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Verifier(const char* password) {
  return MakeVerifierWithSalt(password, "salt", 1).Format();
}

class UserStoreTest : public ::testing::Test {
 protected:
  UserStoreTest() { std::filesystem::create_directory(folder_); }
  ~UserStoreTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(path_) << text;
    ::chmod(path_.c_str(), mode);
  }
  std::unique_ptr<UserStore> Open() {
    auto store = UserStore::Open(
        path_, [this] { return std::chrono::steady_clock::time_point(now_.load()); });
    EXPECT_TRUE(store.ok()) << store.status().ToString();
    return *std::move(store);
  }
  void Wait() { now_ = now_.load() + UserStore::kCheckInterval; }

  const std::string folder_ = ::testing::TempDir() + "skein-users-" + RandomHex(8);
  const std::string path_ = folder_ + "/users";
  std::atomic<std::chrono::steady_clock::duration> now_{std::chrono::hours(1)};
};

TEST(ParseUsers, ReadsLinesAndSkipsComments) {
  auto users =
      ParseUsers("# the team\r\n\n  ann : " + Verifier("a") + "\r\n\tbob:" + Verifier("b"));
  ASSERT_TRUE(users.ok()) << users.status().ToString();
  EXPECT_EQ(users->size(), 2u);
  EXPECT_TRUE(VerifyPassword(users->at("ann"), "a"));
  EXPECT_TRUE(ParseUsers("")->empty());
}

TEST(ParseUsers, ErrorsNameTheLineAndWhatWouldBeRight) {
  auto error = [](const std::string& text) { return ParseUsers(text).status(); };
  Status status = error("# x\nann\n");
  EXPECT_EQ(status.sqlstate(), "22023");
  EXPECT_EQ(status.message(), "line 2 of the users file: there is no colon after the name");
  EXPECT_THAT(status.hint(), HasSubstr("skein passwd NAME"));
  EXPECT_THAT(error("ann:secret").message(),
              HasSubstr("line 1 of the users file: not a SCRAM verifier"));
  EXPECT_THAT(error("ann:secret").ToString(), Not(HasSubstr("secret")));
  EXPECT_THAT(error(":" + Verifier("a")).message(), HasSubstr("empty"));
  EXPECT_THAT(error("a\xff:" + Verifier("a")).message(), HasSubstr("UTF-8"));
  EXPECT_THAT(error("a\x01:" + Verifier("a")).message(), HasSubstr("control"));
  EXPECT_THAT(error("ann:" + Verifier("a") + "\n\nann:" + Verifier("b")).message(),
              HasSubstr("line 3 of the users file: the user \"ann\" is already in line 1"));
}

TEST_F(UserStoreTest, FindsUsers) {
  Write("ann:" + Verifier("a"));
  auto store = Open();
  EXPECT_EQ(store->size(), 1u);
  EXPECT_TRUE(VerifyPassword(store->Find("ann").value(), "a"));
  EXPECT_FALSE(store->Find("Ann").has_value());
  EXPECT_THAT(store->warnings(), IsEmpty());
}

TEST_F(UserStoreTest, SaysWhatIsWrongOnOpen) {
  EXPECT_EQ(UserStore::Open(path_).status().sqlstate(), "58030");
  Write("ann");
  Status status = UserStore::Open(path_).status();
  EXPECT_THAT(status.message(), HasSubstr(path_ + ": line 1"));
  EXPECT_EQ(UserStore::Open(folder_).status().sqlstate(), "58030");
}

TEST_F(UserStoreTest, WarnsOfAFileThatOthersCanRead) {
  Write("ann:" + Verifier("a"), 0644);
  auto store = Open();
  EXPECT_THAT(store->warnings(), ElementsAre(HasSubstr("chmod 600")));
}

TEST_F(UserStoreTest, SeesChangesOnceInAnInterval) {
  Write("ann:" + Verifier("a"));
  auto store = Open();
  Write("ann:" + Verifier("a") + "\nbob:" + Verifier("b"));
  EXPECT_FALSE(store->Find("bob").has_value());
  Wait();
  EXPECT_TRUE(store->Find("bob").has_value());
  // Another file with the same size.
  ASSERT_TRUE(WriteUser(path_, "bob", MakeVerifierWithSalt("c", "salt", 1)).ok());
  Wait();
  EXPECT_TRUE(VerifyPassword(store->Find("bob").value(), "c"));
}

TEST_F(UserStoreTest, KeepsItsUsersWhileTheFileIsWrong) {
  Write("ann:" + Verifier("a"));
  auto store = Open();
  Write("ann");
  Wait();
  EXPECT_TRUE(store->Find("ann").has_value());
  EXPECT_THAT(store->warnings(), ElementsAre(HasSubstr("line 1")));
  std::filesystem::remove(path_);
  Wait();
  EXPECT_TRUE(store->Find("ann").has_value());
  EXPECT_THAT(store->warnings(), ElementsAre(HasSubstr("could not open")));
  Write("bob:" + Verifier("b"));
  Wait();
  EXPECT_FALSE(store->Find("ann").has_value());
  EXPECT_THAT(store->warnings(), IsEmpty());
}

TEST_F(UserStoreTest, WriteUserKeepsTheOtherLines) {
  ScramVerifier one = MakeVerifierWithSalt("1", "salt", 1);
  ScramVerifier two = MakeVerifierWithSalt("2", "salt", 1);
  ASSERT_TRUE(WriteUser(path_, "ann", one).ok());
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms(0600));
  Write("# team\nann:" + one.Format() + "\n\nbob:" + one.Format());
  ASSERT_TRUE(WriteUser(path_, "ann", two).ok());
  ASSERT_TRUE(WriteUser(path_, "eve", two).ok());
  std::ifstream file(path_);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, "# team\nann:" + two.Format() + "\n\nbob:" + one.Format() +
                      "\neve:" + two.Format() + "\n");
  EXPECT_EQ(WriteUser(path_, "a:b", one).sqlstate(), "22023");
  EXPECT_EQ(WriteUser(folder_ + "/none/users", "ann", one).sqlstate(), "58030");
  Write("broken");
  EXPECT_EQ(WriteUser(path_, "ann", one).sqlstate(), "22023");
}

TEST_F(UserStoreTest, ManyThreadsLookUpWhileTheFileChanges) {
  Write("ann:" + Verifier("a"));
  auto store = Open();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        EXPECT_TRUE(store->Find("ann").has_value());
        EXPECT_THAT(store->warnings(), IsEmpty());
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(
        WriteUser(path_, "user" + std::to_string(i), MakeVerifierWithSalt("x", "salt", 1)).ok());
    Wait();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  Wait();
  EXPECT_TRUE(store->Find("user19").has_value());
}

}  // namespace
}  // namespace skein::security
