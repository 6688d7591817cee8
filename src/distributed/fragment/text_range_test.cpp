#include "distributed/fragment/text_range.h"

#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

constexpr LineDialect kPlain{};
constexpr LineDialect kBackslash{LineDialect::Kind::kCsv, ';', '\'', '\\'};
constexpr LineDialect kNoQuotes{LineDialect::Kind::kCsv, ',', 0, 0};
constexpr LineDialect kReturns{LineDialect::Kind::kCsvReturns, ',', '"', '"'};
constexpr LineDialect kJson{LineDialect::Kind::kJson};

TEST(LinesAreRecords, WhenNoLineBreakIsWithinQuotes) {
  EXPECT_TRUE(LinesAreRecords("", kPlain));
  EXPECT_TRUE(LinesAreRecords("a,b\n\n1,2", kPlain));
  EXPECT_TRUE(LinesAreRecords("\"a\",\"b,c\"\n\"d \"\"e\"\"\",\"\"\n\"\"\"\"\n", kPlain));
  EXPECT_TRUE(LinesAreRecords("'a\\'b\\\\';c\n", kBackslash));
  EXPECT_TRUE(LinesAreRecords("5\" pipe,\"\n\"", kNoQuotes));
}

TEST(LinesAreRecords, NotWithALineBreakWithinQuotes) {
  EXPECT_FALSE(LinesAreRecords("a,\"b\nc\",d\n", kPlain));
  EXPECT_FALSE(LinesAreRecords("a,\"b", kPlain));
  EXPECT_FALSE(LinesAreRecords("a,\"b\"\"\nc\"\n", kPlain));
  EXPECT_FALSE(LinesAreRecords("'a\\'\n", kBackslash));
  // An even number of quotes, and still within them.
  EXPECT_FALSE(LinesAreRecords("x\"y,\"abc\nd\"\n", kPlain));
}

TEST(LinesAreRecords, NotWhenItTakesMoreToKnow) {
  EXPECT_FALSE(LinesAreRecords("5\" pipe\n", kPlain));
  EXPECT_FALSE(LinesAreRecords("a, \"b\"\n", kPlain));
  EXPECT_FALSE(LinesAreRecords("\"a\"b,c\n", kPlain));
  EXPECT_FALSE(LinesAreRecords("a\rb\n", kPlain));
  EXPECT_FALSE(LinesAreRecords("a\r\n", kPlain));
}

TEST(LinesAreRecords, WhenAllLinesEndWithACarriageReturnToo) {
  EXPECT_TRUE(LinesAreRecords("", kReturns));
  EXPECT_TRUE(LinesAreRecords("a,b\r\n\r\n\"1\",2\r\n", kReturns));
  EXPECT_TRUE(LinesAreRecords("a,b\r\n1,2", kReturns));
  EXPECT_TRUE(LinesAreRecords("a,b\r\n1,2\r", kReturns));
  EXPECT_FALSE(LinesAreRecords("a,b\r\n1,2\n", kReturns));
  EXPECT_FALSE(LinesAreRecords("a\rb,c\r\n", kReturns));
  EXPECT_FALSE(LinesAreRecords("a,b\r\r\n", kReturns));
  EXPECT_FALSE(LinesAreRecords("a,\"b\r\nc\"\r\n", kReturns));
}

TEST(LinesAreRecords, WhenEachIsAJsonObject) {
  EXPECT_TRUE(LinesAreRecords("", kJson));
  EXPECT_TRUE(LinesAreRecords("{}\n\n  \r\n {\"a\": [1, {\"b\": 2}]} \r\n{\"c\":3}", kJson));
  EXPECT_TRUE(LinesAreRecords("{\"a}{\": \"\\\"}\\\\\"}\n", kJson));
  EXPECT_FALSE(LinesAreRecords("{\"a\": [1,\n2]}\n", kJson));
  EXPECT_FALSE(LinesAreRecords("{\"a\": 1}}\n", kJson));
  EXPECT_FALSE(LinesAreRecords("{\"a\": 1}{\"a\": 2}\n", kJson));
  EXPECT_FALSE(LinesAreRecords("[1, 2]\n", kJson));
  EXPECT_FALSE(LinesAreRecords("12\n", kJson));
  EXPECT_FALSE(LinesAreRecords("{\"a\": \"b\n\"}\n", kJson));
  EXPECT_FALSE(LinesAreRecords("{\"a\": \"b\\\"}\n", kJson));
}

}  // namespace
}  // namespace skein::distributed
