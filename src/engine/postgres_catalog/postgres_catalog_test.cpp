#include <gtest/gtest.h>

#include "engine/postgres_catalog/array_literal.h"
#include "engine/postgres_catalog/pg_types.h"
#include "engine/postgres_catalog/snapshot.h"
#include "engine/session_directory.h"

namespace skein::engine::postgres_catalog {
namespace {

using Names = std::vector<std::string>;

TEST(PostgresCatalogTest, NamesAreReadAsPostgresReadsThem) {
  EXPECT_EQ(SplitName("Orders"), Names({"orders"}));
  EXPECT_EQ(SplitName(" public . \"Or\"\"ders\" "), Names({"public", "Or\"ders"}));
  EXPECT_EQ(SplitName("\"a.b\".c"), Names({"a.b", "c"}));
  for (const char* bad : {"", ".", "a.", ".a", "\"a", "a b", "\"\""}) {
    EXPECT_EQ(SplitName(bad), Names()) << bad;
  }
  EXPECT_EQ(QuoteIdentifier("orders"), "orders");
  EXPECT_EQ(QuoteIdentifier("Orders"), "\"Orders\"");
  EXPECT_EQ(QuoteIdentifier("select"), "\"select\"");
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
}

TEST(PostgresCatalogTest, NumbersStayTheSame) {
  // Written down: they must not change from one release to the next.
  EXPECT_EQ(StableOid("relation", "memory", "main", "orders"),
            StableOid("relation", "memory", "main", "orders"));
  EXPECT_NE(StableOid("relation", "memory", "main", "ab"),
            StableOid("relation", "memory", "maina", "b"));
  for (const char* name : {"a", "b", "orders", ""}) {
    uint32_t oid = StableOid("relation", "memory", "main", name);
    EXPECT_GE(oid, 16384U);
    EXPECT_LT(oid, 1U << 31);
  }
}

TEST(PostgresCatalogTest, ArraysAreRead) {
  EXPECT_EQ(ParseArrayLiteral("{a,b}")->ToString(), "[a, b]");
  EXPECT_EQ(ParseArrayLiteral("{}")->ToString(), "[]");
  EXPECT_EQ(ParseArrayLiteral(" { 1 , NULL, \"NULL\" } ")->ToString(), "[1, NULL, 'NULL']");
  EXPECT_EQ(ParseArrayLiteral("{\"a,}\\\"\",b\\,c}")->ToString(), "['a,}\"', 'b,c']");
  EXPECT_EQ(ParseArrayLiteral("{{1,2},{3,4}}")->ToString(), "[[1, 2], [3, 4]]");
  for (const char* bad : {"", "a", "{", "{a", "{a,}", "{a}b", "{\"a}", "{{1},2}", "{a\"b\"}"}) {
    EXPECT_FALSE(ParseArrayLiteral(bad)) << bad;
  }
  EXPECT_FALSE(ParseArrayLiteral(std::string(100, '{') + std::string(100, '}')));
}

TEST(PostgresCatalogTest, TypesHaveBothNames) {
  EXPECT_EQ(BuiltinTypeOid("int4"), 23U);
  EXPECT_EQ(BuiltinTypeOid("Integer"), 23U);
  EXPECT_EQ(BuiltinTypeOid("pg_catalog.int4"), 23U);
  EXPECT_EQ(BuiltinTypeOid("character varying(10)[]"), 1015U);
  EXPECT_EQ(BuiltinTypeOid("timestamp with time zone"), 1184U);
  EXPECT_EQ(BuiltinTypeOid("\"char\""), 18U);
  EXPECT_EQ(BuiltinTypeOid("nope"), 0U);
  EXPECT_EQ(BuiltinTypeName(1015, 14), "character varying(10)[]");
  EXPECT_EQ(BuiltinTypeName(1700, -1), "numeric");
  EXPECT_EQ(BuiltinTypeName(99999, -1), "");
  for (uint32_t oid : {16U, 20U, 23U, 25U, 700U, 1009U, 1114U, 1700U, 2950U, 3802U}) {
    EXPECT_EQ(BuiltinTypeOid(BuiltinTypeName(oid, -1)), oid);
  }
}

TEST(SessionDirectoryTest, StopsWhatIsThereAndOnlyThat) {
  SessionDirectory directory;
  int stopped = 0;
  auto entry = directory.Add("ann", "pg", "127.0.0.1:5", [&](const Status&, bool) {
    ++stopped;
    return true;
  });
  ASSERT_EQ(directory.Find(entry->pid), entry);
  EXPECT_TRUE(SessionDirectory::Stop(*entry, errors::Cancelled("test"), false));
  entry->Begin("SELECT 1");
  EXPECT_TRUE(entry->state().active);
  entry->End(true);
  EXPECT_FALSE(entry->state().active);
  EXPECT_TRUE(entry->state().in_transaction);
  directory.Remove(entry);
  EXPECT_EQ(directory.Find(entry->pid), nullptr);
  EXPECT_FALSE(SessionDirectory::Stop(*entry, errors::Cancelled("test"), false));
  EXPECT_EQ(stopped, 1);
}

}  // namespace
}  // namespace skein::engine::postgres_catalog
