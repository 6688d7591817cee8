#include "session/session.h"

#include <filesystem>

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skein::session {
namespace {

struct Recorder : Observer {
  void SessionOpened(const std::string&) override { ++sessions; }
  void SessionClosed(const std::string&) override { --sessions; }
  void RunStarted(const std::string&) override {}
  void LoginRefused(const std::string&, const std::string&, const std::string&,
                    const Status&) override {}
  void RunEnded(const RunRecord& record) override { records.push_back(record); }
  int sessions = 0;
  std::vector<RunRecord> records;
};

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    engine::Options options;
    options.threads = 2;
    dir_ = std::filesystem::temp_directory_path() / ("skein-session-" + std::to_string(getpid()));
    options.temp_dir = dir_.string();
    services_->engine = *engine::Engine::Open(options);
    services_->timer = std::make_shared<Timer>();
    services_->observer = recorder_;
    services_->spool_dir = dir_.string();
    session_ = *Session::Open(services_, Identity{"ann", "pg", "test"},
                              {.dialect = engine::Dialect::kPostgres});
  }
  ~SessionTest() override {
    session_.reset();
    std::filesystem::remove_all(dir_);
  }

  int64_t Drain(Execution& execution) {
    int64_t rows = 0;
    while (true) {
      auto batch = execution.Next();
      EXPECT_TRUE(batch.ok()) << batch.status().ToString();
      if (!batch.ok() || !*batch) return rows;
      rows += (*batch)->num_rows();
    }
  }

  std::filesystem::path dir_;
  std::shared_ptr<Services> services_ = std::make_shared<Services>();
  std::shared_ptr<Recorder> recorder_ = std::make_shared<Recorder>();
  std::unique_ptr<Session> session_;
};

TEST_F(SessionTest, OneLineForEachRunWithWhatItDid) {
  {
    auto run =
        session_->ExecuteScript("CREATE TABLE t AS SELECT range i FROM range(5); SELECT * FROM t");
    ASSERT_TRUE(run.ok()) << run.status().ToString();
    EXPECT_EQ(Drain(**run), 5);
  }
  EXPECT_FALSE(session_->ExecuteScript("SELECT 'x'::INTEGER FROM t").ok());
  ASSERT_EQ(recorder_->records.size(), 3u);
  EXPECT_EQ(recorder_->records[0].command, "CREATE TABLE AS");
  EXPECT_EQ(recorder_->records[0].rows, 5);
  EXPECT_EQ(recorder_->records[1].sql, "SELECT * FROM t");
  EXPECT_EQ(recorder_->records[1].rows, 5);
  EXPECT_EQ(recorder_->records[2].status.sqlstate(), "22P02");
}

TEST_F(SessionTest, AnOpenResultSurvivesTheNextStatement) {
  auto first = session_->ExecuteScript("SELECT range i, repeat('x', 40) FROM range(2000000)");
  ASSERT_TRUE(first.ok());
  auto head = (*first)->Next();
  ASSERT_TRUE(head.ok());
  auto second = session_->ExecuteScript("SELECT 1");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(Drain(**second), 1);
  EXPECT_EQ((*head)->num_rows() + Drain(**first), 2000000);
}

TEST_F(SessionTest, StatementTimeoutEndsAStatement) {
  ASSERT_TRUE(session_->Set("statement_timeout", "50").ok());
  auto run = session_->ExecuteScript(
      "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE (a.range * b.range) % 7 = 3");
  Status status = run.ok() ? (*run)->Next().status() : run.status();
  EXPECT_EQ(status.sqlstate(), "57014");
  EXPECT_THAT(status.message(), testing::HasSubstr("timeout"));
}

TEST_F(SessionTest, ImplicitTransactionsAreAllOrNothing) {
  ASSERT_TRUE(session_->ExecuteScript("CREATE TABLE t (i INTEGER)").ok());
  ASSERT_TRUE(session_->BeginImplicit(engine::TransactionVerb::kNone).ok());
  EXPECT_EQ(session_->visible_transaction_state(), engine::TransactionState::kIdle);
  ASSERT_TRUE(session_->ExecuteScript("INSERT INTO t VALUES (1)").ok());
  ASSERT_TRUE(session_->EndImplicit(false).ok());
  auto run = session_->ExecuteScript("SELECT * FROM t");
  EXPECT_EQ(Drain(**run), 0);
}

TEST_F(SessionTest, ATerminatedSessionSaysWhy) {
  session_->Terminate(errors::ShuttingDown("the server is stopping"));
  EXPECT_EQ(session_->ExecuteScript("SELECT 1").status().sqlstate(), "57P01");
}

}  // namespace
}  // namespace skein::session
