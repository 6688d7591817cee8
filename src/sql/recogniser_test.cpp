#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/session_statement.h"

namespace skein::sql {
namespace {

using testing::ElementsAre;
using Direction = FetchStatement::Direction;

template <typename T>
T Read(std::string_view text) {
  auto found = Recognise(text);
  EXPECT_TRUE(found.ok()) << text << ": " << found.status().ToString();
  if (!found.ok() || !*found || !std::holds_alternative<T>(**found)) {
    ADD_FAILURE() << text << " is something else";
    return T{};
  }
  return std::get<T>(**found);
}

bool Passed(std::string_view text) {
  auto found = Recognise(text);
  EXPECT_TRUE(found.ok()) << text << ": " << found.status().ToString();
  return found.ok() && !found->has_value();
}

Status Mistake(std::string_view text) {
  auto found = Recognise(text);
  EXPECT_FALSE(found.ok()) << text;
  return found.status();
}

TEST(Recogniser, Transactions) {
  EXPECT_TRUE(Read<BeginStatement>("BEGIN").modes.empty());
  EXPECT_TRUE(Read<BeginStatement>("begin work").modes.empty());
  auto begin = Read<BeginStatement>(
      "START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE");
  EXPECT_EQ(begin.modes.isolation, IsolationLevel::kRepeatableRead);
  EXPECT_EQ(begin.modes.read_only, true);
  EXPECT_EQ(begin.modes.deferrable, false);
  EXPECT_EQ(CommandOf(begin), "START TRANSACTION");
  EXPECT_EQ(Read<BeginStatement>("BEGIN TRANSACTION READ WRITE ISOLATION LEVEL SERIALIZABLE")
                .modes.isolation,
            IsolationLevel::kSerializable);
  EXPECT_FALSE(Read<CommitStatement>("END WORK").chain);
  EXPECT_TRUE(Read<CommitStatement>("COMMIT AND CHAIN").chain);
  EXPECT_FALSE(Read<RollbackStatement>("ABORT TRANSACTION AND NO CHAIN").chain);
  EXPECT_EQ(Read<SavepointStatement>("SAVEPOINT \"S 1\"").name, "S 1");
  EXPECT_EQ(Read<RollbackToStatement>("ROLLBACK WORK TO SAVEPOINT Sp").name, "sp");
  EXPECT_EQ(Read<RollbackToStatement>("ROLLBACK TO savepoint").name, "savepoint");
  EXPECT_EQ(Read<ReleaseStatement>("RELEASE sp").name, "sp");
  EXPECT_TRUE(Read<SetTransactionStatement>(
                  "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")
                  .session);
  EXPECT_FALSE(Read<SetTransactionStatement>("SET TRANSACTION READ ONLY").session);
  EXPECT_EQ(Mistake("BEGIN ISOLATION LEVEL CHAOS").position(), 22u);
  EXPECT_EQ(Mistake("BEGIN READ ONLY,").sqlstate(), "42601");
  EXPECT_EQ(Mistake("SET TRANSACTION").sqlstate(), "42601");
  EXPECT_EQ(Mistake("COMMIT PREPARED 'x'").sqlstate(), "0A000");
  EXPECT_EQ(Mistake("PREPARE TRANSACTION 'x'").sqlstate(), "0A000");
}

TEST(Recogniser, Settings) {
  EXPECT_EQ(Read<ShowStatement>("SHOW Search_Path").name, "search_path");
  EXPECT_EQ(Read<ShowStatement>("SHOW TRANSACTION ISOLATION LEVEL").name, "transaction_isolation");
  EXPECT_EQ(Read<ShowStatement>("SHOW TIME ZONE").name, "timezone");
  EXPECT_EQ(Read<ShowStatement>("SHOW my.setting").name, "my.setting");
  EXPECT_TRUE(Passed("SHOW ALL TABLES"));
  EXPECT_TRUE(Passed("SHOW TABLES FROM memory"));

  auto set = Read<SetStatement>("SET search_path TO a, 'B c', \"D\"");
  EXPECT_EQ(set.name, "search_path");
  ASSERT_EQ(set.values.size(), 3u);
  EXPECT_EQ(set.values[1].text, "B c");
  EXPECT_TRUE(set.values[2].quoted);
  EXPECT_FALSE(set.local);
  EXPECT_TRUE(Read<SetStatement>("SET LOCAL statement_timeout = 5000").local);
  EXPECT_EQ(Read<SetStatement>("SET SESSION extra_float_digits = -2").values[0].text, "-2");
  EXPECT_TRUE(Read<SetStatement>("SET DateStyle TO DEFAULT").reset);
  EXPECT_EQ(Read<SetStatement>("SET TIME ZONE 'Europe/Berlin'").values[0].text, "Europe/Berlin");
  EXPECT_EQ(Read<SetStatement>("SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE").values[0].text,
            "-08:00");
  EXPECT_TRUE(Read<SetStatement>("SET TIME ZONE LOCAL").reset);
  EXPECT_EQ(Read<SetStatement>("SET NAMES 'UTF8'").name, "client_encoding");
  EXPECT_EQ(Read<SetStatement>("SET SESSION AUTHORIZATION DEFAULT").name, "session_authorization");
  EXPECT_EQ(Read<SetStatement>("SET ROLE none").name, "role");
  EXPECT_EQ(Read<SetStatement>("SET schema = 's'").name, "schema");
  EXPECT_EQ(Read<SetStatement>("SET SCHEMA 's'").name, "search_path");
  EXPECT_EQ(Read<SetStatement>("RESET ALL").name, "all");
  EXPECT_TRUE(Read<SetStatement>("RESET TIME ZONE").reset);
  EXPECT_TRUE(Passed("SET VARIABLE x = 1"));
  EXPECT_TRUE(Passed("SET GLOBAL threads = 1"));
  EXPECT_TRUE(Passed("SET x = getvariable('y')"));
  EXPECT_TRUE(Passed("SET x = [1, 2]"));
  EXPECT_EQ(Mistake("SET x =").sqlstate(), "42601");
  EXPECT_EQ(Mistake(R"(SET x = E'\xff')").sqlstate(), "22021");
  EXPECT_EQ(Read<DiscardStatement>("DISCARD TEMPORARY").target, DiscardTarget::kTemp);
  EXPECT_EQ(Mistake("DISCARD EVERYTHING").position(), 8u);
}

TEST(Recogniser, Cursors) {
  std::string text = "DECLARE \"C\" NO SCROLL CURSOR WITH HOLD FOR SELECT ';' -- end";
  auto declare = Read<DeclareStatement>(text);
  EXPECT_EQ(declare.name, "C");
  EXPECT_TRUE(declare.hold);
  EXPECT_EQ(declare.scroll, false);
  EXPECT_EQ(declare.query.text, "SELECT ';'");
  EXPECT_EQ(text.substr(declare.query.offset, 10), "SELECT ';'");
  EXPECT_TRUE(Read<DeclareStatement>("DECLARE c BINARY INSENSITIVE SCROLL CURSOR FOR TABLE t")
                  .scroll.value());

  struct Case {
    const char* text;
    Direction direction;
    int64_t count;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"FETCH c", Direction::kForward, 1},
           {"FETCH FROM c", Direction::kForward, 1},
           {"FETCH NEXT IN c", Direction::kForward, 1},
           {"FETCH 5 c", Direction::kForward, 5},
           {"FETCH FORWARD 7 FROM c", Direction::kForward, 7},
           {"FETCH ALL FROM c", Direction::kForward, FetchStatement::kAll},
           {"FETCH FORWARD ALL c", Direction::kForward, FetchStatement::kAll},
           {"FETCH FORWARD c", Direction::kForward, 1},
           {"FETCH -3 FROM c", Direction::kBackward, 3},
           {"FETCH PRIOR FROM c", Direction::kBackward, 1},
           {"FETCH BACKWARD ALL FROM c", Direction::kBackward, FetchStatement::kAll},
           {"FETCH BACKWARD -2 c", Direction::kForward, 2},
           {"FETCH FIRST FROM c", Direction::kAbsolute, 1},
           {"FETCH LAST FROM c", Direction::kAbsolute, -1},
           {"FETCH ABSOLUTE -4 FROM c", Direction::kAbsolute, -4},
           {"FETCH RELATIVE 0 FROM c", Direction::kRelative, 0}}) {
    auto fetch = Read<FetchStatement>(one.text);
    EXPECT_EQ(fetch.cursor, "c") << one.text;
    EXPECT_EQ(fetch.direction, one.direction) << one.text;
    EXPECT_EQ(fetch.count, one.count) << one.text;
  }
  EXPECT_EQ(Read<FetchStatement>("FETCH next").cursor, "next");
  EXPECT_TRUE(Read<FetchStatement>("MOVE ALL c").move);
  EXPECT_FALSE(Read<CloseStatement>("CLOSE ALL").name.has_value());
  EXPECT_EQ(Mistake("FETCH 5 FROM").sqlstate(), "42601");
  EXPECT_EQ(Mistake("FETCH 99999999999999999999 c").sqlstate(), "42601");
  EXPECT_EQ(Mistake("DECLARE c CURSOR").sqlstate(), "42601");
}

