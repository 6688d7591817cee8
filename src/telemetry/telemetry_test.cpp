#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/query_log.h"

namespace skein::telemetry {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Line(LogFormat format, std::string_view message, std::vector<LogField> fields) {
  return FormatLogLine(format, 1700000000123, LogLevel::kInfo, message, fields.data(),
                       fields.size());
}

TEST(FormatLogLine, WritesLogfmt) {
  EXPECT_EQ(Line(LogFormat::kLogfmt, "door is open",
                 {Field("door", "pg"), Field("port", 5432), Field("tls", true), Field("load", 0.5),
                  Field("empty", "")}),
            "ts=2023-11-14T22:13:20.123Z level=info msg=\"door is open\" door=pg port=5432 "
            "tls=true load=0.5 "
            "empty=\"\"");
}

TEST(FormatLogLine, WritesJson) {
  EXPECT_EQ(Line(LogFormat::kJson, "go",
                 {Field("n", uint64_t{18446744073709551615u}), Field("s", "a b")}),
            "{\"ts\":\"2023-11-14T22:13:20.123Z\",\"level\":\"info\",\"msg\":\"go\",\"n\":"
            "18446744073709551615,"
            "\"s\":\"a b\"}");
}

TEST(FormatLogLine, AValueCanNeitherEndTheLineNorPoseAsAField) {
  std::string_view bad("a\nb\" level=error \\\x01\x7f\t\xc3\xa9 \xff\xed\xa0\x80", 32);
  for (LogFormat format : {LogFormat::kLogfmt, LogFormat::kJson}) {
    std::string line = Line(format, "m", {Field("v", bad)});
    EXPECT_THAT(
        line,
        HasSubstr(
            "\"a\\nb\\\" level=error \\\\\\u0001\\u007f\\t\xc3\xa9 \\ufffd\\ufffd\\ufffd\\ufffd"));
    EXPECT_THAT(line, Not(HasSubstr("\n")));
  }
  EXPECT_THAT(Line(LogFormat::kLogfmt, "m", {Field("v", "a=b")}), HasSubstr("v=\"a=b\""));
  EXPECT_THAT(Line(LogFormat::kJson, "m", {Field("v", 1.0 / 0.0)}), HasSubstr("\"v\":\"inf\""));
}

class LogFile : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ = (std::filesystem::path(::testing::TempDir()) /
             ("skein-log-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
              std::to_string(getpid()) + ".txt"))
                .string();
    std::filesystem::remove(file_);
  }
  void TearDown() override {
    ShutdownLogging();
    std::filesystem::remove(file_);
  }
  std::string Content() {
    std::ostringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }
  std::string file_;
};

TEST_F(LogFile, LosesNoLineOfManyThreads) {
  ASSERT_TRUE(InitLogging(LogLevel::kInfo, LogFormat::kLogfmt, file_).ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 5000; ++i) Log(LogLevel::kInfo, "line", {Field("i", i)});
    });
  }
  for (auto& thread : threads) thread.join();
  Log(LogLevel::kDebug, "not shown");
  ShutdownLogging();
  std::string content = Content();
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 20000);
  EXPECT_THAT(content, Not(HasSubstr("not shown")));
}

TEST_F(LogFile, LinesQueuedAtExitAreWritten) {
  EXPECT_EXIT(
      {
        if (!InitLogging(LogLevel::kInfo, LogFormat::kLogfmt, file_).ok()) std::exit(1);
        for (int i = 0; i < 3000; ++i) Log(LogLevel::kInfo, "line");
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "");
  std::string content = Content();
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 3000);
}

TEST_F(LogFile, AFileThatCannotBeWrittenIsAnError) {
  EXPECT_THAT(InitLogging(LogLevel::kInfo, LogFormat::kJson, "/proc/no/such/log").hint(),
              HasSubstr("log_file"));
}

