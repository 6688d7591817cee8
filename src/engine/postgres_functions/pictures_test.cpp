// Templates of to_char() and their like. What is expected was said by PostgreSQL 15.

#include <array>
#include <string>

#include "duckdb/common/exception.hpp"
#include <gtest/gtest.h>

#include "engine/postgres_functions/json_tree.h"
#include "engine/postgres_functions/number_picture.h"
#include "engine/postgres_functions/regex_pattern.h"
#include "engine/postgres_functions/time_picture.h"
#include "results/time_text.h"

namespace skein::engine {
namespace {

struct Case {
  const char* value;
  const char* picture;
  const char* expected;
};

TEST(NumberPicture, FormatsAsPostgresql) {
  for (const Case& one : std::to_array<Case>({
           {"125", "999", " 125"},
           {"-125.80", "999D99S", "125.80-"},
           {"-0.10", "99.99", "  -.10"},
           {"0.10", "FM9.99", ".1"},
           {"12.0", "9990999.9", "    0012.0"},
           {"12.0", "FM9990999.9", "0012."},
           {"1485", "9G999", " 1,485"},
           {"148.500", "FM999.990", "148.500"},
           {"485", "PL999", "+ 485"},
           {"-485", "9SG99", "4-85"},
           {"-485", "999PR", "<485>"},
           {"485", "RN", "        CDLXXXV"},
           {"482", "999th", " 482nd"},
           {"1234", "999", " ###"},
           {"0", "FM99", "0"},
           {"0.1", ".9", " .#"},
           {"126", "999D", " 126"},
       })) {
    EXPECT_EQ(NumberPicture(one.picture).Format(one.value), one.expected) << one.picture;
  }
}

TEST(NumberPicture, ReadsWhatItWrites) {
  EXPECT_EQ(NumberPicture("99G999D9S").Parse("12,454.8-"), "-12454.8");
  EXPECT_EQ(NumberPicture("L9,999.99").Parse("$1,234.50"), "1234.50");
  EXPECT_EQ(NumberPicture("99V9").Parse("123"), "12.3");
  EXPECT_THROW(NumberPicture("999").Parse("abc"), duckdb::Exception);
  EXPECT_THROW(NumberPicture("9.9.9"), duckdb::Exception);
}

TEST(TimePicture, FormatsAsPostgresql) {
  TimeParts time;
  time.year = 2002;
  time.month = 4;
  time.day = 20;
  time.hour = 17;
  time.minute = 31;
  time.second = 12;
  time.micros = 660000;
  for (const Case& one : std::to_array<Case>({
           {"", "HH12:MI:SS.MS", "05:31:12.660"},
           {"", "Day, DDth Month YYYY", "Saturday , 20th April     2002"},
           {"", "FMDay, FMDDth FMMonth YYYY", "Saturday, 20th April 2002"},
           {"", "IYYY-\"W\"IW-ID J Q CC", "2002-W16-6 2452385 2 21"},
           {"", "Y,YYY RM a.m. BC", "2,002 IV   p.m. AD"},
       })) {
    EXPECT_EQ(TimePicture(one.picture).Format(time), one.expected) << one.picture;
  }
}

TEST(TimePicture, ReadsAsPostgresql) {
  auto days = [](const char* text, const char* picture) {
    return TimePicture(picture).Parse(text).days;
  };
  EXPECT_EQ(days("05 Dec 2000", "DD Mon YYYY"), results::DaysFromCivil(2000, 12, 5));
  EXPECT_EQ(days("97/Feb/16", "YY/Mon/DD"), results::DaysFromCivil(1997, 2, 16));
  EXPECT_EQ(days("2006-42-3", "IYYY-IW-ID"), results::DaysFromCivil(2006, 10, 18));
  EXPECT_EQ(days("1997 BC 11 16", "YYYY BC MM DD"), results::DaysFromCivil(-1996, 11, 16));
  EXPECT_EQ(TimePicture("HH12:MI PM").Parse("12:30 AM").micros, 30LL * 60 * 1000000);
  for (const Case& one : std::to_array<Case>({{"abc", "YYYY", ""},
                                              {"2000-13-05", "YYYY-MM-DD", ""},
                                              {"2023 366", "YYYY DDD", ""},
                                              {"99999999999", "J", ""},
                                              {"13", "HH12", ""}})) {
    EXPECT_THROW(days(one.value, one.picture), duckdb::Exception) << one.value;
  }
}

TEST(JsonTree, KeepsNumbersAndOrdersAsJsonb) {
  JsonTree tree = ParseJson(R"( {"bb":1.10,"a":[1,  2],"a":{"y":null}} )");
  EXPECT_EQ(WriteJson(tree, JsonStyle::kJsonb), R"({"a": {"y": null}, "bb": 1.10})");
  EXPECT_TRUE(JsonContains(ParseJson("[1,[2,3]]"), ParseJson("[[3]]")));
  EXPECT_FALSE(JsonContains(ParseJson(R"({"a":1})"), ParseJson(R"({"a":"1"})")));
  EXPECT_THROW(ParseJson("{\"a\":01}"), duckdb::Exception);
  EXPECT_THROW(ParseJson(std::string(100000, '[')), duckdb::Exception);
}

TEST(RegexPattern, IsTranslated) {
  EXPECT_EQ(ToRe2(R"(\mfoo\M[\y])"), R"(\bfoo\b[\y])");
  EXPECT_EQ(SimilarToRe2("a.c%(b|_)"), R"((?:a\.c.*(?:b|.)))");
  EXPECT_EQ(ReplacementToRe2(R"([\&]\1\x)"), R"([\0]\1\\x)");
  EXPECT_TRUE(HoldsLazyQuantifier("a+?"));
  EXPECT_FALSE(HoldsLazyQuantifier(R"(a\+?[+?])"));
}

}  // namespace
}  // namespace skein::engine