TEST(Recogniser, Prepared) {
  auto prepare = Read<PrepareStatement>("PREPARE p (int, numeric(10, 2), text[]) AS SELECT $1");
  EXPECT_THAT(prepare.types, ElementsAre("int", "numeric(10, 2)", "text[]"));
  EXPECT_EQ(prepare.query.text, "SELECT $1");
  auto execute = Read<ExecuteStatement>("EXECUTE p (1 + f(2, 3), '),', [1, 2])");
  ASSERT_EQ(execute.arguments.size(), 3u);
  EXPECT_EQ(execute.arguments[0].text, "1 + f(2, 3)");
  EXPECT_EQ(execute.arguments[1].text, "'),'");
  EXPECT_EQ(execute.arguments[2].text, "[1, 2]");
  EXPECT_TRUE(Read<ExecuteStatement>("EXECUTE p()").arguments.empty());
  EXPECT_EQ(Read<DeallocateStatement>("DEALLOCATE PREPARE \"P\"").name, "P");
  EXPECT_FALSE(Read<DeallocateStatement>("DEALLOCATE PREPARE ALL").name.has_value());
  EXPECT_EQ(Mistake("EXECUTE p(1,)").sqlstate(), "42601");
  EXPECT_EQ(Mistake("EXECUTE p(1])").sqlstate(), "42601");
  EXPECT_EQ(Mistake("PREPARE p AS").sqlstate(), "42601");
}

