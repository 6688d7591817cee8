#include "distributed/fragment/text_range.h"

#include <gtest/gtest.h>

namespace skein::distributed {
namespace {

constexpr LineDialect kPlain{};
constexpr LineDialect kBackslash{';', '\'', '\\'};
constexpr LineDialect kNoQuotes{',', 0, 0};

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

}  // namespace
}  // namespace skein::distributed