TEST_F(LogFile, AQueryIsOneLineAndLongSqlIsCut) {
  ASSERT_TRUE(InitLogging(LogLevel::kInfo, LogFormat::kLogfmt, file_).ok());
  QueryRecord record;
  record.id = "q1";
  record.door = "pg";
  record.sql = "SELECT\n1";
  record.rows = 3;
  record.started_at =
      std::chrono::system_clock::time_point(std::chrono::milliseconds(1700000000123));
  LogQuery(record);
  record.sql = std::string(kMaxLoggedSqlBytes - 1, 'x') + "\xc3\xa9";
  record.status = errors::Internal("it broke");
  LogQuery(record);
  ShutdownLogging();
  std::istringstream lines(Content());
  std::string first, second;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_THAT(
      first, AllOf(HasSubstr("level=info msg=query id=q1"), HasSubstr("rows=3"),
                   HasSubstr("sqlstate=00000"), HasSubstr("started_at=2023-11-14T22:13:20.123000Z"),
                   HasSubstr("sql=\"SELECT\\n1\"")));
  EXPECT_THAT(second, AllOf(HasSubstr("level=error"),
                            HasSubstr("sqlstate=XX000 error_class=internal error=\"it broke\""),
                            HasSubstr("x sql_bytes=4097")));
}

TEST(TruncateUtf8, NeverCutsACharacter) {
  EXPECT_EQ(TruncateUtf8("abc", 5), "abc");
  EXPECT_EQ(TruncateUtf8("abc", 2), "ab");
  EXPECT_EQ(TruncateUtf8("a\xf0\x9f\xa6\x86", 4), "a");
  EXPECT_EQ(TruncateUtf8("a\xf0\x9f\xa6\x86z", 5), "a\xf0\x9f\xa6\x86");
}

TEST(Metrics, CountsWhatHappens) {
  Metrics metrics({"0.1.0", "1.5.5"});
  metrics.SessionOpened(Door::kPg);
  metrics.QueryStarted(Door::kPg);
  metrics.QueryStarted(Door::kHttp);
  metrics.QueryFinished(Door::kPg, StatusCode::kOk, std::chrono::milliseconds(3), 10, 1000);
  metrics.QueryFinished(Door::kHttp, StatusCode::kCancelled, std::chrono::seconds(400), 0, 0);
  metrics.QueryStarted(Door::kHttp);
  metrics.Error(Door::kPg, StatusCode::kUnauthenticated);
  metrics.SetQueueDepth(4);
  metrics.QueueWaited(std::chrono::milliseconds(20));
  metrics.SetMemorySource(
      [] { return std::vector<std::pair<std::string, uint64_t>>{{"used", 70}, {"results", 30}}; });
  metrics.RenderPrometheus();
  std::istringstream text(metrics.RenderPrometheus());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);

  for (const char* expected : {
           "skein_queries_total{door=\"pg\",status=\"ok\"} 1",
           "skein_queries_total{door=\"http\",status=\"cancelled\"} 1",
           "skein_queries_total{door=\"flightsql\",status=\"error\"} 0",
           "skein_query_duration_seconds_bucket{door=\"pg\",le=\"0.0025\"} 0",
           "skein_query_duration_seconds_bucket{door=\"pg\",le=\"0.005\"} 1",
           "skein_query_duration_seconds_bucket{door=\"http\",le=\"300\"} 0",
           "skein_query_duration_seconds_bucket{door=\"http\",le=\"+Inf\"} 1",
           "skein_active_queries 1",
           "skein_sessions{door=\"pg\"} 1",
           "skein_sessions_total{door=\"pg\"} 1",
           "skein_result_rows_total{door=\"pg\"} 10",
           "skein_result_bytes_total{door=\"pg\"} 1000",
           "skein_errors_total{class=\"unauthenticated\",door=\"pg\"} 1",
           "skein_errors_total{class=\"cancelled\",door=\"http\"} 1",
           "skein_memory_bytes{kind=\"used\"} 70",
           "skein_build_info{duckdb=\"1.5.5\",version=\"0.1.0\"} 1",
           "tavana_query_queue_depth 4",
           "tavana_query_queue_wait_seconds_bucket{le=\"0.05\"} 1",
           "tavana_query_duration_seconds_count 2",
           "tavana_active_queries 1",
           "tavana_worker_memory_bytes 70",
       }) {
    EXPECT_THAT(lines, ::testing::Contains(std::string(expected)));
  }
}

}  // namespace
}  // namespace skein::telemetry