TEST(Recogniser, TheRest) {
  EXPECT_FALSE(Read<ListenStatement>("UNLISTEN *").channel.has_value());
  EXPECT_EQ(Read<ListenStatement>("NOTIFY c, 'payload'").channel, "c");
  auto explain =
      Read<ExplainStatement>("EXPLAIN (ANALYZE false, VERBOSE, BUFFERS off, FORMAT JSON) SELECT 1");
  EXPECT_FALSE(explain.analyze);
  EXPECT_EQ(explain.format, ExplainStatement::Format::kJson);
  EXPECT_EQ(explain.query.text, "SELECT 1");
  explain = Read<ExplainStatement>("EXPLAIN (DISTRIBUTED, analyze) SELECT 1");
  EXPECT_TRUE(explain.distributed);
  EXPECT_TRUE(explain.analyze);
  EXPECT_EQ(explain.query.text, "SELECT 1");
  EXPECT_FALSE(Read<ExplainStatement>("EXPLAIN (DISTRIBUTED off) SELECT 1").distributed);
  EXPECT_EQ(Mistake("EXPLAIN (DISTRIBUTED 2) SELECT 1").sqlstate(), "42601");
  EXPECT_TRUE(Read<ExplainStatement>("EXPLAIN ANALYZE VERBOSE SELECT 1").analyze);
  EXPECT_FALSE(explain.plain);
  for (const char* plain :
       {"EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1"})
    EXPECT_TRUE(Read<ExplainStatement>(plain).plain) << plain;
  for (const char* text : {"EXPLAIN (FORMAT graphviz) SELECT 1", "SELECT 1", "\"begin\"",
                           "(SELECT 1)", "", "beginning"}) {
    EXPECT_TRUE(Passed(text)) << text;
  }
}

}  // namespace
}  // namespace skein::sql
